import subprocess
import sys

import pytest
from django.contrib.auth.models import Group
from django.db import connection

COMMITTED = """
import django
django.setup()
from django.contrib.auth.models import Group
print(Group.objects.filter(name="committed").count())
"""


@pytest.mark.django_db
def test_the_tests_run_on_the_database_that_was_asked_for(pytestconfig):
    assert connection.vendor == pytestconfig.getoption("database")


def test_another_process_sees_what_a_test_commits(environment):
    Group.objects.create(name="committed")

    seen = subprocess.run(
        [sys.executable, "-c", COMMITTED], env=environment, check=True, capture_output=True, text=True
    )

    assert seen.stdout.strip() == "1"
