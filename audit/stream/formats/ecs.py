"""
Elastic Common Schema: the actor is `user`, and the account is `user.target`.

The impersonator is `user`, and the person whose name was used is `user.effective`. Fields of our own are under
`user_audit`, a name that the schema does not use.
"""

from __future__ import annotations

from typing import Any

from audit.stream.formats.values import (
    PRODUCT,
    VENDOR,
    action,
    address,
    filled,
    has_failed,
    key,
    one_line,
    ours,
    sentence,
    written,
)

VERSION = "9.0.0"

TYPES = {"create": "creation", "delete": "deletion"}
"""By transition; each event is of the type `user` too."""

CLASSES = {
    "reads": {"category": ["database"], "type": ["access"]},
    "scheduled": {"category": ["iam"], "type": ["user", "info"]},
}


def line(what: str, row: Any, event_id: str) -> str:
    """Return the change as one line of JSON."""
    return one_line(
        filled(
            {
                "@timestamp": written(row.datetime),
                "ecs": {"version": VERSION},
                "message": sentence(what, row),
                "event": _event(what, row, event_id),
                "user": _users(row),
                "source": {"ip": address(row.ip_address), "address": address(row.ip_address)},
                "user_agent": {"original": row.user_agent},
                "http": {"request": {"id": row.request_id}},
                "related": _related(row),
                PRODUCT: _ours(row),
            }
        )
    )


def _event(what: str, row: Any, event_id: str) -> dict[str, Any]:
    name = action(what, row)
    return {
        "id": event_id,
        "kind": "event",
        **CLASSES.get(what, {"category": ["iam"], "type": ["user", TYPES.get(name, "change")]}),
        "action": name,
        "outcome": "failure" if has_failed(what, row) else "success",
        "reason": getattr(row, "reason", "") or getattr(row, "description", ""),
        "code": getattr(row, "cause", None),
        "sequence": getattr(row, "sequence", None),
        "module": PRODUCT,
        "dataset": f"{PRODUCT}.{what}",
        "provider": VENDOR,
    }


def _users(row: Any) -> dict[str, Any]:
    actor = {"id": key(row.actor_id), "name": row.initiated_by}
    impersonator = {"id": key(row.impersonator_id), "name": row.impersonator_name}
    target = {"target": {"id": key(getattr(row, "user_id", None)), "name": getattr(row, "username", None)}}
    if row.impersonator_id is None:
        return actor | target
    return impersonator | {"effective": actor} | target


def _related(row: Any) -> dict[str, Any]:
    names = {getattr(row, "username", ""), row.impersonator_name, row.initiated_by if row.actor_id is not None else ""}
    return {"user": sorted(filter(None, names)), "ip": [ip] if (ip := address(row.ip_address)) else []}


def _ours(row: Any) -> dict[str, Any]:
    return {
        **ours(row, "cause", "start_state", "end_state", "locked_until", "state", "left_out", "what", "rows", "query"),
        **ours(row, "change", "at", "until", "actor_kind", "details", "signature"),
    }
