"""Letters with a link to set a password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from users.exceptions import MailNotComposed
from users.links import password
from users.mail.kinds import Letter, moment
from users.mail.names import names_for
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def letter(user: User, subject: str, sentence: str, *, label: str, closing: Sequence[str] = ()) -> Letter:
    """
    Return a letter with a link to set a password, and the time until which the link is valid.

    `sentence` may contain the names of `names_for`, and `label` is the text of the link. The link is made now, when the
    email is sent. Raises `MailNotComposed` if the account is no longer active.
    """
    if user.fsm.current_state != State.ACTIVE:
        raise MailNotComposed("the account is no longer active")
    until = moment(timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
    return Letter(
        subject,
        [sentence % names_for(user)],
        link=password.url(user),
        link_label=label,
        closing=[_("The link works once, until %(until)s.") % {"until": until}, *closing],
    )
