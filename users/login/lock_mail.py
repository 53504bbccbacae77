"""The email about a lock that followed failed logins, with a link to unlock the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users import conf
from users.login import unlock_link
from users.mail.kinds import Facts, Letter, kind, moment

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


@kind("locked_after_failures", gettext_lazy("Account locked after failed logins"))
def locked_after_failures(user: User, facts: Facts) -> Letter:
    """Facts: `moment` and `version` of the lock, `until`, and of the failed logins `count` and `addresses`."""
    names = {"username": user.get_username(), "site": conf.site_url(), "count": facts["count"]}
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
