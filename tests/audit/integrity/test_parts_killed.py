"""`kill -9` of a process of a verification: the others end too, it says so, and the next run goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

VERIFY_SLOWLY = """
import os, pathlib, sys, time
import django
django.setup()
from django.core.management import execute_from_command_line
from audit.integrity import parts

walk, folder = parts._walk_part, pathlib.Path(sys.argv[1])

def slowly(*args):
    (folder / str(os.getpid())).touch()
    time.sleep(0.2)
    return walk(*args)

parts._walk_part = slowly
execute_from_command_line(["manage.py", "audit_verify", "--jobs", "2", "--resume", sys.argv[2]])
"""


TIMEOUT = 60  # seconds after which a test that hangs fails


def until(true: Callable[[], bool]) -> None:
    """Wait for another process."""
    deadline = time.monotonic() + TIMEOUT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def crowd(transactional_db):
    for number in range(40):
        make_user(f"person-{number:02}")


@pytest.fixture
def walking(crowd, environment, tmp_path):
    """A verification of two processes, and the folder of their numbers."""
    processes = tmp_path / "processes"
    processes.mkdir()
    arguments = [sys.executable, "-c", VERIFY_SLOWLY, processes, tmp_path / "progress"]
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as walking:
        until(lambda: len(list(processes.iterdir())) == 2 and (tmp_path / "progress").exists())
        yield walking, processes
        walking.kill()


def is_running(number: str) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_process_of_several_is_an_error_and_no_finding(walking, tmp_path, verify):
    parent, processes = walking
    os.kill(int(next(processes.iterdir()).name), signal.SIGKILL)

    _, errors = parent.communicate(timeout=30)

    assert parent.returncode == 2
    assert "a process of the verification was killed" in errors
    assert "Traceback" not in errors
    assert verify(jobs=2, resume=tmp_path / "progress").summary["records"] == 80


def test_the_others_end_where_the_first_one_is_killed(walking, tmp_path, verify):
    parent, processes = walking
    parent.kill()

    until(lambda: not any(is_running(each.name) for each in processes.iterdir()))

    outcome = verify(jobs=2, resume=tmp_path / "progress")
    assert outcome.summary["records"] == 80
    assert "begun" in outcome.summary


def test_nothing_is_left_where_all_goes_well(crowd, tmp_path, capfd):
    call_command("audit_verify", jobs=2, resume=tmp_path / "progress")

    assert "records: 80, accounts: 40, findings: 0\n" in capfd.readouterr().out
    assert not (tmp_path / "progress").exists()
