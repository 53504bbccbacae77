"""Committed changes as lines of JSON, for log collectors."""

from __future__ import annotations

import json
import logging

from audit.integrity.facts import Facts
from audit.models import UserStateAudit

logger = logging.getLogger("audit")


def write(record: UserStateAudit) -> None:
    """Log the record's facts as one line of JSON (logger `audit`, INFO)."""
    if logger.isEnabledFor(logging.INFO):
        logger.info(json.dumps({name: getattr(record, name) for name in Facts._fields}, default=str))
