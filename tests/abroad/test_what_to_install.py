"""docs/adding.md names every package that the two apps import."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.abroad.adding import PAGE

ROOT = Path(__file__).parents[2]
OPTIONAL = ("users/api/", "audit/api/")
"""Folders whose packages are those of requirements-api.txt."""


def imported_by(path: Path) -> Iterator[str]:
    """The modules at the top level of others that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def with_what_they_need(packages: set[NormalizedName]) -> set[NormalizedName]:
    """These packages, and those that they bring along."""
    found: set[NormalizedName] = set()
    while packages - found:
        package = min(packages - found)
        found.add(package)
        needed = (Requirement(each) for each in requires(package) or ())
        packages = packages | {canonicalize_name(each.name) for each in needed if not each.marker}
    return found


def test_what_the_page_installs_is_what_the_apps_import():
    lines = re.findall(r"^pip install (.*)$", PAGE.read_text(), re.MULTILINE)
    named = {canonicalize_name(Requirement(each.strip("'")).name) for line in lines for each in line.split()}
    files = [path for app in ("users", "audit") for path in (ROOT / app).rglob("*.py")]
    needed = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(OPTIONAL)]
    modules = {module for path in needed for module in imported_by(path)} - sys.stdlib_module_names
    packages = {
        canonicalize_name(package)
        for module in modules - {"users", "audit"}
        for package in packages_distributions()[module]
    }

    assert packages <= with_what_they_need(named), "docs/adding.md does not name all of them"
    assert named <= packages, "docs/adding.md names more than the apps import"
