"""The attributes of a user that a request asks for (RFC 7644, 3.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from users.api.scim.paths import without_schema

ALWAYS = frozenset({"schemas", "id"})


def selected(described: dict[str, Any], query: QueryDict) -> dict[str, Any]:
    """Return the attributes that `attributes` names, without those that `excludedAttributes` names."""
    wanted, unwanted = _names(query, "attributes"), _names(query, "excludedAttributes")
    if not (wanted or unwanted):
        return described
    return dict(_parts("", described, wanted, unwanted))


def _names(query: QueryDict, parameter: str) -> set[str]:
    return {without_schema(name.strip()) for name in query.get(parameter, "").split(",") if name.strip()}


def _parts(above: str, values: dict[str, Any], wanted: set[str], unwanted: set[str]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{above}{key.lower()}"
        if not above and key in ALWAYS:
            yield key, value
        elif name in unwanted:
            continue
        elif not wanted or name in wanted:
            yield key, _within(value, name, set(), unwanted)
        elif any(each.startswith(f"{name}.") for each in wanted):
            yield key, _within(value, name, wanted, unwanted)


def _within(value: Any, name: str, wanted: set[str], unwanted: set[str]) -> Any:
    if isinstance(value, list):
        return [_within(each, name, wanted, unwanted) for each in value]
    return dict(_parts(f"{name}.", value, wanted, unwanted)) if isinstance(value, dict) else value
