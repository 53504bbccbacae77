"""The files that contain generated parts."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation

from project.documents import data_model, reference
from project.documents.tables import (
    APPS,
    checks_page,
    commands_page,
    operations_table,
    settings_page,
    transitions_table,
)
from users.administration import diagram
from users.models import UserFSM

__all__ = ["APPS", "ROOT", "files"]

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES_WITH_TRANSITIONS = {"README.md": "en", "README.zh-hans.md": "zh-hans", "docs/states.md": "en"}


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
        for name, language in PAGES_WITH_TRANSITIONS.items():
            made[ROOT / name] = _with_table(ROOT / name, "transitions", transitions_table(language))
        made[ROOT / "docs/admin.md"] = _with_table(ROOT / "docs/admin.md", "operations", operations_table())
    return made


def _with_table(path: Path, name: str, table: str) -> str:
    """Return the text of a page with this table between the marks of this name. People write the rest of the page."""
    mark, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    return re.sub(f"(?s){mark}.*?{end}", lambda _: f"{mark}\n{table}\n{end}", path.read_text(encoding="utf-8"))


def _picture() -> str:
    return diagram.draw(UserFSM.transitions(), standalone=True).strip() + "\n"
