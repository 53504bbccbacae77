"""Markdown from parts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_KEEPS_ITS_LINES = re.compile(r"(?m)^(\s|- |\d\. )")
"""A paragraph with an indented line or a list."""


def page(parts: Iterable[str]) -> str:
    """A page from its parts."""
    return "\n\n".join(parts) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def one_line(text: str | None) -> str:
    """A docstring or help text as one line."""
    return " ".join(str(text).split())


def paragraphs(docstring: str | None) -> str:
    """A docstring with each paragraph on one line."""
    found = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(each if _KEEPS_ITS_LINES.search(each) else one_line(each) for each in found)
