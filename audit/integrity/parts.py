"""
A walk in parts: by ranges of users, in several processes, and resumable.

Each part is a walk of its own (`audit.integrity.walk`). Findings are concatenated, and counts and digests are added, so
the result is that of a single walk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections

from audit.exceptions import NotGenuine
from audit.integrity.digest import SetDigest
from audit.integrity.facts import canonical
from audit.integrity.findings import Finding, Kind
from audit.integrity.reading import UserRange, ranges_of_users
from audit.integrity.signing import Verdict, judge, signature
from audit.integrity.vault import Buckets
from audit.integrity.walk import Scope, Walk

PARTS = 64
"""The number of ranges: few enough to cost nothing, and enough to keep all processes busy."""


class Outcome(NamedTuple):
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
    jobs: int = 1
    file: Path | None = None
    """The file for the progress."""

    _done: dict[int, Outcome] = field(default_factory=dict)

    def outcomes(self) -> Iterator[Outcome]:
        """
        Yield the result of each part, in the order of users.

        Raises `NotGenuine` if the file is of another walk or was altered.
        """
        ranges = self._ranges()
        left = [number for number in range(len(ranges)) if number not in self._done]
        walked = self._walk([ranges[number] for number in left])
        for number in range(len(ranges)):
            if number not in self._done:
                outcome = next(walked)
                self._write({"part": number, **_to_json(outcome)})
                yield outcome
            else:
                yield self._done.pop(number)
        if self.file:
            self.file.unlink()

    def _walk(self, parts: list[UserRange]) -> Iterator[Outcome]:
        walk = partial(_walk_part, self.scope, self.edges)
        if self.jobs == 1:
            yield from map(walk, parts)
            return
        # Processes must not share a connection, so each opens its own.
        connections.close_all()
        with ProcessPoolExecutor(self.jobs, mp_context=get_context("fork")) as processes:
            yield from processes.map(walk, parts)

    def _ranges(self) -> list[UserRange]:
        about = {"database": self.scope.using, "edges": self.edges}
        if self.file and self.file.exists():
            return self._read(self.file, about)
        ranges = ranges_of_users(PARTS, using=self.scope.using)
        self._write({**about, "ranges": ranges})
        return ranges

    def _write(self, values: dict[str, Any]) -> None:
        if self.file is None:
            return
        text = json.dumps(values, default=str)
        with os.fdopen(os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a") as file:
            file.write(json.dumps({"line": text, "signature": signature(canonical("progress", text))}) + "\n")

    def _read(self, file: Path, about: dict[str, Any]) -> list[UserRange]:
        head, *lines = map(_genuine, _whole_lines(file))
        if {name: head.get(name) for name in about} != about:
            raise NotGenuine(f"{file} is not of this verification: remove it to start from the beginning")
        for line in lines:
            self._done[line.pop("part")] = _from_json(line)
        return [(behind, upto) for behind, upto in head["ranges"]]


def _walk_part(scope: Scope, edges: list[int], part: UserRange) -> Outcome:
    walk = Walk(scope, Buckets(edges), part)
    return Outcome([*walk.findings()], walk.records, walk.accounts, walk.buckets.sums)


def _whole_lines(file: Path) -> Iterator[str]:
    """Yield the complete lines. A killed run may have left an incomplete one."""
    for line in file.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield line


def _genuine(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
        text, claimed = told["line"], told["signature"]
        if judge(canonical("progress", text), claimed) is Verdict.GENUINE:
            return dict(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine(f"this is not the progress of a verification: {line[:100]}") from error
    raise NotGenuine("the progress of the verification was altered: remove the file to start from the beginning")


def _to_json(outcome: Outcome) -> dict[str, Any]:
    sums = {number: [found.count, found.to_bytes().hex()] for number, found in outcome.sums.items()}
    findings = [_finding_to_json(each) for each in outcome.findings]
    return {"records": outcome.records, "accounts": outcome.accounts, "sums": sums, "findings": findings}


def _from_json(values: dict[str, Any]) -> Outcome:
    stored = values["sums"].items()
    sums = {int(number): SetDigest.stored(count, bytes.fromhex(total)) for number, (count, total) in stored}
    findings = [_finding_from_json(each) for each in values["findings"]]
    return Outcome(findings, values["records"], values["accounts"], sums)


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    moments = finding.moments and [each.isoformat() for each in finding.moments]
    return {**finding.as_dict(), "item": finding.item, "moments": moments}


def _finding_from_json(values: dict[str, Any]) -> Finding:
    moments = values.pop("moments")
    parsed = moments and tuple(map(datetime.fromisoformat, moments))
    return Finding(**values | {"kind": Kind(values["kind"]), "moments": parsed})
