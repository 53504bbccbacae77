"""The apps in projects that nobody here wrote, wired by the text of docs/adding.md."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECTS = sorted(path.parent.name for path in HERE.glob("*/settings.py") if path.parent.name != "own_tests")


@pytest.mark.parametrize("project", PROJECTS)
def test_the_life_of_an_account_is_told_in_a_project_of_others(project, own_database_url, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": own_database_url,
        "OTHER_DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": f"tests.abroad.{project}.settings",
    }

    told = subprocess.run(
        [sys.executable, "-m", "tests.abroad.story"], env=environment, check=False, capture_output=True, text=True
    )

    assert told.returncode == 0, told.stderr[-3000:]
    assert told.stderr.endswith("told\n")
