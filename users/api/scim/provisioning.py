"""Changes by an identity provider: accounts are created, opened, closed and deleted, with the cause `provisioning`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, router, transaction
from django.db.models import QuerySet
from django_scim.exceptions import BadRequestError, IntegrityError, NotFoundError, SCIMException

from users import invitations, lifecycle
from users.api.models import ScimIdentity
from users.api.scim.patching import Wanted
from users.causes import Cause
from users.conf import conf
from users.input import mailbox
from users.models import UserFSM
from users.operations import superusers, transitioning
from users.operations.superusers import Protected, keeper_reason
from users.states import State

DESCRIPTION = "by SCIM"
FIELDS = {"givenName": "first_name", "familyName": "last_name"}


def require(by: Any, *permissions: str) -> None:
    """Raise 403 unless the caller has these permissions."""
    if not by.has_perms(permissions):
        raise SCIMException("The token does not permit this.", status=HTTPStatus.FORBIDDEN)


def create(wanted: Wanted, *, by: Any) -> Any:
    """
    Make the account of a new user and return the user.

    By `USERS_SCIM_ACTIVATION` it is open at once, or the person is invited. With `active: false` it is closed.
    """
    require(by, "user_lifecycle.invite_userfsm")
    username = wanted.get("userName") or ""
    email = wanted.get("email") or (username if "@" in username else "")
    names = {FIELDS[name]: wanted.get(name, "") for name in FIELDS}
    invited = conf.scim_activation == "invite" and wanted.get("active", True)
    try:
        with transaction.atomic(using=router.db_for_write(UserFSM)):
            _check_login_name(username)
            make = invitations.invite if invited else invitations.enrol
            user = make(email=email, username=username, by=by, **names)
            if not invited:
                _open_or_close(user.fsm, active=wanted.get("active", True), by=by)
            _identify(user, wanted)
    except ValidationError as error:
        raise _scim_error(error) from error
    return user


def update(user: Any, wanted: Wanted, *, by: Any) -> None:
    """Change a user to the wanted values: all of them, or none. Raises 404 for one who was deleted meanwhile."""
    using = router.db_for_write(UserFSM)
    people = get_user_model()._base_manager.using(using).filter(pk=user.pk)
    try:
        with transaction.atomic(using=using):
            _write_fields(user, wanted, by=by)
            if "externalId" in wanted:
                _require_there(user, people.select_for_update(no_key=True))  # a row about nobody would fail at COMMIT
                _identify(user, wanted)
            if "active" in wanted:
                set_active(user, active=wanted["active"], by=by)
    except DatabaseError:
        _require_there(user, people)
        raise


def _require_there(user: Any, people: QuerySet[Any]) -> None:
    if not people.exists():
        raise NotFoundError(user.pk)


def set_active(user: Any, *, active: bool, by: Any) -> None:
    """
    Deactivate or reactivate an account, unless it already is so.

    A locked account stays locked until an administrator unlocks it or the lock ends. By `USERS_SCIM_ACTIVATION`, an
    invited person becomes active at once or by accepting, and one who comes back without a password gets a link.
    """
    state = user.fsm.current_state
    if active and state == State.DEACTIVATED:
        _move("reactivate", user, by=by)
        if conf.scim_activation == "invite":
            invitations.welcome_back(user, using=user.fsm.database)
    elif active and state == State.INVITED and conf.scim_activation != "invite":
        _move("activate", user, by=by)
    elif not active and state != State.DEACTIVATED:
        _move("deactivate", user, by=by)


def remove(user: Any, *, by: Any) -> None:
    """Carry out DELETE as `USERS_SCIM_DELETE` says: deactivate the account, or delete the user."""
    if conf.scim_delete != "delete":
        set_active(user, active=False, by=by)
        return
    require(by, f"{user._meta.app_label}.delete_{user._meta.model_name}")
    with transaction.atomic(using=router.db_for_write(UserFSM)):
        protected = Protected.read(using=user.fsm.database, lock=True)
        reason = protected.why_not(user.fsm.pk, by=by, shuts=True) or ("yourself" * (user.pk == by.pk))
        if reason:
            raise SCIMException(reason, status=HTTPStatus.FORBIDDEN)
        with lifecycle.ending(by=by, description=DESCRIPTION, cause=Cause.PROVISIONING):
            user.delete()


def _open_or_close(fsm: UserFSM, *, active: bool, by: Any) -> None:
    words: dict[str, Any] = {"by": by, "description": DESCRIPTION, "cause": Cause.PROVISIONING}
    if active and fsm.current_state == State.INVITED:
        fsm.activate(**words)
    elif not active and fsm.current_state != State.DEACTIVATED:
        fsm.deactivate(**words)


def _move(name: str, user: Any, *, by: Any) -> None:
    require(by, f"user_lifecycle.{name}_userfsm")
    try:
        moved = transitioning.move_one(name, user.pk, by=by, description=DESCRIPTION, cause=Cause.PROVISIONING)
    except PermissionDenied as error:
        raise SCIMException(str(error), status=HTTPStatus.FORBIDDEN) from error
    if moved.fsm is None:
        raise NotFoundError(user.pk)
    if not moved.tally.changed:
        reason = next(iter(moved.tally.left))
        protected = moved.fsm.current_state in UserFSM.sources_of(name)
        raise SCIMException(reason, status=HTTPStatus.FORBIDDEN) if protected else IntegrityError(reason)
    user.fsm.refresh_from_db()


def _write_fields(user: Any, wanted: Wanted, *, by: Any) -> None:
    model: Any = get_user_model()
    names = {field.name for field in model._meta.get_fields()}
    fields = {"userName": model.USERNAME_FIELD, "email": model.get_email_field_name(), **FIELDS}
    changed = []
    for attribute, field in fields.items():
        if attribute in wanted and field in names and getattr(user, field) != wanted[attribute]:
            setattr(user, field, wanted[attribute])
            changed.append(field)
    if not changed:
        return
    require(by, f"{user._meta.app_label}.change_{user._meta.model_name}")
    if not superusers.may_change(user, by=by):
        raise SCIMException(keeper_reason(), status=HTTPStatus.FORBIDDEN)
    try:
        if fields["email"] in changed:
            _use_address(user, fields["email"])
        if fields["userName"] in changed:
            _check_login_name(wanted["userName"], of=user)
        user.full_clean(exclude=[name for name in names if name not in changed], validate_constraints=False)
    except ValidationError as error:
        raise _scim_error(error) from error
    user.save(update_fields=changed)


def _check_login_name(name: str, *, of: Any = None) -> None:
    """
    Raise `ValidationError` if somebody else has this name in whatever case.

    Providers compare names without regard to case (RFC 7643, 4.1.1), and stop at a filter that finds two people.
    """
    model: Any = get_user_model()
    field = model.USERNAME_FIELD
    others = model._default_manager.filter(**{f"{field}__iexact": name}).exclude(pk=of.pk if of else None)
    if others.exists():
        raise ValidationError({field: model().unique_error_message(model, [field])})


def _use_address(user: Any, field: str) -> None:
    """Give the address its normal form; raise `ValidationError` if somebody else has it."""
    setattr(user, field, mailbox.normal_form(getattr(user, field)))
    if mailbox.is_taken(user, using=router.db_for_write(UserFSM)):
        raise ValidationError({field: mailbox.TAKEN})


def _identify(user: Any, wanted: Wanted) -> None:
    """Keep the provider's own identifier of the user."""
    if "externalId" in wanted:
        external_id = wanted["externalId"]
        if len(external_id) > ScimIdentity.LONGEST:
            raise BadRequestError("externalId is too long.", scim_type="invalidValue")
        user.scim_identity, _ = ScimIdentity.objects.update_or_create(user=user, defaults={"external_id": external_id})


def _scim_error(error: ValidationError) -> SCIMException:
    """Return 400 for an invalid value, and 409 for one that belongs to somebody else."""
    codes = {each.code for errors in getattr(error, "error_dict", {"": [error]}).values() for each in errors}
    text = "; ".join(error.messages)
    if "unique" in codes or str(mailbox.TAKEN) in error.messages:
        return IntegrityError(text, scim_type="uniqueness")
    return BadRequestError(text, scim_type="invalidValue")
