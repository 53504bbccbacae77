"""
OCSF: Account Change (3001) of version 1.8.0, and User Management (3007), which the drafts of 1.9.0 add.

What OCSF has no attribute for is in `unmapped`: the cause, both states, the end of a lock, the signature.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from audit.stream.formats.values import PRODUCT, VENDOR, address, filled, key, one_line, sentence, written
from users.actors import ActorKind
from users.causes import Cause
from users.local_time import in_utc
from users.states import State

OTHER = 99
INFORMATIONAL, MEDIUM = (1, "Informational"), (3, "Medium")
USER_NAME, IP_ADDRESS = 4, 2
"""Types of observables."""


class EventClass(NamedTuple):
    """A class of events: its number, its name, the version of OCSF that has it, and its activities."""

    uid: int
    name: str
    version: str
    activities: dict[str, tuple[int, str]]
    """By transition."""


ACCOUNT_CHANGE = EventClass(
    3001,
    "Account Change",
    "1.8.0",
    {
        "create": (1, "Create"),
        "activate": (2, "Enable"),
        "reactivate": (2, "Enable"),
        "deactivate": (5, "Disable"),
        "delete": (6, "Delete"),
        "lock": (9, "Lock"),
        "unlock": (12, "Unlock"),
    },
)
USER_MANAGEMENT = EventClass(
    3007,
    "User Management",
    "1.9.0-dev",
    {
        "create": (1, "Create"),
        "delete": (3, "Delete"),
        "activate": (4, "Enable"),
        "reactivate": (4, "Enable"),
        "deactivate": (5, "Disable"),
        "lock": (6, "Lock"),
        "unlock": (7, "Unlock"),
    },
)


def account_change(what: str, row: Any, event_id: str) -> str:
    """Return the change as an Account Change."""
    return one_line(filled(_event(ACCOUNT_CHANGE, row, event_id)))


def user_management(what: str, row: Any, event_id: str) -> str:
    """Return the change as a User Management event."""
    return one_line(filled(_event(USER_MANAGEMENT, row, event_id)))


def _event(event_class: EventClass, row: Any, event_id: str) -> dict[str, Any]:
    activity_id, activity = event_class.activities.get(row.transition, (OTHER, row.transition))
    severity_id, severity = MEDIUM if _is_lockout(row) else INFORMATIONAL
    caption = activity if activity_id != OTHER else "Other"
    return {
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 3,
        "category_name": "Identity & Access Management",
        "class_uid": event_class.uid,
        "class_name": event_class.name,
        "type_uid": event_class.uid * 100 + activity_id,
        "type_name": f"{event_class.name}: {caption}",
        "time": int(in_utc(row.datetime).timestamp() * 1000),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1,
        "status": "Success",
        "message": sentence(row),
        "count": row.details.get("count") if _is_lockout(row) else None,
        "metadata": _metadata(event_class, row, event_id),
        "user": _user(row.user_id, row.username),
        "actor": _actor(row),
        "src_endpoint": {"ip": address(row.ip_address)},
        "http_request": {"uid": row.request_id, "user_agent": row.user_agent} if row.user_agent else None,
        "observables": _observables(row),
        "unmapped": _unmapped(row),
    }


def _is_lockout(row: Any) -> bool:
    return bool(row.end_state == State.LOCKED and row.cause == Cause.FAILED_LOGINS)


def _metadata(event_class: EventClass, row: Any, event_id: str) -> dict[str, Any]:
    return {
        "version": event_class.version,
        "product": {"name": PRODUCT, "vendor_name": VENDOR},
        "uid": event_id,
        "log_name": row._meta.db_table,
        "event_code": row.transition,
        "correlation_uid": row.request_id,
        "original_time": written(row.datetime),
        "sequence": row.sequence,
    }


def _user(user_id: Any, name: str) -> dict[str, Any]:
    return {"uid": key(user_id), "name": name, "type_id": 1, "type": "User"}


def _actor(row: Any) -> dict[str, Any]:
    """Return a user as `user`; whoever else acts, such as the system or the command line, as `app_name`."""
    if row.actor_id is None:
        return {"app_name": row.initiated_by or row.actor_kind or ActorKind.SYSTEM.value}
    return {"user": _user(row.actor_id, row.initiated_by)}


def _observables(row: Any) -> list[dict[str, Any]]:
    found = [{"name": "user.name", "type_id": USER_NAME, "type": "User Name", "value": row.username}]
    if ip := address(row.ip_address):
        found.append({"name": "src_endpoint.ip", "type_id": IP_ADDRESS, "type": "IP Address", "value": ip})
    return [each for each in found if each["value"]]


def _unmapped(row: Any) -> dict[str, Any]:
    return {
        "cause": row.cause,
        "start_state": row.start_state,
        "end_state": row.end_state,
        "locked_until": written(row.locked_until),
        "actor_kind": row.actor_kind,
        "impersonator": {"uid": key(row.impersonator_id), "name": row.impersonator_name},
        "description": row.description,
        "details": row.details,
        "signature": row.signature,
    }
