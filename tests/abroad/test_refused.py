"""Projects in which the promises cannot be kept are told so before `migrate` changes anything."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

MARIADB = """
from tests.abroad.bare.settings import *

DATABASES = {"default": {"ENGINE": "tests.abroad.mariadb", "NAME": DATABASES["default"]["NAME"]}}
"""


def test_mariadb_is_refused_by_a_check_before_migrate_begins(tmp_path):
    (tmp_path / "mariadb_settings.py").write_text(MARIADB)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{Path.cwd()}:{tmp_path}",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "mariadb_settings",
    }

    ran = subprocess.run(
        [sys.executable, "-m", "django", "migrate"], env=environment, check=False, capture_output=True, text=True
    )

    assert ran.returncode == 1
    assert "(users.E041) The vendor of the database 'default' is 'mysql'" in ran.stderr
    assert "HINT: Use PostgreSQL or SQLite" in ran.stderr
    with closing(sqlite3.connect(tmp_path / "own.sqlite3")) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == []
