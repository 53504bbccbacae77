"""
Decides which parameters of a list are read, and which are dropped.

A list offers its search, its filters, its dates, its pages and its order. It drops other parameters, and values that it
cannot read. Django would answer 400, start again without a word, or show everything.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldError, SuspiciousOperation, ValidationError
from django.http import HttpRequest, QueryDict

from users.lists import applied, offered
from users.lists.exceptions import Dropped, Unread

FAILURES = (
    IncorrectLookupParameters,
    SuspiciousOperation,
    FieldError,
    ValidationError,
    ValueError,
    OverflowError,
)
"""The exceptions that building a list raises for parameters on which it fails."""

Build = Callable[[HttpRequest], ChangeList]


def read(model_admin: Any, request: HttpRequest, build: Build) -> ChangeList:
    """Return the list that `build` makes for the request; raise `Unread` if parameters have to be dropped first."""
    query = request.GET
    if not query:
        return build(request)
    _drop(query, offered.without_meaning(model_admin, request))
    try:
        changelist = build(request)
    except FAILURES:
        _drop(query, _culprits(request, build))
        raise
    _drop(query, applied.ignored(changelist, query))
    return changelist


def _drop(query: QueryDict, names: Iterable[str | Dropped]) -> None:
    """Raise `Unread` if there are any. A parameter without a value asks for nothing, so no message names it."""
    found = list(names)
    if not found:
        return
    kept = query.copy()
    for each in found:
        kept.pop(each.name if isinstance(each, Dropped) else each, None)
    for each in found:
        if isinstance(each, Dropped) and each.remains is not None:
            kept[each.name] = each.remains
    raise Unread([each for each in found if isinstance(each, Dropped)], kept.urlencode())


def _culprits(request: HttpRequest, build: Build) -> list[Dropped]:
    """
    The parameters without which the list can be built, found by trying. None if leaving out any does not help.

    Filters come first and the page last, because a page may exist only without a filter.
    """
    query = request.GET
    if not _builds(request, {}, build):
        return []
    kept: dict[str, list[str]] = {}
    culprits = []
    for name in sorted(set(query) - {SEARCH_VAR}, key=lambda name: (name == PAGE_VAR, name)):
        tried = kept | {name: query.getlist(name)}
        if _builds(request, tried, build):
            kept = tried
        else:
            culprits.append(name)
    return [Dropped.of(query, name) for name in culprits or query]


def _builds(request: HttpRequest, parameters: dict[str, list[str]], build: Build) -> bool:
    trial = copy.copy(request)
    query = QueryDict(mutable=True)
    for name, values in parameters.items():
        query.setlist(name, values)
    trial.GET = query  # type: ignore[assignment]
    try:
        build(trial)
    except FAILURES:
        return False
    return True
