"""
A walk in parts: by ranges of users, in several processes, and resumable.

Each part is a walk of its own (`audit.integrity.walk`). Findings are concatenated, and counts and digests are added, so
the result is that of a single walk.

A walk that goes on after an interruption takes over what the parts before it found at their time. So it goes on only in
the same database, with the same archives and declarations, and while the newest record of its beginning is still there:
after a restore it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections
from django.utils import timezone

from audit.exceptions import NotGenuine
from audit.integrity.kept.buckets import Buckets
from audit.integrity.processes import spread
from audit.integrity.progress import Progress
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.reading import UserRange, is_there, newest_record, ranges_of_users
from audit.integrity.walk import Scope, Walk

PARTS = 64
"""The number of ranges: few enough to cost nothing, and enough to keep all processes busy."""


class Walked(NamedTuple):
    """The result of the walk over one part."""

    findings: list[Finding]
    records: int
    accounts: int
    sums: dict[int, SetDigest]


@dataclass(slots=True)
class Parts:
    """All parts of one walk, including those already done."""

    scope: Scope
    edges: list[int]
    """The keys at which checkpoints end; after `begin`, those of the walk that is continued."""

    unchanged: Mapping[str, Any]
    """Facts about the database, as JSON keeps them. If one changes, an interrupted walk cannot be continued."""

    jobs: int = 1
    file: Path | None = None
    """The file for the progress."""

    begun: datetime | None = field(default=None, init=False)
    """When the walk that is continued began; None if this one is new."""

    _progress: Progress = field(init=False)
    _ranges: list[UserRange] = field(default_factory=list)
    _done: dict[int, Walked] = field(default_factory=dict)

    def begin(self) -> None:
        """
        Read what is done already, or divide the users.

        Raises `NotGenuine` if the file is of another walk or was altered.
        """
        self._progress = Progress(self.file)
        about = {"database": _database(self.scope.using), **self.unchanged}
        head, *done = self._progress.read() or [{}]
        if not head:
            self._ranges = ranges_of_users(PARTS, using=self.scope.using)
            begun, newest = timezone.now().isoformat(), newest_record(self.scope.using)
            self._progress.write(
                {**about, "begun": begun, "newest": newest, "edges": self.edges, "ranges": self._ranges}
            )
            return
        is_same = {name: head.get(name) for name in about} == about and all("part" in line for line in done)
        if not is_same or not is_there(head["newest"], self.scope.using) or not self._shares_edges(head["edges"]):
            raise NotGenuine(f"{self.file} is not of this verification: remove it to start from the beginning")
        self.begun = datetime.fromisoformat(head["begun"])
        self.edges, self._ranges = head["edges"], [(behind, upto) for behind, upto in head["ranges"]]
        self._done = {line.pop("part"): _from_json(line) for line in done}

    def _shares_edges(self, edges: list[int]) -> bool:
        return not self.edges or not {*self.edges}.isdisjoint(edges)

    def outcomes(self) -> Iterator[Walked]:
        """Yield the result of each part, in the order of users."""
        numbers = range(len(self._ranges))
        walk = partial(_walk_part, self.scope, self.edges)
        walked = spread(walk, [self._ranges[number] for number in numbers if number not in self._done], jobs=self.jobs)
        for number in numbers:
            if number in self._done:
                yield self._done.pop(number)
                continue
            outcome = next(walked)
            self._progress.write({"part": number, **_to_json(outcome)})
            yield outcome
        self._progress.end()


def _database(using: str) -> str:
    settings = connections[using].settings_dict
    return ":".join(str(part) for part in (using, settings["NAME"], settings["HOST"], settings["PORT"]))


def _walk_part(scope: Scope, edges: list[int], part: UserRange) -> Walked:
    walk = Walk(scope, Buckets(edges), part)
    return Walked([*walk.findings()], walk.records, walk.accounts, walk.buckets.sums)


def _to_json(outcome: Walked) -> dict[str, Any]:
    sums = {number: [found.count, found.to_bytes().hex()] for number, found in outcome.sums.items()}
    findings = [_finding_to_json(each) for each in outcome.findings]
    return {"records": outcome.records, "accounts": outcome.accounts, "sums": sums, "findings": findings}


def _from_json(values: dict[str, Any]) -> Walked:
    stored = values["sums"].items()
    sums = {int(number): SetDigest.stored(count, bytes.fromhex(total)) for number, (count, total) in stored}
    findings = [_finding_from_json(each) for each in values["findings"]]
    return Walked(findings, values["records"], values["accounts"], sums)


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    moments = finding.moments and [each.isoformat() for each in finding.moments]
    return {**finding.as_dict(), "item": finding.item, "moments": moments}


def _finding_from_json(values: dict[str, Any]) -> Finding:
    moments = values.pop("moments")
    parsed = moments and tuple(map(datetime.fromisoformat, moments))
    return Finding(**values | {"kind": Kind(values["kind"]), "moments": parsed})
