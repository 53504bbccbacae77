"""
OCSF: Account Change (3001) of version 1.8.0, and User Management (3007), which the drafts of 1.9.0 add.

Refused transitions are the same classes with the status Failure. A read of the audit trail is a Datastore Activity
(6005). A step of a scheduled change is an Account Change of the activity Other, because it changes no account. Values
without an attribute in OCSF are in `unmapped`: the cause, both states, the end of a lock, the signature.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from audit.models import UserStateAudit
from audit.stream.formats.values import (
    PRODUCT,
    VENDOR,
    action,
    address,
    filled,
    has_failed,
    key,
    milliseconds,
    one_line,
    ours,
    sentence,
    written,
)
from users.actors import ActorKind
from users.causes import Cause
from users.states import State

OTHER = 99
INFORMATIONAL, MEDIUM = (1, "Informational"), (3, "Medium")
PERSON, MACHINE = (1, "User"), (4, "Service")
"""Types of users."""

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


DATASTORE_ACTIVITY = EventClass(6005, "Datastore Activity", "1.8.0", {})

SUCCESS, FAILURE = (1, "Success"), (2, "Failure")
CATEGORIES = {3: "Identity & Access Management", 6: "Application Activity"}


def account_change(what: str, row: Any, event_id: str) -> str:
    """Return a change or a refusal as an Account Change, a reading as a Datastore Activity."""
    return _line(ACCOUNT_CHANGE, what, row, event_id)


def user_management(what: str, row: Any, event_id: str) -> str:
    """Return a change or a refusal as a User Management event, a reading as a Datastore Activity."""
    return _line(USER_MANAGEMENT, what, row, event_id)


def _line(event_class: EventClass, what: str, row: Any, event_id: str) -> str:
    specific = _reading(row) if what == "reads" else _account(event_class, what, row)
    metadata = specific["metadata"] | _metadata(what, row, event_id)
    return one_line(filled(_common(what, row) | specific | {"metadata": metadata}))


def _classified(event_class: EventClass, activity_id: int, activity: str) -> dict[str, Any]:
    category = event_class.uid // 1000
    caption = activity if activity_id != OTHER else "Other"
    return {
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": category,
        "category_name": CATEGORIES[category],
        "class_uid": event_class.uid,
        "class_name": event_class.name,
        "type_uid": event_class.uid * 100 + activity_id,
        "type_name": f"{event_class.name}: {caption}",
        "metadata": {"version": event_class.version},
    }


def _common(what: str, row: Any) -> dict[str, Any]:
    failed = has_failed(what, row)
    severity_id, severity = MEDIUM if failed or _is_lockout(row) else INFORMATIONAL
    status_id, status = FAILURE if failed else SUCCESS
    return {
        "time": milliseconds(row.datetime),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_detail": getattr(row, "reason", None) or (row.description if failed else None),
        "message": sentence(what, row),
        "actor": _actor(row),
        "src_endpoint": {"ip": address(row.ip_address)},
        "http_request": {"uid": row.request_id, "user_agent": row.user_agent} if row.user_agent else None,
        "observables": _observables(row),
        "unmapped": _unmapped(row),
    }


def _account(event_class: EventClass, what: str, row: Any) -> dict[str, Any]:
    name = action(what, row)
    activity_id, activity = event_class.activities.get(name, (OTHER, name))
    return {
        **_classified(event_class, activity_id, activity),
        "user": _user(row.user_id, row.username),
        "count": _count(row) if _is_lockout(row) else None,
    }


def _count(row: Any) -> int | None:
    """The number of failed logins; code may have given anything as details."""
    count = row.details.get("count")
    return count if count.__class__ is int else None


def _reading(row: Any) -> dict[str, Any]:
    """A reading of the audit trail: a Read of its table, with the filters as the query."""
    ip = address(row.ip_address)
    return {
        **_classified(DATASTORE_ACTIVITY, 1, "Read"),
        "type_id": 3,
        "type": "Table",
        "table": {"name": UserStateAudit._meta.db_table},
        "query_info": {"name": row.what, "query_string": row.query} if row.query else None,
        "src_endpoint": {"ip": ip} if ip else {"name": row.ip_address or "unknown"},
    }


def _is_lockout(row: Any) -> bool:
    return bool(getattr(row, "end_state", None) == State.LOCKED and row.cause == Cause.FAILED_LOGINS)


def _metadata(what: str, row: Any, event_id: str) -> dict[str, Any]:
    return {
        "product": {"name": PRODUCT, "vendor_name": VENDOR},
        "uid": event_id,
        "log_name": row._meta.db_table,
        "event_code": None if what == "reads" else action(what, row),
        "correlation_uid": row.request_id,
        "original_time": written(row.datetime),
        "sequence": getattr(row, "sequence", None),
    }


def _user(user_id: Any, name: str, kind: tuple[int, str] = PERSON) -> dict[str, Any]:
    return {"uid": key(user_id), "name": name, "type_id": kind[0], "type": kind[1]}


def _actor(row: Any) -> dict[str, Any]:
    """Return a user as `user`; other actors, such as the system or the command line, as `app_name`."""
    if row.actor_id is None:
        return {"app_name": row.initiated_by or row.actor_kind or "unknown"}
    return {"user": _user(row.actor_id, row.initiated_by, MACHINE if row.actor_kind == ActorKind.MACHINE else PERSON)}


def _observables(row: Any) -> list[dict[str, Any]]:
    found = [
        {"name": "user.name", "type_id": USER_NAME, "type": "User Name", "value": getattr(row, "username", "")},
        {"name": "src_endpoint.ip", "type_id": IP_ADDRESS, "type": "IP Address", "value": address(row.ip_address)},
    ]
    return [each for each in found if each["value"]]


def _unmapped(row: Any) -> dict[str, Any]:
    return {
        **ours(row, "cause", "start_state", "end_state", "locked_until", "state", "left_out", "what", "rows"),
        **ours(row, "change", "at", "until", "actor_kind", "description", "details", "signature"),
        "impersonator": {"uid": key(row.impersonator_id), "name": row.impersonator_name},
    }
