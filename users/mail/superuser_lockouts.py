"""Tells superusers when failed logins lock one of them: that is a mistake of a colleague, or an attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users import lifecycle
from users.causes import Cause
from users.conf import conf
from users.mail import queue
from users.mail.kinds import Facts, Letter, kind, moment
from users.mail.names import isolated
from users.mail.queue import Parcel
from users.models import UserFSM
from users.rows.user_model import has_field, is_superuser
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "superuser_locked"


def tell(fsm: UserFSM, said: Mapping[str, Any]) -> None:
    """Queue the emails with the lock of this superuser; `said` has the keywords of the transition."""
    if said.get("cause") != Cause.FAILED_LOGINS or not conf.tell_superuser_lockouts or not has_field("is_superuser"):
        return
    about, figures = lifecycle.underway(fsm), said.get("details") or {}
    users = get_user_model()._default_manager.using(about.using)
    known = UserFSM._meta.get_field("user").is_cached(fsm)  # by the login that was refused
    if not is_superuser(fsm.user if known else users.filter(pk=fsm.user_id).first()):
        return
    facts = {"moment": about.moment, "username": about.username, **figures}
    others = users.filter(is_superuser=True, fsm__current_state=State.ACTIVE).exclude(pk=fsm.user_id)
    for other in others.order_by("pk"):
        if address := queue.address_of(other):
            lifecycle.finish_with(queue.write, Parcel(other.pk, KIND, address, facts))


@kind(KIND, gettext_lazy("Superuser locked after failed logins"))
def superuser_locked(user: User, facts: Facts) -> Letter:
    """Facts: `moment`, `username` of the locked account, and `count` and `addresses` of the failed logins."""
    names = {"username": isolated(facts["username"]), "site": conf.site_url, "count": facts.get("count", 0)}
    told = ngettext(
        "The account %(username)s at %(site)s was locked after %(count)d wrong password.",
        "The account %(username)s at %(site)s was locked after %(count)d wrong passwords.",
        names["count"],
    )
    return Letter(
        _("The superuser %(username)s was locked") % names,
        [told % names],
        [
            (_("When:"), moment(facts["moment"])),
            (_("From:"), ", ".join(facts.get("addresses", ())) or _("an unknown address")),
        ],
        closing=[
            _("You get this email because you are a superuser, too. If it was not your colleague, it was an attack.")
        ],
    )
