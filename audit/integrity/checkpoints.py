"""
Checkpoints: signed summaries of the record at some time, to be kept out of reach of the database's users.

WHAT A CHECKPOINT COVERS. All records with a key up to `last_id`, taken when no open transaction can still add one of
them (`audit.integrity.settled`). From then on this set can only be tampered with or moved to archives, which are
counted separately. So the next checkpoint reads only the records after `last_id`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.utils import timezone

from audit.exceptions import NotGenuine
from audit.integrity.digest import SetDigest
from audit.integrity.facts import canonical, canonical_moment
from audit.integrity.reading import pages_by_key
from audit.integrity.settled import last_settled_key
from audit.integrity.signing import Verdict, judge
from audit.models import AuditCheckpoint, UserStateAudit

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint in the form that is kept elsewhere: one line of JSON."""

    made_at: datetime
    last_id: int
    count: int
    digest: str
    signature: str

    @classmethod
    def of(cls, stored: AuditCheckpoint) -> Self:
        """Return the checkpoint that is stored in the database."""
        return cls(stored.made_at, stored.last_id, stored.count, stored.digest.hexdigest(), stored.signature)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Parse the output of `to_json`. Raises `NotGenuine` if it is something else or signed with an unknown key."""
        try:
            values = json.loads(text)
            known = values.pop("format") == FORMAT
            values["made_at"] = datetime.fromisoformat(values["made_at"])
            checkpoint = cls(**values | {"signature": str(values["signature"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NotGenuine(f"not a checkpoint: {error}") from error
        if not known:
            raise NotGenuine("this checkpoint has an unknown format")
        checkpoint.verify()
        return checkpoint

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps({"format": FORMAT, **asdict(self), "made_at": canonical_moment(self.made_at)})

    def verify(self) -> None:
        """Raise `NotGenuine` if the signature does not match."""
        message = canonical("checkpoint", canonical_moment(self.made_at), self.last_id, self.count, self.digest)
        if (verdict := judge(message, self.signature)) is not Verdict.GENUINE:
            raise NotGenuine(f"the checkpoint of {self.made_at} is not genuine: its signature is {verdict.value}")


def take(*, using: str, wait: timedelta, on_page: Callable[[int], Any] = lambda _: None) -> AuditCheckpoint:
    """
    Take a checkpoint, store it, and return it.

    `wait` is the time to wait for open transactions; `on_page` is called with the number of records of each page.
    Raises `audit.exceptions.StillOpen` if they take longer, and `NotGenuine` if the previous checkpoint was altered.
    """
    covered, last_id = SetDigest(), 0
    if before := AuditCheckpoint.objects.using(using).order_by("pk").last():
        Checkpoint.of(before).verify()
        covered, last_id = before.digest, before.last_id
    upto = last_settled_key(using=using, wait=wait)
    for page in pages_by_key(UserStateAudit.objects.using(using).filter(pk__gt=last_id, pk__lte=upto)):
        for row in page:
            covered.add(row.message)
        on_page(len(page))
    checkpoint = AuditCheckpoint(made_at=timezone.now(), last_id=max(upto, last_id))
    checkpoint.digest = covered
    checkpoint.sign()
    checkpoint.save(using=using)
    return checkpoint
