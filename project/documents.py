"""
The parts of the documents that the code knows best, made from it by `make docs`.

They are `docs/settings.md`, `docs/checks.md`, `docs/commands.md`, `docs/images/lifecycle.svg`, and what stands between
the marks `<!-- transitions -->` of the pages that show the table of transitions. A test holds the files against this.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from django.core.checks.registry import registry
from django.core.management import get_commands, load_command_class
from django.utils import translation

import audit.conf
import users.conf
from users.administration import diagram
from users.models import UserFSM

ROOT = Path(__file__).resolve().parent.parent
APPS = ("users", "audit")
PAGES_WITH_TRANSITIONS = ("README.md", "README.zh-hans.md", "docs/states.md")
MARK, END = "<!-- transitions -->", "<!-- /transitions -->"
CHECKS_RUN = (
    "`manage.py check` runs them, and other commands do before they begin. Those that look into a database run by\n"
    "`manage.py check --database default` and with `migrate`. Each message has a hint."
)
GENERATED = "<!-- Made by `make docs` from the code. -->"


def files() -> dict[Path, str]:
    """All files that hold something made from the code, and what they are to say."""
    with translation.override("en"):
        made = {
            ROOT / "docs/settings.md": settings_page(),
            ROOT / "docs/checks.md": checks_page(),
            ROOT / "docs/commands.md": commands_page(),
            ROOT / "docs/images/lifecycle.svg": picture(),
        }
        for name in PAGES_WITH_TRANSITIONS:
            page = (ROOT / name).read_text(encoding="utf-8")
            made[ROOT / name] = re.sub(f"(?s){MARK}.*?{END}", f"{MARK}\n{transitions_table()}\n{END}", page)
    return made


def transitions_table() -> str:
    """A row a transition: name, sources, target, permission."""
    sources: dict[tuple[str, str, str], list[str]] = {}
    for each in UserFSM.transitions():
        sources.setdefault((each.name, str(each.target), str(each.permission)), []).append(str(each.source))
    order = list(dict.fromkeys(name for name in vars(UserFSM) if name in {key[0] for key in sources}))
    rows = sorted(sources.items(), key=lambda item: order.index(item[0][0]))
    return table(
        ("method", "from", "to", "permission of administrators"),
        ((f"`{name}`", ", ".join(found), target, f"`{permission}`") for (name, target, permission), found in rows),
    )


def settings_page() -> str:
    """Each setting with its default, from the functions that read it."""
    parts = [
        GENERATED,
        "# Settings",
        "All have defaults that make sense, and a [system check](checks.md) where they can make none.",
    ]
    for title, conf in (("Accounts", users.conf), ("The record", audit.conf)):
        parts += [f"## {title}", table(("setting", "what it decides (default)"), setting_rows(conf))]
    return page(parts)


def setting_rows(conf: ModuleType) -> Iterable[tuple[str, str]]:
    """A row a setting: its name, and what the function that reads it says."""
    for name, function in inspect.getmembers(conf, inspect.isfunction):
        if function.__module__ == conf.__name__ and not name.startswith("_"):
            yield tuple(one_line(function.__doc__).split(": ", 1))  # type: ignore[misc]


def checks_page() -> str:
    """Each system check, from the functions that make it."""
    rows = []
    for check in (*registry.registered_checks, *registry.deployment_checks):
        if check.__module__.split(".")[0] in APPS:
            identity, _, meaning = one_line(check.__doc__).partition(": ")
            rows.append((identity, meaning))
    return page(
        [
            GENERATED,
            "# System checks",
            CHECKS_RUN,
            *(f"## {identity.replace('`', '')}\n\n{meaning}" for identity, meaning in sorted(rows)),
        ]
    )


def commands_page() -> str:
    """Each command of the apps, from its own help."""
    commands = sorted((name, app) for name, app in get_commands().items() if app in (*APPS, "project"))
    rows = ((f"`{name}`", one_line(load_command_class(app, name).help)) for name, app in commands)
    return page(
        [GENERATED, "# Commands", "`manage.py COMMAND --help` says more.", table(("command", "what it does"), rows)]
    )


def picture() -> str:
    """The lifecycle, drawn from the transitions."""
    return diagram.draw(UserFSM.transitions(), standalone=True).strip() + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def page(parts: Iterable[str]) -> str:
    """A page of Markdown from its parts."""
    return "\n\n".join(parts) + "\n"


def one_line(text: str | None) -> str:
    """A docstring or help as one line."""
    return " ".join(str(text).split())
