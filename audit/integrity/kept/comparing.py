"""
Compares a checkpoint with the records found.

WHAT IS COMPARED. Each checkpoint is compared with an earlier one that covers a part of the same records. The records
between their keys are the difference. So a loss is found between the two checkpoints around it, however many follow,
and the later ones still match.

After a failover to a standby that was behind, or a restore, keys are assigned again. Then a later checkpoint covers the
same or lower keys, and is compared with the newest earlier one that covers only lower keys. That one may itself cover
what was lost. So where the two do not agree, the newest one that holds decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from audit.integrity.kept.checkpoints import Checkpoint
from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.findings import Finding, Gone, Kind


class Kept(NamedTuple):
    """A checkpoint, and its name in findings."""

    name: str
    checkpoint: Checkpoint


class Comparison(NamedTuple):
    """A checkpoint and the records found, both without what an earlier checkpoint covers."""

    kept: Kept
    after: int
    was: SetDigest
    found: SetDigest

    @property
    def holds(self) -> bool:
        """Whether they are the same records."""
        return self.was == self.found

    def finding(self, last: int | None) -> Finding:
        """Return the finding that they are not the same, in a database whose highest key is `last`, if it is known."""
        (name, checkpoint), after, was, found = self
        upto = checkpoint.last_id
        whose = f"the checkpoint {name} of {checkpoint.made_at:%Y-%m-%d %H:%M:%S %Z}"
        between = f" with keys from {after + 1} to {upto}" if after else ""
        if was.count != found.count:
            message = f"{whose} covers {was.count} records{between}, and there are {found.count} of them"
        else:
            message = f"the {was.count} records{between} are not those that {whose} covers"
        until = upto if last is None else min(last, upto)
        return Finding(Kind.CHECKPOINT, message, gone=Gone(after, upto, was - found, until))


def differences(ordered: Iterable[Kept], until: Mapping[int, SetDigest], archived: SetDigest) -> Iterator[Comparison]:
    """
    Yield the comparison of each checkpoint that does not hold. They are given in the order in which they were taken.

    `until` has the records up to the key at which each ends, without archived ones.
    """
    before: list[tuple[Kept, bool]] = []  # with ascending keys, and whether each holds
    for kept in ordered:
        while before and before[-1][0].checkpoint.last_id >= kept.checkpoint.last_id:
            before.pop()
        compared = [_compare(kept, base, until, archived) for base in _bases(before)]
        holds = any(each.holds for each in compared)
        before.append((kept, holds))
        if not holds:
            yield compared[0]


def _bases(before: list[tuple[Kept, bool]]) -> list[Kept | None]:
    """Return what the next checkpoint is compared with: the newest, and the newest that holds. None is nothing."""
    newest, holds = before[-1] if before else (None, True)
    if holds:
        return [newest]
    return [newest, next((each for each, held in reversed(before) if held), None)]


def _compare(kept: Kept, base: Kept | None, until: Mapping[int, SetDigest], archived: SetDigest) -> Comparison:
    covered, found = kept.checkpoint.covered, until[kept.checkpoint.last_id]
    if base is None:
        return Comparison(kept, 0, covered, found + archived)
    after = base.checkpoint.last_id
    return Comparison(kept, after, covered - base.checkpoint.covered, found - until[after])
