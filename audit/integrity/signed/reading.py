"""Reads records and accounts for verification, page by page, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery

from audit.integrity.signed import rows
from audit.integrity.signed.facts import NOTHING_BEFORE, UNREADABLE, Account, Row, Start, Unreadable, is_outage
from audit.integrity.signed.rows import Records
from audit.models import UserStateAudit

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # noqa: F401 - whatever settings.AUTH_USER_MODEL is

PAGE = 2000

Page = list[Row | Unreadable]
UserRange = tuple[Any, Any]
"""A range of users by key: after the first one, up to the second one. None means no limit."""


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
) -> Iterator[tuple[Any, Start, Iterator[Row | Unreadable]]]:
    """
    Yield each user with their records and the start of these, from pages in order of user.

    `starts` is called once per page, with its users.
    """
    known: Mapping[Any, Start] = {}

    def each() -> Iterator[Row | Unreadable]:
        nonlocal known
        last_user = None
        for page in pages:
            known = starts({row.facts.user_id for row in page} - {last_user})
            last_user = page[-1].facts.user_id
            yield from page

    for user_id, group in groupby(each(), key=lambda row: row.facts.user_id):
        yield user_id, known.get(user_id, NOTHING_BEFORE), group


def pages_by_key(records: Records) -> Iterator[Page]:
    """Yield pages in order of the primary key."""
    records = records.order_by("pk")
    page = _page(records)
    while page:
        yield page
        page = _page(records.filter(pk__gt=page[-1].id))


def pages_of_accounts(
    using: str, user_ids: Collection[Any] | None = None, part: UserRange = (None, None)
) -> Iterator[list[Account]]:
    """
    Yield pages of users in order of key, each with the state and the last record.

    One statement reads both, and on both databases it sees a single moment. No transition can come in between.
    """
    newest = UserStateAudit.objects.using(using).filter(user=OuterRef("pk")).order_by("-sequence")
    users = get_user_model()._base_manager.using(using).order_by("pk")
    if user_ids is not None:
        users = users.filter(pk__in=user_ids)
    users = users.filter(**within("pk", part))
    accounts = users.values_list(
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
        "fsm__changed_at",
        Subquery(newest.values("datetime")[:1]),
    )
    page = _accounts(accounts, accounts)
    while page:
        yield page
        page = _accounts(accounts.filter(pk__gt=page[-1].user_id), accounts)


def rows_by_key(keys: Collection[int], *, using: str) -> dict[int, Row]:
    """Return the records with these keys, as far as they exist."""
    found = _rows(UserStateAudit.objects.using(using).filter(pk__in=keys))
    return {row.id: row for row in found if isinstance(row, Row)}


def last_before(since: datetime, user_ids: Collection[Any], *, using: str) -> dict[Any, Start]:
    """Return the start of these users' records from `since` on."""
    older = UserStateAudit.objects.using(using).filter(datetime__lt=since)
    last = older.newest_of_each().filter(user__in=user_ids).values_list("user_id", "sequence", "end_state")
    return {user_id: Start(sequence, state) for user_id, sequence, state in last}


def newest_record(using: str) -> list[Any] | None:
    """Return the key and the signature of the record with the highest key, or None without records."""
    newest = UserStateAudit.objects.using(using).order_by("-pk").values_list("pk", "signature").first()
    return newest and [*newest]


def is_there(record: list[Any] | None, using: str) -> bool:
    """Whether the database has the record with this key and signature; None is no record."""
    if record is None:
        return True
    key, signature = record
    return UserStateAudit.objects.using(using).filter(pk=key, signature=signature).exists()


def ranges_of_users(count: int, *, using: str) -> list[UserRange]:
    """Return this many ranges of about equal size, which together cover all users, including deleted ones."""
    users = get_user_model()._base_manager.using(using).order_by("pk")
    size = users.count() // count + 1
    ends: list[Any] = []
    for _ in range(count - 1):
        behind = users.filter(pk__gt=ends[-1]) if ends else users
        if (end := behind.values_list("pk", flat=True)[size - 1 : size].first()) is None:
            break
        ends.append(end)
    return list(zip([None, *ends], [*ends, None], strict=True))


def within(name: str, part: UserRange) -> dict[str, Any]:
    """Return the lookups that select this column's values in the range."""
    behind, upto = part
    ends = {f"{name}__gt": behind, f"{name}__lte": upto}
    return {lookup: end for lookup, end in ends.items() if end is not None}


def _page(records: Records) -> Page:
    return _rows(records[:PAGE])


def _accounts(page: QuerySet[Any, Any], users: QuerySet[Any, Any]) -> list[Account]:
    try:
        return [Account(*row) for row in page[:PAGE]]
    except UNREADABLE:
        names = page.values_list("pk", get_user_model().USERNAME_FIELD)
        return [_account(key, name, users) for key, name in names[:PAGE]]


def _account(key: Any, username: str, users: QuerySet[Any, Any]) -> Account:
    try:
        return Account(*users.get(pk=key))
    except UNREADABLE as error:
        if is_outage(error):
            raise
        return Account(key, username, False, None, None, None, None, why_unreadable=str(error))  # noqa: FBT003


def _rows(records: Records) -> Page:
    try:
        return [*rows.read(records)]
    except UNREADABLE:
        return _rows_one_by_one(records)


def _rows_one_by_one(records: Records) -> Page:
    """Return the same rows in the same order, with unreadable ones replaced."""
    places = {key: (user_id, sequence) for key, user_id, sequence in records.values_list("pk", "user_id", "sequence")}
    keys = list(places)
    read = _halves(UserStateAudit.objects.using(records.db), keys)
    page: Page = []
    for key in keys:
        row = read[key]
        if isinstance(row, Row):
            page.append(row)
        else:
            user_id, sequence = places[key]
            page.append(Unreadable(user_id, _name_of(key, using=records.db), sequence, row, key))
    return page


def _halves(records: Records, keys: list[int]) -> dict[int, Row | str]:
    """Return rows by key, or why one cannot be read. If many cannot be read at once, each half is tried alone."""
    try:
        return {row.id: row for row in rows.read(records.filter(pk__in=keys))}
    except UNREADABLE as error:
        if len(keys) == 1:
            if is_outage(error):
                raise
            return {keys[0]: str(error)}
        middle = len(keys) // 2
        return _halves(records, keys[:middle]) | _halves(records, keys[middle:])


def _name_of(key: int, *, using: str) -> str:
    try:
        return str(UserStateAudit.objects.using(using).values_list("username", flat=True).get(pk=key))
    except UNREADABLE as error:
        if is_outage(error):
            raise
        return ""
