"""
Invitations: a person gets a link by email and chooses a password, which activates the account.

THE LINK. It contains the account's key and the time of the invitation, signed. It is valid while the account is
invited, and while that time is the one in the row (`UserFSM.invited_at`) and not older than `USERS_INVITATION_MAX_AGE`.
So accepting it uses it up, and deactivating the account revokes it. A new link replaces the previous one once its email
has been sent, and not earlier.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import EmailValidator
from django.db import IntegrityError, router, transaction
from django.db.models import Field, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from post_office.models import STATUS

from users import lifecycle, mail
from users.actors import By
from users.causes import Cause
from users.conf import conf
from users.exceptions import InvitationNotValid, MailNotComposed
from users.input import mailbox
from users.input.text import is_storable
from users.invitations.sending import KIND, lock_all, send_links
from users.links import pages
from users.links.account import digest_of_address, has_address, locked
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import names_for
from users.mail.queue import restored
from users.models import Mail, UserFSM
from users.rows.user_model import address_is_name, has_field, may_be_missing
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

ASKED_AT_MOST_EVERY = timedelta(hours=1)
"""A stranger who knows an address cannot trigger emails more often than this with `ask_anew`."""

NOT_STORABLE = gettext_lazy("This text has characters that cannot be stored.")

NO_ADDRESSES = gettext_lazy("Accounts have no email address here, so nobody can be invited.")

logger = logging.getLogger("users.invitations")


def invite(
    *,
    email: str,
    username: str,
    first_name: str = "",
    last_name: str = "",
    fields: Mapping[str, Any] | None = None,
    by: By = None,
    ends_at: datetime | None = None,
) -> User:
    """
    Create an account without a password, queue the email with its link in the same transaction, and return the user.

    `fields` has values of other fields that the user model asks for, by name.

    Raises `ValidationError`, by field, for invalid data and for an existing account. The record and the log
    name `by` as who made the account. At `ends_at` it is deactivated; raises `ValueError` if that has passed.
    """
    user = prepared(email=email, username=username, first_name=first_name, last_name=last_name, fields=fields)
    with _created(user, by=by):
        if ends_at is not None:
            schedule_end(user, ends_at, by=by)
        send_links(lock_all([user.pk], using=_database()), using=_database())
    logger.info("invited %r, by %r", user.get_username(), str(by or ""))
    return user


def schedule_end(user: User, ends_at: datetime, *, by: By = None) -> None:
    """Let the account be deactivated at this time; raise `ValueError` if that has passed."""
    user.fsm.schedule("deactivate", at=ends_at, by=by, description="end of the account")


def enrol(*, email: str, username: str, first_name: str = "", last_name: str = "", by: By = None) -> User:
    """
    Create an account without a password and without an email, for people who log in elsewhere; return the user.

    Raises `ValidationError`, by field, as `invite` does.
    """
    user = prepared(email=email, username=username, first_name=first_name, last_name=last_name)
    with _created(user, by=by):
        pass
    logger.info("enrolled %r, by %r", user.get_username(), str(by or ""))
    return user


def ask_anew(email: str) -> None:
    """
    Accept a request for new links for the invited accounts with this address.

    It does not reveal whether there are any: the answer is always the same, and the accounts are looked up outside the
    request. Accounts that never got a link, or got one within the last hour, get none.
    """
    mail.ask(KIND, email)


@mail.on_request(KIND)
def _renew_all(address: str, using: str) -> None:
    before = timezone.now() - ASKED_AT_MOST_EVERY
    invited = UserFSM.objects.using(using).in_state(State.INVITED).select_related("user")
    for found in invited.filter(mailbox.having(address, "user__"), invited_at__lt=before):
        # Checked again under the row lock, so that two simultaneous requests send one email.
        same = [fsm for fsm in lock_all([found.user_id], using=using) if fsm.invited_at == found.invited_at]
        send_links([fsm for fsm in same if fsm.current_state == State.INVITED], using=using)


def prepared(
    *, email: str, username: str, first_name: str = "", last_name: str = "", fields: Mapping[str, Any] | None = None
) -> User:
    """
    Return the unsaved user that an invitation would create, without looking for existing ones.

    First and last name are ignored if the user model lacks the fields, and so is the username if people log in with
    their address and have no other name. Raises `ValidationError`: by field for invalid data, and if the user model
    has no addresses.
    """
    if not has_field("email"):
        raise ValidationError({NON_FIELD_ERRORS: NO_ADDRESSES})
    users, address = get_user_model(), get_user_model().get_email_field_name()
    name = "username" if address_is_name() else users.USERNAME_FIELD
    named = {name: username} if has_field(name) else {}
    user: User = users(**named, **{address: email}, **_names(first_name, last_name), **(fields or {}))
    user.is_active = False
    user.set_unusable_password()
    errors: dict[str, Any] = {}
    try:
        setattr(user, address, mailbox.normal_form(email))
        _address_field().run_validators(getattr(user, address))
    except ValidationError as error:
        errors[address] = error
    for name, text in _names(first_name, last_name).items():
        if not is_storable(text):
            errors[name] = ValidationError(NOT_STORABLE, code="not_storable")
    if not getattr(user, address):
        errors.setdefault(address, ValidationError(EmailValidator.message, code="invalid"))
    try:
        # The address has been validated. The field's own `clean` would ask the database whether somebody has it.
        exclude = {"password", address, *may_be_missing(user)}
        user.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        errors |= error.error_dict
    if errors:
        raise ValidationError(errors)
    return user


def find(token: str) -> UserFSM:
    """Return the account of an invitation link. Raises `InvitationNotValid` if the link is not, or no longer, valid."""
    return _find(token, UserFSM.objects.using(_database()).select_related("user"))


def accept(token: str, password: str) -> User:
    """
    Set the password, activate the account with the person as the actor, and return the user.

    The caller validates the password. Raises `InvitationNotValid` like `find`, also for the second of two simultaneous
    uses of a link.
    """
    with transaction.atomic(using=_database()):
        fsm = _find(token, locked(_database()))
        user: User = fsm.user
        user.set_password(password)
        user.save(using=_database(), update_fields=["password"])
        fsm.activate(by=user, description="accepted the invitation", cause=Cause.INVITATION_ACCEPTED)
    return user


def link(fsm: UserFSM) -> str:
    """Return the URL at which this account's current invitation can be accepted."""
    invited_at = fsm.invited_at.isoformat() if fsm.invited_at else ""
    token = _signer().sign_object([str(fsm.user_id), invited_at, digest_of_address(fsm)])
    return pages.link("accept_invitation", token)


def _find(token: str, accounts: QuerySet[UserFSM]) -> UserFSM:
    try:
        user_id, invited_at, address = _signer().unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise InvitationNotValid from error
    fsm: UserFSM | None = accounts.filter(user_id=user_id).first()
    if not (
        fsm
        and fsm.current_state == State.INVITED
        and _is_current(fsm, datetime.fromisoformat(invited_at))
        and has_address(fsm, address)
    ):
        raise InvitationNotValid
    return fsm


def _is_current(fsm: UserFSM, invited_at: datetime) -> bool:
    if invited_at <= timezone.now() - conf.invitation_max_age:
        return False
    return invited_at == fsm.invited_at or invited_at == _last_sent(fsm)


def _last_sent(fsm: UserFSM) -> datetime | None:
    """Return the time in the newest link that a mail server has accepted."""
    sent = Mail.objects.using(fsm.database).filter(user=fsm.user_id, kind=KIND, email__status=STATUS.sent)
    newest = sent.select_related("email").order_by("-pk").first()
    moment: datetime | None = restored(newest.email.context["mail"]["facts"])["invited_at"] if newest else None
    return moment


@kind(KIND, gettext_lazy("Invitation"))
def invitation(user: User, facts: Facts) -> Letter:
    """Facts: `invited_at`, the time in the link."""
    fsm, invited_at = user.fsm, facts["invited_at"]
    if fsm.current_state != State.INVITED or fsm.invited_at != invited_at:
        raise MailNotComposed("this invitation is no longer valid")
    until = invited_at + conf.invitation_max_age
    if until <= timezone.now():
        raise MailNotComposed("this invitation has expired; send a new one")
    names = names_for(user)
    return Letter(
        _("Your account is waiting for you"),
        [_("An account with the username %(username)s has been created for you at %(site)s.") % names],
        link=link(fsm),
        link_label=_("Choose a password to accept the invitation"),
        closing=[
            _("The link works once, until %(until)s.") % {"until": moment(until)},
            _("If you did not expect this email, you can ignore it. Nothing happens until you choose a password."),
        ],
    )


@contextmanager
def _created(user: User, *, by: By) -> Iterator[None]:
    """Save this new user, unless somebody has the name or the address, in one transaction with what the block does."""
    try:
        with transaction.atomic(using=_database()), lifecycle.beginning(by=by):
            _refuse_who_is_known(user)
            user.save(using=_database())
            yield
    except IntegrityError:
        _refuse_who_is_known(user)  # somebody else was faster
        raise


def _refuse_who_is_known(user: User) -> None:
    user.validate_unique()
    if mailbox.is_taken(user, using=_database()):
        raise ValidationError({user.get_email_field_name(): mailbox.TAKEN})


def _address_field() -> Field[Any, Any]:
    field: Any = get_user_model()._meta.get_field(get_user_model().get_email_field_name())
    return field  # type: ignore[no-any-return]


def _names(first_name: str, last_name: str) -> dict[str, str]:
    fields = {field.name for field in get_user_model()._meta.concrete_fields}
    names = {"first_name": first_name, "last_name": last_name}
    return {name: value for name, value in names.items() if value and name in fields}


def _signer() -> Signer:
    return Signer(salt="users.invitations", sep=".")


def _database() -> str:
    return router.db_for_write(UserFSM)
