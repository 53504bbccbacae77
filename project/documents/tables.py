"""Settings, system checks, commands and transitions."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from functools import cached_property

from django.core.checks.registry import registry
from django.core.management import get_commands, load_command_class
from django.utils.text import capfirst

from audit.conf import AuditSettings
from project.documents.docstrings import below_attributes
from project.documents.examples import EXAMPLES
from project.documents.markdown import one_line, page, table
from users import operations
from users.conf import AppSettings, UsersSettings
from users.models import UserFSM
from users.states import ABOUT, State

APPS = ("users", "audit")
GENERATED = "<!-- Generated from the code by `make docs`. -->"
INDEX = "[All pages](README.md)"
CHECKS_RUN = (
    "`manage.py check` runs the system checks, and most other commands run them before they begin. Checks that need a\n"
    "database run by `manage.py check --database default` and with `migrate`. Each message comes with a hint."
)
COMMANDS_ARE = (
    "`manage.py COMMAND --help` lists the options of a command. With `--json` a command that reports what it did\n"
    "prints one JSON object to standard output and nothing else; `audit_verify` prints one for each finding\n"
    "and the total. Errors are on standard error in both cases. `send_mails --every` prints an object for each round.\n"
    "`audit_export` and `audit_stream` report only where the events go elsewhere, to a `--file` or a `--to`."
)
EXIT_CODES = (
    ("0", "Everything was done. This includes a selection without accounts, so that a command can be run again."),
    (
        "1",
        (
            "Something was not done, and standard error says what: lines of a list were skipped, everybody was refused "
            "a transition, the last active superuser was left as it is, an email could not be sent, or a setting is "
            "wrong. `transition` succeeds if only some were refused; it lists them. `audit_verify`: findings."
        ),
    ),
    (
        "2",
        (
            "An option is unknown or missing, or has a value that it cannot have; nothing was done. `audit_verify`: it "
            "could not run."
        ),
    ),
)
EXAMPLES_ARE = "One of each command. The first line of `people.csv` is `email,username`."

EXIT_CODES_ARE = (
    "A dry run (`--dry-run`) has the exit code that the real run would have, as far as it can be known before: bad\n"
    "lines and refusals count, failing emails do not."
)
SETTINGS_ARE = (
    "Every setting has a default, except where the text says otherwise. [System checks](checks.md) report values\n"
    "that make no sense. A setting is read once and kept. Tests change it with `override_settings` or the fixture\n"
    "`settings` of pytest-django. They cannot delete it (`del settings.…`), because Django does not announce that."
)
TRANSITIONS_HEAD = {
    "en": ("method", "from", "to", "permission for administrators"),
    "zh-hans": ("方法", "原状态", "新状态", "管理员所需权限"),
}


def transitions_table(language: str = "en") -> str:
    """One row for each transition: name, sources, target, permission."""
    sources: dict[tuple[str, str, str], list[str]] = {}
    for each in UserFSM.transitions():
        sources.setdefault((each.name, str(each.target), str(each.permission)), []).append(str(each.source))
    order = list(dict.fromkeys(name for name in vars(UserFSM) if name in {key[0] for key in sources}))
    rows = sorted(sources.items(), key=lambda item: order.index(item[0][0]))
    return table(
        TRANSITIONS_HEAD[language],
        ((f"`{name}`", ", ".join(found), target, f"`{permission}`") for (name, target, permission), found in rows),
    )


def states_table() -> str:
    """One row for each state: name, whether people may log in, meaning."""
    meanings = below_attributes(State)
    return table(
        ("state", "may log in", "meaning"),
        ((f"`{each}`", "yes" if ABOUT[each].is_open else "no", meanings[each.name]) for each in State),
    )


def operations_table() -> str:
    """One row for each operation of administrators: name, the change of the state, consequence, permissions."""
    return table(
        ("operation", "state", "consequence", "permission"),
        (
            (
                f"`{each.name}`",
                " → ".join([_listed(each.sources), *([UserFSM.target_of(each.name)] if each.is_transition else ())]),
                str(each.wording.consequence),
                " and ".join(f"`{permission}`" for permission in each.permissions),
            )
            for each in operations.ALL.values()
        ),
    )


def _listed(sources: Collection[str]) -> str:
    """The states in their own order: `invited, active or locked`."""
    *others, last = [state for state in State.values if state in sources]
    return f"{', '.join(others)} or {last}" if others else last


def settings_page() -> str:
    """Each setting with its default, from the functions that read it."""
    parts = [GENERATED, "# Settings", INDEX, SETTINGS_ARE]
    for title, kept in (("Accounts", UsersSettings), ("The record", AuditSettings)):
        parts += [f"## {title}", table(("setting", "meaning (default)"), _setting_rows(kept))]
    return page(parts)


def checks_page() -> str:
    """Each system check, from the function that makes it."""
    rows = []
    for check in (*registry.registered_checks, *registry.deployment_checks):
        if check.__module__.split(".")[0] in APPS:
            identity, _, meaning = one_line(check.__doc__).partition(": ")
            rows.append((identity, capfirst(meaning)))
    return page(
        [
            GENERATED,
            "# System checks",
            INDEX,
            CHECKS_RUN,
            *(f"## {identity.replace('`', '')}\n\n{meaning}" for identity, meaning in sorted(rows)),
        ]
    )


def commands_page() -> str:
    """Each command of the apps, from its own help text."""
    commands = sorted((name, app) for name, app in get_commands().items() if app in (*APPS, "project"))
    rows = ((f"`{name}`", one_line(load_command_class(app, name).help)) for name, app in commands)
    return page(
        [
            GENERATED,
            "# Commands",
            INDEX,
            COMMANDS_ARE,
            table(("command", "what it does"), rows),
            "## Examples",
            EXAMPLES_ARE,
            "\n".join(["```sh", *(f"python manage.py {example}" for example in EXAMPLES), "```"]),
            "## Exit codes",
            EXIT_CODES_ARE,
            table(("code", "meaning"), EXIT_CODES),
        ]
    )


def _setting_rows(kept: type[AppSettings]) -> Iterable[tuple[str, str]]:
    for _name, each in inspect.getmembers(kept, lambda member: isinstance(member, (cached_property, property))):
        setting, _, meaning = one_line(each.__doc__).partition(": ")
        yield setting, capfirst(meaning)
