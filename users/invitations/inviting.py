"""
Invitations: who is invited gets a link by mail, chooses a password there, and is active.

THE LINK. It carries the account's key and the moment of its invitation, signed. It is good while the account is
invited, and while that moment is the one that stands in the row (`UserFSM.invited_at`) and no older than
`USERS_INVITATION_MAX_AGE`. So accepting uses it up, sending anew makes the one before dead, deactivating revokes it,
and nothing has to be kept beside the row.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import BadSignature, Signer
from django.core.validators import EmailValidator, validate_email
from django.db import IntegrityError, router, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from users import conf, mail
from users.actors import By
from users.causes import Cause
from users.exceptions import InvitationNotSent, InvitationNotValid, NotInvited
from users.links.account import digest_of_address
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

ASKED_AT_MOST_EVERY = timedelta(hours=1)
"""A stranger who knows an address can make no more mails than this out of `ask_anew`."""

ADDRESS_IS_TAKEN = _("An account has this address already.")

logger = logging.getLogger("users.invitations")


def invite(
    *,
    email: str,
    username: str,
    by: By = None,
    connection: BaseEmailBackend | None = None,
    ends_at: datetime | None = None,
) -> User:
    """
    Make an account without a password, and mail its link when that is committed; return the user.

    Raises `ValidationError`, by field, for what cannot be an account or is one already. Raises `InvitationNotSent` at
    the commit where the mail could not be sent: the account is there then, invited, for `resend`. `by` stands in the
    log; `connection` is for whoever sends many. At `ends_at` the account is deactivated; `ValueError` if that is past.
    """
    user = prepared(email=email, username=username)
    _refuse_who_is_known(user)
    try:
        with transaction.atomic(using=_database()):
            user.save(using=_database())
            if ends_at is not None:
                user.fsm.schedule("deactivate", at=ends_at, by=by, description="end of the account")
            _send_link(_locked(user), by=by, connection=connection)
    except IntegrityError:
        _refuse_who_is_known(user)  # somebody else was faster
        raise
    return user


def resend(user: User, *, by: By = None, connection: BaseEmailBackend | None = None) -> None:
    """
    Mail a new link; the one before is dead.

    Raises `NotInvited` where the account is in another state. Raises `InvitationNotSent` where it has no address, and
    at the commit where the mail could not be sent: the link before stays good then.
    """
    with transaction.atomic(using=_database()):
        fsm = _locked(user)
        if fsm.current_state != State.INVITED:
            raise NotInvited(user, state=fsm.current_state)
        if not fsm.user.email:
            raise InvitationNotSent(fsm.user)
        _send_link(fsm, by=by, connection=connection)


def ask_anew(email: str) -> None:
    """
    Mail new links to the invited accounts with this address, as the people themselves ask for them.

    Says nothing of whether there are any, nor whether a mail could be sent: whoever asks is told the same each time,
    and all of it is done beside the request, as the time of an answer tells too. Accounts that were never sent a link,
    or were within the last hour, get none.
    """
    mail.beside_the_request(partial(_renew_all, email))


def _renew_all(email: str) -> None:
    before = timezone.now() - ASKED_AT_MOST_EVERY
    invited = UserFSM.objects.using(_database()).in_state(State.INVITED).select_related("user")
    for found in invited.filter(user__email__iexact=email, invited_at__lt=before):
        with transaction.atomic(using=_database()):
            fsm = _locked(found.user)
            # Asked again under the lock: of two who ask at once, one gets a mail.
            if fsm.current_state == State.INVITED and fsm.invited_at == found.invited_at:
                _, message = _renewed(fsm)
                transaction.on_commit(partial(mail.deliver, message), using=_database())


def prepared(*, email: str, username: str) -> User:
    """
    The user that an invitation would make, not saved, nor looked for among those who are there.

    Raises `ValidationError`, by field, for what cannot be one.
    """
    user = get_user_model()(username=username, email=email, is_active=False)
    user.set_unusable_password()
    user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    try:
        validate_email(user.email)
        user.email.encode()  # the validator lets lone surrogates pass, no database does
    except ValidationError as error:
        raise ValidationError({"email": error}) from error
    except UnicodeEncodeError as error:
        raise ValidationError({"email": EmailValidator.message}) from error
    return user


def find(token: str) -> UserFSM:
    """The account that a link invites; raises `InvitationNotValid` for a link that is not, or no longer, good."""
    return _find(token, UserFSM.objects.using(_database()).select_related("user"))


def accept(token: str, password: str) -> User:
    """
    Set the password and activate the account, as its person; return the user.

    The password is to be validated before. Raises `InvitationNotValid` as `find` does: of two who come with the same
    link at once, the second one gets that.
    """
    with transaction.atomic(using=_database()):
        fsm = _find(token, UserFSM.objects.using(_database()).select_for_update(of=("self",)).select_related("user"))
        user: User = fsm.user
        user.set_password(password)
        user.save(using=_database(), update_fields=["password"])
        fsm.activate(by=user, description="accepted the invitation", cause=Cause.INVITATION_ACCEPTED)
    return user


def link(fsm: UserFSM) -> str:
    """The address at which this account's current invitation is accepted."""
    invited_at = fsm.invited_at.isoformat() if fsm.invited_at else ""
    token = _signer().sign_object([str(fsm.user_id), invited_at, digest_of_address(fsm)])
    return conf.site_url() + reverse("accept_invitation", args=[token])


def _find(token: str, accounts: QuerySet[UserFSM]) -> UserFSM:
    try:
        user_id, invited_at, address = _signer().unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise InvitationNotValid from error
    fsm: UserFSM | None = accounts.filter(user_id=user_id).first()
    if not (
        fsm
        and fsm.current_state == State.INVITED
        and fsm.invited_at == datetime.fromisoformat(invited_at)
        and fsm.invited_at > timezone.now() - conf.invitation_max_age()
        and constant_time_compare(address, digest_of_address(fsm))
    ):
        raise InvitationNotValid
    return fsm


def _renewed(fsm: UserFSM) -> tuple[datetime | None, EmailMessage]:
    """Make the link before dead; return from when that one was, and the mail with the new one."""
    before, fsm.invited_at = fsm.invited_at, timezone.now()
    _set_invited_at(fsm, fsm.invited_at)
    context = {"link": link(fsm), "valid_until": fsm.invited_at + conf.invitation_max_age()}
    return before, mail.compose("invitation", fsm.user, context)


def _send_link(fsm: UserFSM, *, by: By, connection: BaseEmailBackend | None) -> None:
    before, message = _renewed(fsm)
    message.connection = connection

    def send() -> None:
        try:
            message.send()
        except OSError as error:  # smtplib's errors are OSErrors
            _set_invited_at(fsm, before)
            raise InvitationNotSent(fsm.user) from error
        logger.info("invited %r, by %r", fsm.user.get_username(), str(by or ""))

    transaction.on_commit(send, using=_database())


def _set_invited_at(fsm: UserFSM, moment: datetime | None) -> None:
    row = UserFSM._base_manager.using(_database()).filter(pk=fsm.pk)
    row.filter(current_state=State.INVITED).update(invited_at=moment)


def _locked(user: User) -> UserFSM:
    fsms = UserFSM._base_manager.using(_database()).select_for_update(of=("self",)).select_related("user")
    return fsms.get(user=user)


def _refuse_who_is_known(user: User) -> None:
    user.validate_unique()
    if get_user_model()._default_manager.using(_database()).filter(email__iexact=user.email).exists():
        raise ValidationError({"email": ADDRESS_IS_TAKEN})


def _signer() -> Signer:
    return Signer(salt="users.invitations", sep=".")


def _database() -> str:
    return router.db_for_write(UserFSM)
