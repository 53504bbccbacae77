"""The dashboard: the lifecycle in numbers. Each number is a link to the list behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit import replica
from audit.administration import chart, dates, figures, links
from audit.administration.figures import Ranked, Recent
from audit.rollup.counting import DAYS
from users.administration.diagram import Key, draw_for_screens
from users.administration.person_page import diagram_labels
from users.models import UserFSM
from users.states import State


@replica.or_primary
def page(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """Return the page. The caller checks the permission."""
    may_see_users = links.may_be_seen(request, site)
    place, lists = replica.place(), Lists(site)
    recent = Recent.read(place.using)
    changes = figures.changes(recent)
    context = {
        **site.each_context(request),
        "title": _("Dashboard"),
        "as_of": place.as_of,
        "days": DAYS,
        "diagram": _diagram(changes.flow, lists, place.using, linked_users=may_see_users),
        "charts": [
            chart.draw(changes.a_day, title=_("Changes per day"), state=State.INVITED, link=lists.of_day),
            chart.draw(
                changes.lockouts_a_day,
                title=_("Lockouts per day"),
                state=State.LOCKED,
                link=partial(lists.of_day, lock="automatic"),
            ),
        ],
        "accounts": [{"account": each, "link": lists.of_account(each)} for each in figures.locked_most_often(recent)],
        "addresses": [
            {"address": each, "link": lists.of_address(each)}
            for each in figures.addresses_with_most_failed_logins(recent)
        ],
        "invitations": number_format(figures.expired_invitations(place.using), force_grouping=True),
        "invitations_link": links.list_url(site, invitation="expired") if may_see_users else None,
    }
    return TemplateResponse(request, "admin/user_audit/dashboard.html", context)


@dataclass(frozen=True, slots=True)
class Lists:
    """The addresses of the lists behind the numbers, on the site that shows them."""

    site: AdminSite

    def records(self, **parameters: Any) -> str:
        """The list of records with these parameters."""
        path = reverse("admin:user_audit_userstateaudit_changelist", current_app=self.site.name)
        return f"{path}?{urlencode(parameters)}"

    def of_account(self, ranked: Ranked) -> str:
        """The recent locks of this account."""
        return self.records(user=ranked.key, to=State.LOCKED.value, days=DAYS)

    def of_address(self, ranked: Ranked) -> str:
        """The recent lockouts from this address."""
        return self.records(address=ranked.key, lock="automatic", days=DAYS)

    def of_day(self, day: date, **more: str) -> str:
        """The changes on this day."""
        return self.records(**dict(zip(dates.PARAMETERS, (day.year, day.month, day.day), strict=True)), **more)


def _diagram(flow: Mapping[tuple[str, str], int], lists: Lists, using: str, *, linked_users: bool) -> SafeString:
    """The diagram with the number of accounts on each state and of recent changes on each arrow, also if it is 0."""
    arrows = {(str(each.source), each.name): str(each.target) for each in UserFSM.transitions()}
    targets: dict[Key, str] = {
        arrow: lists.records(**{"from": arrow[0], "to": target}, days=DAYS) for arrow, target in arrows.items()
    }
    if linked_users:
        targets |= {state: links.list_url(lists.site, state=state) for state in State.values}
    numbers: dict[Any, int] = {**figures.people(using), **dict.fromkeys(arrows, 0), **flow}
    return draw_for_screens(UserFSM.transitions(), labels=diagram_labels(), numbers=numbers, links=targets)
