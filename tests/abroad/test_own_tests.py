"""The tests of a project that has the apps: `manage.py test`, as its people run it."""

import os
import subprocess
import sys

import pytest

TESTS = "tests.abroad.own_tests.tests"


def run(database_url, *arguments, **environment):
    given = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.abroad.own_tests.settings",
    }
    return subprocess.run(
        [sys.executable, "-m", "django", "test", "--noinput", *arguments],
        env=given | environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (f"{TESTS}.Shared", f"{TESTS}.Flushed", f"{TESTS}.Served"),
        # By itself: what Django serializes does not fit the content types that other tests make anew.
        (f"{TESTS}.Restored",),
        (f"{TESTS}.Shared", f"{TESTS}.Flushed", f"{TESTS}.Served", "--reverse", "--parallel", "2"),
    ],
    ids=["all kinds", "serialized rollback", "side by side"],
)
def test_a_project_tests_itself(own_database_url, arguments):
    ran = run(own_database_url, *arguments)

    assert ran.returncode == 0, ran.stderr[-4000:]
    assert "\nOK\n" in ran.stderr


def test_tests_that_empty_the_tables_are_told_which_setting_they_need(own_database_url):
    ran = run(own_database_url, f"{TESTS}.Flushed.test_first", ROWS_STAY="1")

    assert ran.returncode == 1
    assert "AUDIT_RECORDS_DELETABLE" in ran.stderr, ran.stderr[-4000:]
