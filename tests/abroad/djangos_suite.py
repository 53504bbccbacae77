"""
Django's own tests with both apps installed: `python -m tests.abroad.djangos_suite FOLDER`, by `make test-django`.

FOLDER is Django's source distribution, unpacked. What fails is listed in `djangos_suite.txt`, each with its reason: a
failure that is not listed is an error, and so is one that is listed and passes now.

Of 28 further suites of Django 5.2.19 (backends, migrations, fixtures, transactions, signals, model_forms, eleven of the
admin and others), 3,332 tests were compared with and without the apps in November 2026. Three failed with them alone:
one asks that nobody listens to `post_save`, and two leave the apps out while the project runs, but not their checks.
A fourth measures times, and the machine was busy.

The tests of django-fsm-2 and django-fsm-log are not among them, because their source distributions (4.2.4 and 5.0.2)
carry none: 17 and 22 files, all of the packages themselves. From their repositories, with both apps installed as
docs/adding.md says, 185 of 186 and 28 of 28 passed in November 2026, exactly as without the apps; the one needs the
program `dot`.
"""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path
from types import ModuleType
from typing import Any

from django.test.runner import DiscoverRunner

LABELS = ("auth_tests", "admin_views", "admin_changelist", "sessions_tests", "messages_tests", "test_client")
LISTED = Path(__file__).with_suffix(".txt")
SETTINGS = """
DATABASES = {
    alias: {
        "ENGINE": "django.db.backends.sqlite3",
        "TEST": {"NAME": f"file:djangos_suite_{alias}?mode=memory&cache=shared"},
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
    for alias in ("default", "other")
}
SECRET_KEY = "a key for tests, long enough for the checks that look at it"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False
TEST_RUNNER = "tests.abroad.djangos_suite.Runner"
DJANGO_FSM_LOG_STORAGE_METHOD = "audit.statelog.UnitOfWorkBackend"
AUTHENTICATION_BACKENDS = ["users.backends.StateBackend"]
USERS_SITE_URL = "https://accounts.example.com"
USERS_INITIAL_STATE = "active"
AUDIT_RECORDS_DELETABLE = True
"""


class Runner(DiscoverRunner):
    """Django's, which also says which tests failed."""

    failed: set[str] = set()

    def suite_result(self, suite: Any, result: unittest.TestResult, **kwargs: Any) -> int:
        Runner.failed = {_name(test) for test, _ in (*result.failures, *result.errors)}
        Runner.failed |= {_name(test) for test in result.unexpectedSuccesses}
        return 0


def _name(test: Any) -> str:
    # A subtest, and a class whose set-up failed, name themselves in more words.
    return re.sub(r"^(?:setUpClass|tearDownClass) \((.*)\)$", r"\1", test.id().split(" ")[0])


def listed() -> set[str]:
    """The tests that are known to fail."""
    lines = (line.partition("#")[0].strip() for line in LISTED.read_text().splitlines())
    return {line for line in lines if line}


def _runtests(path: Path) -> ModuleType:
    """Django's script; it leaves out migrations of apps that those of django-fsm-log ask for."""
    script = ModuleType("runtests")
    script.__file__ = str(path)
    source = path.read_text().replace(
        "settings.MIGRATION_MODULES = {", 'settings.MIGRATION_MODULES = {"django_fsm_log": None,'
    )
    exec(compile(source, path, "exec"), script.__dict__)  # noqa: S102 - of the distribution that make downloads
    return script


def main(folder: Path) -> int:
    """Run the suites; return 0 where exactly the listed tests fail."""
    root = Path(__file__).parents[2]
    sys.path[:0] = [str(folder / "tests"), str(root)]
    os.chdir(folder / "tests")
    settings = ModuleType("djangos_suite_settings")
    exec(SETTINGS, settings.__dict__)  # noqa: S102 - ours, from above
    sys.modules[settings.__name__] = settings
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": settings.__name__,
        "RUNNING_DJANGOS_TEST_SUITE": "true",
        "TMPDIR": tempfile.mkdtemp(prefix="django_"),
    }
    runtests = _runtests(folder / "tests" / "runtests.py")
    runtests.ALWAYS_INSTALLED_APPS[:0] = ["audit", "users", "django_fsm_log", "post_office"]
    runtests.ALWAYS_INSTALLED_APPS[:] = dict.fromkeys(runtests.ALWAYS_INSTALLED_APPS)
    ours = {"django.contrib.auth.middleware.AuthenticationMiddleware": "users.middleware.LoginSessionMiddleware"}
    runtests.ALWAYS_MIDDLEWARE[:] = [
        "audit.middleware.RequestContextMiddleware",
        *(ours.get(each, each) for each in runtests.ALWAYS_MIDDLEWARE),
        "users.middleware.AddressLimitMiddleware",
    ]
    # Everything else than the labels as `runtests.py` has it by default; it takes them by position.
    off = [False] * 4
    runtests.django_tests(1, *off, list(LABELS), *off[:1], 1, [], [], None, None, None, *off, None)
    unlisted, passing = sorted(Runner.failed - listed()), sorted(listed() - Runner.failed)
    for name in unlisted:
        print(f"fails and is not listed: {name}")
    for name in passing:
        print(f"is listed and does not fail: {name}")
    print(f"{len(Runner.failed)} failed, {len(listed())} listed")
    return bool(unlisted or passing)


if __name__ == "__main__":
    # By its import name, for the runner is found by that.
    from tests.abroad import djangos_suite

    sys.exit(djangos_suite.main(Path(sys.argv[1]).resolve()))
