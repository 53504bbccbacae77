"""A project that uses these apps runs its own tests, those that empty all tables after each among them."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

SETTINGS = """
from tests.settings import *

DATABASES["default"]["TEST"] = {{"NAME": {database!r}}}
AUDIT_RECORDS_DELETABLE = {deletable}
"""

SUITE = """
from urllib.request import urlopen

from django.contrib.auth.models import User
from django.test import LiveServerTestCase, TestCase, TransactionTestCase, override_settings

from audit.exceptions import RefusedByDatabase
from audit.models import UserStateAudit

class Mixed:
    def test_an_account(self):
        self.assertEqual(UserStateAudit.objects.transitions().count(), 0)
        user = User.objects.create_user("ada")
        user.fsm.activate()
        self.assertEqual(UserStateAudit.objects.transitions().of(user).count(), 1)

class First(Mixed, TransactionTestCase):
    pass

class Second(Mixed, TransactionTestCase):
    pass

class Live(Mixed, LiveServerTestCase):
    def test_a_page(self):
        self.assertEqual(urlopen(self.live_server_url + "/accounts/login/").status, 200)

class Refusals(Mixed, TestCase):
    @override_settings(AUDIT_RECORDS_DELETABLE=False)
    def test_records_are_kept(self):
        self.test_an_account()
        with self.assertRaises(RefusedByDatabase):
            UserStateAudit.objects.transitions().all()._raw_delete("default")
"""


@pytest.fixture
def suite(tmp_path, environment):
    """Runs the tests of another project on a database of its own."""
    name = str(tmp_path / "suite.sqlite3") if connection.vendor == "sqlite" else "suite_of_others"
    (tmp_path / "suite.py").write_text(SUITE)

    def run(tests: str, *, deletable: bool) -> subprocess.CompletedProcess[str]:
        (tmp_path / "suite_settings.py").write_text(SETTINGS.format(database=name, deletable=deletable))
        variables = {"PYTHONPATH": f"{Path.cwd()}:{tmp_path}", "DJANGO_SETTINGS_MODULE": "suite_settings"}
        return subprocess.run(
            [sys.executable, "-m", "django", "test", tests, "--noinput", "--keepdb"],
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_every_kind_of_test_runs_with_the_setting_and_is_told_what_was_refused_without_it(suite):
    finished = suite("suite", deletable=True)
    assert finished.returncode == 0, finished.stderr
    assert "Ran 6 tests" in finished.stderr

    finished = suite("suite.First", deletable=False)
    assert finished.returncode != 0
    assert "audit.exceptions.RefusedByDatabase: " in finished.stderr
