"""
Checkpoints: signed summaries of the record at some moment, to be kept where nobody with access to the database can
reach them.

WHAT A CHECKPOINT COVERS: all records with a key up to `last_id`, once no transaction is open that could still bring one
of those (`audit.integrity.kept.settled`). From then on that set can only be tampered with, or go into archives, which
are counted separately. So the next checkpoint reads only the records after `last_id`.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from audit.exceptions import NotGenuine
from audit.integrity.kept.files import NOT_JSON
from audit.integrity.signed.digest import SIZE, SetDigest
from audit.integrity.signed.facts import canonical, canonical_moment
from audit.integrity.signed.signing import Verdict, judge
from audit.models import AuditCheckpoint

FORMAT = 2
"""Format 1 had the digest without the sum, and could not be compared with the line before it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as it is kept elsewhere: one line of JSON."""

    made_at: datetime
    last_id: int
    count: int
    digest: str
    position: str
    total: str
    """The sum of which `digest` is the short form, in base 64."""

    signature: str

    @classmethod
    def of(cls, stored: AuditCheckpoint) -> Self:
        """Return the checkpoint from the database's own note."""
        covered = stored.digest
        total = b64encode(covered.to_bytes()).decode("ascii")
        told = (stored.made_at, stored.last_id, stored.count, covered.hexdigest(), stored.position)
        return cls(*told, total, stored.signature)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the output of `to_json`. Raises `NotGenuine` for anything else, and if the signature does not match."""
        try:
            values = json.loads(text)
            known = values.pop("format") == FORMAT
            values["made_at"] = datetime.fromisoformat(values["made_at"])
            checkpoint = cls(**values | {"signature": str(values["signature"])})
            whole = len(b64decode(checkpoint.total, validate=True)) == SIZE and type(checkpoint.last_id) is int
        except NOT_JSON as error:
            raise NotGenuine(f"this is not a checkpoint: {error}") from error
        if not known or not whole:
            raise NotGenuine("this checkpoint has an unknown format")
        checkpoint.verify()
        return checkpoint

    @property
    def covered(self) -> SetDigest:
        """The records that it covers, to be compared with those of another one."""
        return SetDigest.stored(self.count, b64decode(self.total))

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps({"format": FORMAT, **asdict(self), "made_at": canonical_moment(self.made_at)})

    def verify(self) -> None:
        """Raise `NotGenuine` if the signature does not match, or the sum is not the one that was signed."""
        made_at, position = canonical_moment(self.made_at), [self.position] if self.position else []
        message = canonical("checkpoint", made_at, self.last_id, self.count, self.digest, *position)
        verdict = judge(message, self.signature)
        if verdict is not Verdict.GENUINE:
            raise NotGenuine(f"the checkpoint of {self.made_at} {verdict.value}")
        if self.covered.hexdigest() != self.digest:
            raise NotGenuine(f"the checkpoint of {self.made_at} is not genuine: its sum is not the one that was signed")
