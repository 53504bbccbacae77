"""Committed changes as lines of JSON, for whatever collects logs."""

from __future__ import annotations

import json
import logging

from audit.models import UserStateAudit

logger = logging.getLogger("audit")

LOGGED = (
    "user_id",
    "username",
    "sequence",
    "transition",
    "start_state",
    "end_state",
    "datetime",
    "actor_id",
    "initiated_by",
    "description",
    "ip_address",
    "user_agent",
    "request_id",
)


def write(record: UserStateAudit) -> None:
    """Log the record's facts as one line of JSON (logger `audit`, INFO)."""
    logger.info(json.dumps({name: getattr(record, name) for name in LOGGED}, default=str))
