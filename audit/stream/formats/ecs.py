"""
Elastic Common Schema: who acts is `user`, the account is `user.target`.

Whoever impersonates somebody is `user`, and whose name was used is `user.effective`. Fields of our own are under
`user_audit`, a name that the schema does not use.
"""

from __future__ import annotations

from typing import Any

from audit.stream.formats.values import PRODUCT, VENDOR, address, filled, key, one_line, sentence, written

VERSION = "9.0.0"

TYPES = {"create": "creation", "delete": "deletion"}
"""By transition; each event is of the type `user` too."""


def line(what: str, row: Any, event_id: str) -> str:
    """Return the change as one line of JSON."""
    return one_line(
        filled(
            {
                "@timestamp": written(row.datetime),
                "ecs": {"version": VERSION},
                "message": sentence(row),
                "event": _event(row, event_id),
                "user": _users(row),
                "source": {"ip": address(row.ip_address), "address": address(row.ip_address)},
                "user_agent": {"original": row.user_agent},
                "http": {"request": {"id": row.request_id}},
                "related": _related(row),
                PRODUCT: _ours(row),
            }
        )
    )


def _event(row: Any, event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "kind": "event",
        "category": ["iam"],
        "type": ["user", TYPES.get(row.transition, "change")],
        "action": row.transition,
        "outcome": "success",
        "reason": row.description,
        "code": row.cause,
        "sequence": row.sequence,
        "module": PRODUCT,
        "dataset": f"{PRODUCT}.changes",
        "provider": VENDOR,
    }


def _users(row: Any) -> dict[str, Any]:
    actor = {"id": key(row.actor_id), "name": row.initiated_by}
    impersonator = {"id": key(row.impersonator_id), "name": row.impersonator_name}
    target = {"target": {"id": key(row.user_id), "name": row.username}}
    if row.impersonator_id is None:
        return actor | target
    return impersonator | {"effective": actor} | target


def _related(row: Any) -> dict[str, Any]:
    names = {row.username, row.impersonator_name} | ({row.initiated_by} if row.actor_id is not None else set())
    return {"user": sorted(names - {""}), "ip": [ip] if (ip := address(row.ip_address)) else []}


def _ours(row: Any) -> dict[str, Any]:
    return {
        "cause": row.cause,
        "start_state": row.start_state,
        "end_state": row.end_state,
        "locked_until": written(row.locked_until),
        "actor_kind": row.actor_kind,
        "details": row.details,
        "signature": row.signature,
    }
