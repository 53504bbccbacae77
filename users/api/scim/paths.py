"""
Paths of attributes, as a PATCH has them: `active`, `name.familyName`, `emails[type eq "work"].value`.

One address of a person is stored, and it is described as the primary one, for work.
"""

from __future__ import annotations

import re

from django_scim.exceptions import BadRequestError

CORE = "urn:ietf:params:scim:schemas:core:2.0:user:"
_PATH = re.compile(
    r"(?P<attribute>[A-Za-z][\w$-]*)(?:\[(?P<condition>[^\[\]]{1,300})\])?(?P<part>\.[A-Za-z][\w$-]*)?", re.ASCII
)
_COMPARISON = re.compile(r'\s*(?P<name>type|primary)\s+eq\s+(?P<value>"[^"]*"|true|false)\s*', re.IGNORECASE)

OF_OTHERS = "[]"
"""Stands in the path of a value that is not stored here, such as an address at home."""


def plain(path: str) -> str:
    """A path in lower case, without the core schema and without a condition that the stored address meets."""
    short = without_schema(path)
    if short.startswith("urn:"):
        return short  # of an extension
    found = _PATH.fullmatch(short)
    if found is None:
        raise BadRequestError("A path cannot be read.", scim_type="invalidPath")
    attribute, condition, part = found["attribute"], found["condition"], found["part"] or ""
    stored = condition is None or (attribute == "emails" and is_of_work(condition))
    return attribute + ("" if stored else OF_OTHERS) + part


def without_schema(path: str) -> str:
    """A path in lower case and without the core schema."""
    return path.lower().removeprefix(CORE)


def is_of_work(condition: str) -> bool:
    """Whether the primary address, which is for work, meets the condition of a path; raises `BadRequestError`."""
    comparisons = [_COMPARISON.fullmatch(each) for each in re.split(r"\sand\s", condition, flags=re.IGNORECASE)]
    if None in comparisons:
        raise BadRequestError("Addresses are told apart by type and primary alone.", scim_type="invalidFilter")
    met = {"type": "work", "primary": "true"}
    return all(met[each["name"].lower()] == each["value"].strip('"').lower() for each in comparisons if each)
