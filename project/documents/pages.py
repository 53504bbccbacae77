"""The files that contain generated parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.utils import translation

from project.documents import data_model, reference
from project.documents.tables import (
    APPS,
    checks_page,
    commands_page,
    operations_table,
    settings_page,
    states_table,
    transitions_table,
)
from users.administration import diagram
from users.models import UserFSM

__all__ = ["APPS", "ROOT", "files"]

ROOT = Path(__file__).resolve().parent.parent.parent


def files() -> dict[Path, str]:
    """Every file with a generated part, and what it should say."""
    with translation.override("en"):
        made = {
            ROOT / "docs/settings.md": settings_page(),
            ROOT / "docs/checks.md": checks_page(),
            ROOT / "docs/commands.md": commands_page(),
            ROOT / "docs/data-model.md": data_model.page(),
            ROOT / "docs/reference.md": reference.page(),
            ROOT / "docs/images/lifecycle.svg": _picture(),
        }
        for name, tables in _tables().items():
            made[ROOT / name] = _with_tables((ROOT / name).read_text(encoding="utf-8"), tables)
    return made


def _tables() -> dict[str, dict[str, str]]:
    """The generated tables, by name, of each page whose other parts people write."""
    return {
        "README.md": {"transitions": transitions_table()},
        "README.zh-hans.md": {"transitions": transitions_table("zh-hans")},
        "docs/admin.md": {"operations": operations_table()},
        "docs/states.md": {"states": states_table(), "transitions": transitions_table()},
    }


def _with_tables(text: str, tables: Mapping[str, str]) -> str:
    """Return the text of a page with each table between the marks of its name."""
    for name, table in tables.items():
        mark, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(mark)
        text = f"{before}{mark}\n{table}\n{end}{rest.partition(end)[2]}"
    return text


def _picture() -> str:
    return diagram.draw(UserFSM.transitions(), standalone=True).strip() + "\n"
