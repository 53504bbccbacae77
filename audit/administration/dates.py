"""
The links by year, month and day above the list.

Django's date hierarchy reads the whole table to find the dates that have records. This one shows every date between the
first and the last record, which the index knows. A day without records shows an empty list.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.admin.views.main import ChangeList
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.models import UserStateAudit
from users.database import local_time

YEAR, MONTH, DAY = PARAMETERS = ("datetime__year", "datetime__month", "datetime__day")
"""The names in Django's date hierarchy of `datetime`. Its `ChangeList` turns them into a range that an index serves."""


class Link(NamedTuple):
    """A link for the template `admin/date_hierarchy.html`. Without a URL it is the current place."""

    title: str
    link: str = ""


class Choices(NamedTuple):
    """The context of the template `admin/date_hierarchy.html`."""

    back: Link | None
    choices: list[Link]

    @property
    def field_name(self) -> str:
        """What the dates are of; Django 6.1 says it before the links."""
        return str(UserStateAudit._meta.get_field("datetime").verbose_name)


def choices(changelist: ChangeList, first: datetime, last: datetime) -> Choices:
    """Return the links from the chosen dates, given the times of the first and the last record."""
    start, end = local_time.local(first).date(), local_time.local(last).date()
    year, month, day = (int(changelist.params.get(name) or 0) for name in PARAMETERS)

    def link(*chosen: int) -> str:
        given: dict[str, Any] = dict(zip(PARAMETERS, chosen, strict=False))
        return changelist.get_query_string(given, ["datetime__"])

    def months(of: int) -> list[Link]:
        firsts = [date(of, each, 1) for each in range(1, 13)]
        inside = [each for each in firsts if start.replace(day=1) <= each <= end]
        return [Link(_of_month(each), link(of, each.month)) for each in inside]

    def days() -> list[Link]:
        every = [date(year, month, each + 1) for each in range(monthrange(year, month)[1])]
        return [Link(_of_day(each), link(year, month, each.day)) for each in every if start <= each <= end]

    if not year and start.year == end.year:
        return Choices(None, months(start.year))
    if not year:
        return Choices(None, [Link(str(each), link(each)) for each in range(end.year, start.year - 1, -1)])
    if not month:
        return Choices(Link(_("All dates"), link()), months(year))
    if not day:
        return Choices(Link(str(year), link(year)), days())
    chosen = date(year, month, day)
    return Choices(Link(_of_month(chosen), link(year, month)), [Link(_of_day(chosen))])


def _of_month(day: date) -> str:
    return capfirst(date_format(day, "YEAR_MONTH_FORMAT"))


def _of_day(day: date) -> str:
    return capfirst(date_format(day, "MONTH_DAY_FORMAT"))
