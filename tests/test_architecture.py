"""The layers, held in a project of its own: `users` alone, with neither our record nor django-fsm-log's."""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

APPS = ("audit", "project", "users")
ROOT = Path(__file__).parent.parent

IDIOMS = {
    ("users.models.querysets", "users.models"),
    ("users.models.querysets", "users.invitations"),
    ("audit.models.querysets", "audit.models"),
}
"""The imports that close a circle. They are idioms of Django, which docs/architecture.md names."""

WITHOUT_AUDIT = """
import sys

# Importing either is an error in this process.
sys.modules["audit"] = None
sys.modules["project"] = None

import environ
from django.conf import settings

settings.configure(
    SECRET_KEY="a key for a test",
    DATABASES={"default": environ.Env().db_url()},
    INSTALLED_APPS=[
        "users", "post_office", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "users.middleware.LoginSessionMiddleware",
    ],
    USERS_SITE_URL="https://accounts.example.com",
    AUTHENTICATION_BACKENDS=["users.backends.StateBackend"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    ROOT_URLCONF="users.urls",
    USE_TZ=True,
)
if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    settings.DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}

import django

django.setup()
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command

from users.exceptions import TransitionRefused
from users.models import UserFSM

call_command("migrate", verbosity=0)

ada = User.objects.create_user("ada", password="right")
assert ada.fsm.current_state == "invited"
assert authenticate(username="ada", password="right") is None
ada.fsm.activate(by="system", description="accepted")
assert authenticate(username="ada", password="right") == ada
try:
    ada.fsm.activate()
except TransitionRefused as refused:
    assert refused.state == "active"
else:
    raise AssertionError("activated twice")

for _ in range(5):
    assert authenticate(username="ada", password="wrong") is None
assert authenticate(username="ada", password="right") is None
ada.fsm.refresh_from_db()
assert (ada.fsm.current_state, ada.fsm.version) == ("locked", 2)
assert ada.fsm.locked_until is not None

outcome = UserFSM.objects.bulk_transition("unlock", by=ada)
assert (outcome.changed, outcome.refused) == (1, [])
assert authenticate(username="ada", password="right") == ada

call_command("check")
assert not [name for name in sys.modules if name.split(".")[0] == "audit" and sys.modules[name]]
assert "django_fsm_log.models" not in sys.modules
print("works")
"""


def test_the_layers_hold():
    command = Path(sys.executable).with_name("lint-imports")  # of this environment, activated or not
    linted = subprocess.run([command, "--no-cache"], check=False, capture_output=True, text=True)

    assert linted.returncode == 0, linted.stdout


def test_no_modules_import_each_other_except_by_the_idioms_of_django():
    graph = grimp.build_graph(*APPS, cache_dir=None)  # with imports inside functions, and those for types alone
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    for module, imported in IDIOMS:
        imports[module].remove(imported)

    TopologicalSorter(imports).prepare()  # raises an error that names the circle


def test_one_module_knows_crequest_and_one_writes_the_state():
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")
    }

    assert [path for path, text in sources.items() if re.search(r"^(from|import) crequest", text, re.MULTILINE)] == [
        "audit/middleware.py"
    ]
    callers = {path for path, text in sources.items() if re.search(r"\bwriting\.write\(", text)}
    assert callers == {"users/lifecycle/unit.py"}


def test_users_works_in_a_project_without_audit(own_database_url, environment):
    del environment["DJANGO_SETTINGS_MODULE"]

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_AUDIT],
        env=environment | {"DATABASE_URL": own_database_url},
        check=False,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("works\n")


WITHOUT_API = """
import sys
from importlib import util

MISSING = {"rest_framework", "drf_spectacular", "drf_spectacular_sidecar", "knox", "django_scim"}
found = util.find_spec
util.find_spec = lambda name, package=None: None if name.split(".")[0] in MISSING else found(name, package)
for name in MISSING:
    sys.modules[name] = None  # importing it is an error

import django

django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

call_command("check")
call_command("migrate", verbosity=0)
ada = User.objects.create_user("ada")
ada.fsm.activate(by="system")
assert ada.fsm.current_state == "active"
call_command("run_due")
assert Client().get("/admin/login/").status_code == 200
assert Client().get("/api/v1/users").status_code == 404
print("works")
"""


def test_everything_else_works_without_the_packages_of_the_api(own_database_url, environment):
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_API],
        env=environment | {"DATABASE_URL": own_database_url},
        check=False,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("works\n")


@pytest.mark.parametrize("app", ["users", "audit"])
def test_templates_of_the_apps_replace_none_of_django_or_of_a_project(app):
    folder = Path(app, "templates")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]

    assert names
    assert [
        name for name in names if not name.removeprefix("admin/").startswith(("user_lifecycle/", "user_audit/"))
    ] == []


ROOMS = [
    path.parent
    for app in APPS
    for path in sorted((ROOT / app).glob("*/__init__.py"))
    if path.parent.name not in {"management", "migrations", "templatetags"}
]


@cache
def imports() -> list[tuple[Path, str]]:
    """Each file in a room, with each name that it imports from a module."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if path.parent.name not in APPS]
    return [
        (path, f"{node.module}.{alias.name}")
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def taken_from(room: Path) -> set[str]:
    """What other rooms import from this one. The files at the root of an app, which join rooms, are left out."""
    prefix = f"{room.parent.name}.{room.name}."
    outside = [name for path, name in imports() if room not in path.parents]
    return {name.removeprefix(prefix).partition(".")[0] for name in outside if name.startswith(prefix)}


@pytest.mark.parametrize("room", ROOMS, ids=[f"{room.parent.name}/{room.name}" for room in ROOMS])
def test_a_room_says_what_it_is_for_and_what_others_may_take_from_it(room):
    text = (room / "__init__.py").read_text()
    tree = ast.parse(text)
    exported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    said = ast.get_docstring(tree) or ""

    assert said
    assert {name for name in taken_from(room) - exported - defined if f"`{name}`" not in said} == set()
