"""Finds parameters that a list did not apply although its page offers them."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from django.contrib.admin import ListFilter
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, ChangeList
from django.http import QueryDict

from users.lists.exceptions import Dropped
from users.lists.offered import is_number


def ignored(changelist: ChangeList, query: QueryDict) -> list[Dropped]:
    """Return the parameters that Django ignored without a word."""
    return [*_not_among_the_choices(changelist, query), *_beyond(changelist, query)]


def _not_among_the_choices(changelist: ChangeList, query: QueryDict) -> Iterable[Dropped]:
    """
    Yield filters without a chosen option. Django then applies no filter, or one that finds nothing.

    A filter with a single choice is neither shown nor applied.
    """
    yield from (Dropped.of(query, name) for name in getattr(changelist, "not_applied", ()))
    without_counts = copy.copy(changelist)
    without_counts.add_facets = False
    for spec in changelist.filter_specs:
        given = [name for name in spec.expected_parameters() or () if name in query]
        if given and not _is_chosen(spec, without_counts):
            yield from (Dropped.of(query, str(name)) for name in given)


def _is_chosen(spec: ListFilter, changelist: ChangeList) -> bool:
    return any(choice["selected"] for choice in spec.choices(changelist))


def _beyond(changelist: ChangeList, query: QueryDict) -> Iterable[Dropped]:
    """Yield an impossible order, a page that does not exist, and "all" if there are too many rows."""
    order = query.get(ORDER_VAR)
    if order and not all(_orders(changelist, part) for part in str(order).split(".")):
        yield Dropped.of(query, ORDER_VAR)
    if query.get(PAGE_VAR, "1") != "1" and not changelist.multi_page:
        yield Dropped.of(query, PAGE_VAR)
    if ALL_VAR in query and not changelist.can_show_all:
        yield Dropped.of(query, ALL_VAR)


def _orders(changelist: ChangeList, part: str) -> bool:
    number = part.removeprefix("-")
    if not (is_number(number) and int(number) < len(changelist.list_display)):
        return False
    column = changelist.list_display[int(number)]
    may_be = changelist.sortable_by is None or column in changelist.sortable_by
    return may_be and bool(changelist.get_ordering_field(column))
