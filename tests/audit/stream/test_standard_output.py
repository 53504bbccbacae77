"""Standard output as another program reads it: slowly, in part, or not to the end."""

import json
import resource
import subprocess
import sys

import pytest

from audit.models import StreamCursor
from audit.stream.exceptions import TargetUnavailable
from audit.stream.formats import FORMATS
from audit.stream.targets.event import Event
from audit.stream.targets.standard_output import StandardOutput
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

STREAM = [sys.executable, "-m", "django", "audit_stream", "--skip-checks"]
EXPORT = [sys.executable, "-m", "django", "audit_export", "--skip-checks"]
TIMEOUT = 60


@pytest.fixture
def long_records(environment):
    """More than a pipe holds."""
    for number in range(4):
        make_user(f"user{number}").fsm.lock(by="system", description="é" * 50_000)
    return environment


def said_when_the_reader_goes(command, environment):
    """Read some bytes of what this command writes and close the pipe; return what it says, and assert that it fails."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read().decode()
        assert process.wait(TIMEOUT) == 1
    return errors


@pytest.mark.parametrize("arguments", [[], ["--follow"]], ids=["once", "--follow"])
def test_a_reader_that_goes_ends_the_stream_and_what_it_did_not_take_is_not_noted(long_records, arguments):
    errors = said_when_the_reader_goes([*STREAM, *arguments], long_records)

    assert errors.strip().splitlines() == ["CommandError: standard output: nobody reads it any more"]
    assert StreamCursor.objects.get().delivered == 0


def test_a_reader_that_goes_ends_an_export(long_records):
    errors = said_when_the_reader_goes(EXPORT, long_records)

    assert [line for line in errors.splitlines() if "rror" in line] == ["CommandError: [Errno 32] Broken pipe"]


def test_a_full_disk_under_standard_output_leaves_no_half_line(tmp_path, monkeypatch):
    path, before = tmp_path / "events", resource.getrlimit(resource.RLIMIT_FSIZE)
    events = [Event(str(number), None, json.dumps({"id": number, "text": "é" * 500})) for number in range(100)]
    with path.open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        target = StandardOutput(FORMATS["jsonl"])
        for room in (30_000, 60_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
            try:
                with pytest.raises(TargetUnavailable, match="File too large"):
                    list(target.deliver(events))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert len(list(target.deliver(events))) == len(events)

    found = [json.loads(line)["id"] for line in path.read_text().splitlines()]
    assert found[-100:] == list(range(100))
