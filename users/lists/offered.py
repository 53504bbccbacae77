"""Finds parameters that a list does not offer, without building the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, QueryDict

from users.input.text import storable
from users.lists import calendar, columns
from users.lists.changelist import List
from users.lists.columns import COLUMNS_VAR
from users.lists.exceptions import Dropped

LONGEST = 2000
"""The longest value of a parameter, in characters."""

LONGEST_NUMBER = 9
"""The maximum number of digits."""


def without_meaning(model_admin: Any, request: HttpRequest) -> Iterable[str | Dropped]:
    """Return the parameters to drop. Those without a value asked for nothing, such as empty fields of a form."""
    query: QueryDict = request.GET
    filters = list(model_admin.get_list_filter(request))
    listed = model_admin.get_changelist(request)
    own = (listed if issubclass(listed, List) else List).parameters(model_admin, request)
    simple = {each.parameter_name for each in filters if _is_simple(each)}
    single = own | simple | set(calendar.names(model_admin.date_hierarchy))
    for name, values in query.lists():
        if name == COLUMNS_VAR and columns.is_offered(model_admin):
            if unknown := columns.unknown(model_admin, request):
                yield unknown
        elif name not in single and not _is_lookup(model_admin, request, name, filters):
            yield Dropped(name, None)
        elif values == [""] and name in simple | {SEARCH_VAR}:
            yield name
        elif (len(values) > 1 and name in single) or not _is_readable(model_admin, name, values):
            yield Dropped.of(query, name)
    yield from (Dropped.of(query, name) for name in calendar.unreadable(model_admin.date_hierarchy, query))


def is_number(text: str) -> bool:
    """Whether this is a whole number in digits that every database reads."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def _is_readable(model_admin: Any, name: str, values: list[str]) -> bool:
    if name == SEARCH_VAR:  # the form names the problem itself
        return True
    if name == PAGE_VAR:
        return is_number(values[0])
    if name == TO_FIELD_VAR:
        return values[0] in {field.name for field in model_admin.opts.concrete_fields}
    return all(len(value) <= LONGEST and storable(value) == value for value in values)


def _is_lookup(model_admin: Any, request: HttpRequest, name: str, filters: list[Any]) -> bool:
    """Whether this is a lookup of one of the filters, or one that Django allows where the list offers these."""
    fields = [each[0] if isinstance(each, (tuple, list)) else each for each in filters if not _is_simple(each)]
    if any(name == field or name.startswith(f"{field}{LOOKUP_SEP}") for field in fields):
        return True
    first, *others = name.split(LOOKUP_SEP)
    known = {"pk", *(field.name for field in model_admin.opts.get_fields())}
    if not model_admin.offers_lookups or first not in known or "range" in others:  # a text is no range
        return False
    return all(model_admin.lookup_allowed(name, value, request) for value in request.GET.getlist(name))


def _is_simple(list_filter: Any) -> bool:
    return isinstance(list_filter, type) and issubclass(list_filter, SimpleListFilter)
