"""Compares a journal with the record: every acknowledged change must be in the record or in an archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from django.db import connections

from audit.exceptions import NotGenuine, ReplicaBehind
from audit.integrity.kept.files import DAMAGED, NOT_JSON, Line, lines
from audit.integrity.kept.place import Place, here
from audit.integrity.signed import notes
from audit.integrity.signed.checking import CLOCK_SKEW
from audit.integrity.signed.facts import Row, canonical
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.lines import row_of
from audit.integrity.signed.signing import Verdict, judge
from audit.models import UserStateAudit

PAGE = 400
"""The number of lines looked up at once, with two parameters each. Old versions of SQLite accept 999."""


class Acknowledged(NamedTuple):
    """A change in a journal."""

    where: str
    row: Row


def check_journals(paths: Iterable[Path], *, using: str) -> Iterator[Finding]:
    """
    Yield each change in these journals that is not in the record, and each line that is not genuine.

    Memory does not grow with the journals. Raises `ReplicaBehind` on a standby that has not replayed a missing change,
    and `NotGenuine` if there is not a single line of a change, which proves nothing.
    """
    place, names = here(using), [*map(str, paths)]
    changes = chain.from_iterable(_changes(Path(name)) for name in names)
    is_empty = True
    while batch := list(islice(changes, PAGE)):
        is_empty = False
        yield from (each for each in batch if isinstance(each, Finding))
        yield from _absent([each for each in batch if isinstance(each, Acknowledged)], place, using=using)
    if names and is_empty:
        raise NotGenuine(f"the journal {', '.join(names)} contains no change")


def _changes(path: Path) -> Iterator[Acknowledged | Finding]:
    try:
        for line in lines(path):
            yield from _change(f"{path}, line {line.number}", line)
    except DAMAGED as error:
        yield Finding(Kind.JOURNAL, f"{path} is damaged: {error}")


def _change(where: str, line: Line) -> Iterator[Acknowledged | Finding]:
    """Yield the change of this line, or what is wrong with it; nothing for a line that is no change."""
    text = line.text[max(line.text.find(b"{"), 0) :]  # the collector of the lines may have put the time before them
    try:
        values = json.loads(text)
        if "maintenance" in values:
            return
        row = row_of(values)
        verdict = judge(row.message, row.signature)
    except NOT_JSON as error:
        if line.is_whole:
            yield Finding(Kind.JOURNAL, f"{where}, is not a change as it was written: {error}")
        return
    if verdict is Verdict.GENUINE:
        yield Acknowledged(where, row)
    else:
        yield _about(row, f"{where}, {verdict.value}")


def _absent(batch: list[Acknowledged], place: Place, *, using: str) -> Iterator[Finding]:
    found = _signatures([each.row for each in batch], using=using)
    absent = [each for each in batch if each.row.signature not in found.values()]
    archived = notes.archived_until({each.row.facts.user_id for each in absent}, using=using) if absent else {}
    for each in absent:
        facts = each.row.facts
        if facts.sequence <= archived.get(str(facts.user_id), -1):
            continue
        if place.is_standby and (place.replayed is None or facts.datetime > place.replayed - CLOCK_SKEW):
            raise ReplicaBehind(place, f"the change of {facts.datetime}")
        other = (str(facts.user_id), facts.sequence) in found
        instead = ", and another one has its sequence" if other else ""
        item = canonical("journal", str(facts.user_id), facts.sequence, each.row.signature).decode()
        message = f"{each.where}: this change was acknowledged and is not in the record{instead}"
        yield Finding(Kind.JOURNAL, message, facts.user_id, facts.username, facts.sequence, item=item)


def _signatures(rows: list[Row], *, using: str) -> dict[tuple[str, int], str]:
    """Return the signatures of the existing records with these users and sequences."""
    if not rows:
        return {}
    connection, key = connections[using], UserStateAudit._meta.get_field("user")
    pairs = " OR ".join(["(user_id = %s AND sequence = %s)"] * len(rows))
    table = connection.ops.quote_name(UserStateAudit._meta.db_table)
    sql = f"SELECT user_id, sequence, signature FROM {table} WHERE {pairs}"  # noqa: S608 - names of ours
    values = [(key.get_db_prep_value(row.facts.user_id, connection), row.facts.sequence) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for pair in values for value in pair])
        found = cursor.fetchall()
    return {(str(user_id), sequence): signature for user_id, sequence, signature in found}


def _about(row: Row, message: str) -> Finding:
    return Finding(Kind.JOURNAL, message, row.facts.user_id, row.facts.username, row.facts.sequence)
