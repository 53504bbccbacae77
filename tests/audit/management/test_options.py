import os
import pty
import subprocess
import sys
import termios
from argparse import ArgumentParser
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from audit.management.options import add_database, add_wait, moment

SHOW_PROGRESS = """
import django
django.setup()
from audit.management.options import counting_records
with counting_records(2, "Verifying") as bar:
    bar.update(2)
"""


def show_progress(stderr):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "-c", SHOW_PROGRESS], stderr=stderr, env=environment, check=True)


def test_progress_is_shown_on_a_terminal():
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))  # by default it has no columns to write in
    os.set_blocking(ours, False)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        show_progress(theirs)
        assert b"Verifying" in terminal.read(1000)
    os.close(theirs)


def test_progress_is_not_shown_where_nobody_looks(tmp_path):
    with (tmp_path / "log").open("w") as log:
        show_progress(log)

    assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2026-01-31 12:00:00+03:00", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_dates_and_times_are_read_in_the_time_zone_of_the_project(settings, text, expected):
    settings.TIME_ZONE = "Europe/Berlin"

    assert moment(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-31", "2026-01-31T25:00", "31.1.2026", "\x00", "0001-01-01"])
def test_a_text_that_is_no_date_is_refused(settings, text):
    settings.TIME_ZONE = "Europe/Berlin"  # where the year 1 begins before the first moment of UTC

    with pytest.raises(CommandError, match="is not a date"):
        moment(text)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e20", "soon"])
def test_a_text_that_is_no_length_of_time_is_refused(text, capsys):
    parser = ArgumentParser()
    add_wait(parser)

    with pytest.raises(SystemExit) as raised:
        parser.parse_args([f"--wait={text}"])

    assert raised.value.code == 2
    assert "not a number of seconds" in capsys.readouterr().err


def test_a_database_that_is_not_in_the_settings_is_refused(capsys):
    parser = ArgumentParser()
    add_database(parser)

    with pytest.raises(SystemExit) as raised:
        parser.parse_args(["--database=elsewhere"])

    assert raised.value.code == 2
    assert "elsewhere" in capsys.readouterr().err


def test_a_length_of_time_is_given_in_seconds():
    parser = ArgumentParser()
    add_wait(parser)

    assert parser.parse_args(["--wait=0.5"]).wait == 0.5
