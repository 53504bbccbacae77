"""The files that contain generated parts."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation

from project.documents import data_model, reference
from project.documents.tables import APPS, checks_page, commands_page, settings_page, transitions_table
from users.administration import diagram
from users.models import UserFSM

__all__ = ["APPS", "ROOT", "files"]

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES_WITH_TRANSITIONS = {"README.md": "en", "README.zh-hans.md": "zh-hans", "docs/states.md": "en"}
MARK, END = "<!-- transitions -->", "<!-- /transitions -->"


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
            text = (ROOT / name).read_text(encoding="utf-8")
            table = transitions_table(language)
            made[ROOT / name] = re.sub(f"(?s){MARK}.*?{END}", f"{MARK}\n{table}\n{END}", text)
    return made


def _picture() -> str:
    return diagram.draw(UserFSM.transitions(), standalone=True).strip() + "\n"
