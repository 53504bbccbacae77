"""The email about a lock that followed failed logins, with a link to unlock the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users import mail
from users.input import mailbox
from users.login.recovery import link_requests, unlock_link
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import names_for
from users.models import UserFSM
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


KIND = "locked_after_failures"
NEW_LINK = "unlock_link"


def ask_anew(address: str) -> None:
    """
    Accept a stranger's request for new links for the accounts with this address that failed logins have locked.

    It does not reveal whether there are any.
    """
    mail.ask(NEW_LINK, address)


@mail.on_request(NEW_LINK)
def answer(address: str, using: str) -> None:
    """Queue the email about the lock once more, with a new link."""
    locked = UserFSM.objects.using(using).in_state(State.LOCKED).select_related("user")
    for fsm in locked.filter(mailbox.having(address, "user__")):
        if fsm.locked_by_failed_logins and not fsm.lock_has_expired and link_requests.account_may_get(fsm.user):
            facts = {
                "moment": fsm.last_automatic_lock,
                "version": fsm.version,
                "count": fsm.failed_logins,
                "addresses": fsm.addresses_of_failed_logins,
            }
            mail.send(KIND, fsm.user, facts | ({"until": fsm.locked_until} if fsm.locked_until else {}), using=using)


@kind(KIND, gettext_lazy("Account locked after failed logins"))
def locked_after_failures(user: User, facts: Facts) -> Letter:
    """Facts: `moment` and `version` of the lock, `until`, and of the failed logins `count` and `addresses`."""
    names = {**names_for(user), "count": facts["count"]}
    tried = ngettext(
        "Somebody tried to log in to your account %(username)s at %(site)s with %(count)d wrong password. "
        "The account is now locked.",
        "Somebody tried to log in to your account %(username)s at %(site)s with %(count)d wrong passwords. "
        "The account is now locked.",
        facts["count"],
    )
    said = [
        (_("When:"), moment(facts["moment"])),
        (_("From:"), ", ".join(facts["addresses"]) or _("an unknown address")),
    ]
    if "until" in facts:
        said.append((_("Locked until:"), moment(facts["until"])))
    innocent = _("If it was not you, you do not have to do anything. None of these passwords was right.")
    fsm = user.fsm
    if not fsm.locked_by_failed_logins or fsm.version != facts["version"]:
        link, closing = "", [_("The account has been unlocked since."), innocent]
    else:
        link = unlock_link.url(fsm)
        closing = [_("If it was you, the link unlocks the account. It works once."), innocent]
    return Letter(
        _("Your account %(username)s was locked") % names,
        [tried % names],
        said,
        link=link,
        link_label=_("Unlock the account"),
        closing=closing,
    )
