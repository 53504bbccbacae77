"""The apps beside packages of others, in an environment of their own, wired by the text of docs/adding.md."""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PYTHON = Path(".venv/packages/bin/python")

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="`make test-abroad` installs the packages of others")


@pytest.mark.parametrize("project", sorted(path.parent.name for path in HERE.glob("*/settings.py")))
def test_the_promises_hold_beside_packages_of_others(project, own_database_url):
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": own_database_url,
        "DJANGO_SETTINGS_MODULE": f"tests.abroad.packages.{project}.settings",
    }

    told = subprocess.run(
        [PYTHON, "-m", f"tests.abroad.packages.{project}.story"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )

    assert told.returncode == 0, told.stderr[-4000:]
    assert told.stderr.endswith("told\n")
