"""
Reads a PATCH as a flat mapping of attributes, in the shapes that Okta and Entra ID send.

Entra ID writes `Replace` and `Add`, booleans as texts, paths such as `emails[type eq "work"].value`, and values without
a path whose keys are paths. Okta sends objects without a path. Attributes that nobody stores here are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django_scim.exceptions import BadRequestError

from users.api.scim.paths import plain

OPERATIONS = frozenset({"add", "replace", "remove"})
MOST_OPERATIONS = 100

STORED = {
    "active": "active",
    "username": "userName",
    "externalid": "externalId",
    "name.givenname": "givenName",
    "name.familyname": "familyName",
    "emails": "email",
    "emails.value": "email",
}
REQUIRED = frozenset({"active", "userName", "email"})
UNASSIGNED: tuple[Any, ...] = (None, [])
"""The values that mean that there is none (RFC 7643, 2.5). A user keeps what is required and has no value."""

Wanted = dict[str, Any]


def of_operations(operations: Any) -> Wanted:
    """The attributes that the operations of a PATCH set, by their names here; later ones win."""
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        raise BadRequestError("Operations is not a list of operations.", scim_type="invalidSyntax")
    wanted: Wanted = {}
    for operation in operations:
        wanted |= _of_operation(operation)
    return wanted


def of_resource(body: Any) -> Wanted:
    """The attributes of a whole user, as POST and PUT carry it."""
    if not isinstance(body, Mapping):
        raise BadRequestError("This is not a user.", scim_type="invalidSyntax")
    return dict(_each("", body))


def boolean(value: Any) -> bool:
    """A boolean, also as the text that Entra ID sends."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise BadRequestError("active is not a boolean.", scim_type="invalidValue")


def _of_operation(operation: Any) -> Wanted:
    if not isinstance(operation, Mapping):
        raise BadRequestError("An operation is not an object.", scim_type="invalidSyntax")
    name, path = str(operation.get("op", "")).lower(), operation.get("path")
    if name not in OPERATIONS:
        raise BadRequestError("An operation is none of add, replace and remove.", scim_type="invalidSyntax")
    if path is not None and not isinstance(path, str):
        raise BadRequestError("A path is not a text.", scim_type="invalidPath")
    value = operation.get("value")
    if name == "remove" or (name == "replace" and path and value in UNASSIGNED):
        return _removed(path)
    if not path:
        if not isinstance(value, Mapping):
            raise BadRequestError("An operation without a path needs an object.", scim_type="invalidSyntax")
        path, value = "", dict(value)
    return dict(_each(path, value, adds=name == "add"))


def _removed(path: str | None) -> Wanted:
    if not path:
        raise BadRequestError("There is nothing to remove.", scim_type="noTarget")
    name = plain(path)
    attributes = [each for known, each in STORED.items() if known == name or known.startswith(f"{name}.")]
    if REQUIRED.intersection(attributes):
        raise BadRequestError(f"{path} cannot be removed.", scim_type="mutability")
    return dict.fromkeys(attributes, "")


def _each(path: str, value: Any, *, adds: bool = False) -> Iterator[tuple[str, Any]]:
    """The stored attributes in a value; objects are taken apart by their keys, which may be paths themselves."""
    name = plain(path) if path else ""
    if isinstance(value, Mapping) and name not in STORED:
        if name in ("", "name"):
            for key, each in value.items():
                yield from _each(f"{path}.{key}" if name else str(key), each, adds=adds)
        return
    attribute = STORED.get(name)
    if value in UNASSIGNED:
        if attribute and attribute not in REQUIRED and not adds:
            yield attribute, ""
    elif attribute == "active":
        yield attribute, boolean(value)
    elif attribute == "email":
        if not (adds and isinstance(value, list) and not _of_work(value)):
            yield attribute, _email(value)
    elif attribute:
        yield attribute, _text(attribute, value)


def _of_work(addresses: list[Any]) -> list[Any]:
    """Those that can be the one address that is stored, the best first: the primary one, then one for work."""
    entries = [each for each in addresses if isinstance(each, Mapping)]
    primary = [each for each in entries if str(each.get("primary", "")).lower() == "true"]
    return primary + [each for each in entries if str(each.get("type", "work")).lower() == "work"]


def _email(value: Any) -> str:
    """One address: the best one of a list, otherwise the first."""
    if isinstance(value, list):
        value = next(iter(_of_work(value) + value), {})
    if isinstance(value, Mapping):
        value = value.get("value")
    return _text("emails", value)


def _text(attribute: str, value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise BadRequestError(f"{attribute} is not a text.", scim_type="invalidValue")
    return value.strip()
