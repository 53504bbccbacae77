"""What people write into the cells of a list: addresses and names in the forms that address books export."""

from __future__ import annotations

import re
from typing import NamedTuple

from users.input.text import is_storable

_IN_BRACKETS = re.compile(r"([^<>]*)<([^<>]+)>")
_LINK = re.compile(r"mailto:([^?]*).*", re.IGNORECASE | re.DOTALL)


class Names(NamedTuple):
    """The first and the last name of a person; each may be empty."""

    first: str
    last: str


def is_readable(cell: str) -> bool:
    """Whether a cell holds text that its encoding has, and every database."""
    return "\ufffd" not in cell and is_storable(cell)


def address(cell: str) -> tuple[str, str]:
    """
    Return the address in a cell, and the name beside it or an empty text.

    Address books write `Ann Lee <ann@example.com>`, and links to an address begin with `mailto:`.
    """
    found = _IN_BRACKETS.fullmatch(cell.strip())
    name, written = (found[1].strip().strip("\"'"), found[2]) if found else ("", cell)
    link = _LINK.fullmatch(written.strip())
    return (link[1] if link else written).strip(), name


def names(whole: str) -> Names:
    """Divide the whole name of a person: the last word is the last name, and so is what stands before a comma."""
    last, comma, first = whole.partition(",")
    if comma:
        return Names(one_line(first), one_line(last))
    first, _, last = one_line(whole).rpartition(" ")
    return Names(first, last) if first else Names(last, "")


def one_line(text: str) -> str:
    """Return a name with a single space wherever its cell has spaces of any kind or line breaks."""
    return " ".join(text.split())
