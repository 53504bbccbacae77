"""Reads records and accounts for verification, page by page, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery

from audit.integrity.facts import NOTHING_BEFORE, Account, Facts, Row, Start, message_of
from audit.models import UserStateAudit

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # noqa: F401 - whatever settings.AUTH_USER_MODEL is

PAGE = 2000
COLUMNS = (*Facts._fields, "signature", "id")

Records = QuerySet[UserStateAudit]
Page = list[Row]


def pages_by_user(records: Records) -> Iterator[Page]:
    """
    Yield pages in order of user and sequence, which is the order of an index.

    Each page is a query of its own that continues after the last row. No cursor or transaction stays open.
    """
    records = records.order_by("user_id", "sequence")
    page = _page(records)
    while page:
        yield page
        last = page[-1].facts
        page = _page(records.filter(user_id=last.user_id, sequence__gt=last.sequence)) or _page(
            records.filter(user_id__gt=last.user_id)
        )


def chains(
    pages: Iterable[Page], starts: Callable[[set[Any]], Mapping[Any, Start]]
) -> Iterator[tuple[Any, Start, Iterator[Row]]]:
    """
    Yield each user with their records and the start of these, from pages in order of user.

    `starts` is called once per page, with its users.
    """
    known: Mapping[Any, Start] = {}

    def rows() -> Iterator[Row]:
        nonlocal known
        last_user = None
        for page in pages:
            known = starts({row.facts.user_id for row in page} - {last_user})
            last_user = page[-1].facts.user_id
            yield from page

    for user_id, group in groupby(rows(), key=lambda row: row.facts.user_id):
        yield user_id, known.get(user_id, NOTHING_BEFORE), group


def pages_by_key(records: Records) -> Iterator[Page]:
    """Yield pages in order of the primary key."""
    records = records.order_by("pk")
    page = _page(records)
    while page:
        yield page
        page = _page(records.filter(pk__gt=page[-1].id))


def pages_of_accounts(using: str, user_ids: Collection[Any] | None = None) -> Iterator[list[Account]]:
    """
    Yield pages of users in order of key, each with the state and the last record.

    One statement reads both, and on both databases it sees a single moment. No transition can come in between.
    """
    newest = UserStateAudit.objects.using(using).filter(user=OuterRef("pk")).order_by("-sequence")
    users = get_user_model()._base_manager.using(using).order_by("pk")
    if user_ids is not None:
        users = users.filter(pk__in=user_ids)
    rows = users.values_list(
        "pk",
        get_user_model().USERNAME_FIELD,
        "is_active",
        "fsm__current_state",
        "fsm__version",
        Subquery(newest.values("sequence")[:1]),
        Subquery(newest.values("end_state")[:1]),
        "fsm__locked_until",
        Subquery(newest.values("locked_until")[:1]),
        Subquery(newest.values("signature")[:1]),
    )
    page = [Account(*row) for row in rows[:PAGE]]
    while page:
        yield page
        page = [Account(*row) for row in rows.filter(pk__gt=page[-1].user_id)[:PAGE]]


def rows_by_key(keys: Collection[int], *, using: str) -> dict[int, Row]:
    """Return the records with these keys, as far as they exist."""
    return {row.id: row for row in _rows(UserStateAudit.objects.using(using).filter(pk__in=keys))}


def last_before(since: datetime, user_ids: Collection[Any], *, using: str) -> dict[Any, Start]:
    """Return the start of these users' records from `since` on."""
    older = UserStateAudit.objects.using(using).filter(datetime__lt=since)
    newest = older.filter(user=OuterRef("user")).order_by("-sequence").values("sequence")[:1]
    rows = older.filter(user__in=user_ids, sequence=newest).values_list("user_id", "sequence", "end_state")
    return {user_id: Start(sequence, state) for user_id, sequence, state in rows}


def _page(records: Records) -> Page:
    return _rows(records[:PAGE])


def _rows(records: Records) -> Page:
    rows = []
    for *values, signature, key in records.values_list(*COLUMNS):
        facts = Facts._make(values)
        rows.append(Row(facts, message_of(facts, signature), signature, key))
    return rows
