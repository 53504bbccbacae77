"""The docstrings below the attributes of a class, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from textwrap import dedent

from project.documents.markdown import one_line


@cache
def below_attributes(owner: type) -> dict[str, str]:
    """Attribute names with the docstrings below them, also those that this project's base classes define."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.split(".")[0] in {"audit", "users"}:
            (node,) = ast.parse(dedent(inspect.getsource(base))).body
            found |= dict(_below(node)) if isinstance(node, ast.ClassDef) else {}
    return found


def _below(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in pairwise(node.body):
        match statement, following:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, one_line(text)
