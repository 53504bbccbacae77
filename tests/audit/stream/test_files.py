import json
import os
import resource
import stat
from contextlib import suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import UserStateAudit
from audit.stream.delivery import Stream
from audit.stream.formats import FORMATS
from audit.stream.targets.event import Event
from audit.stream.targets.file import File
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_full_file_is_rotated_between_two_lines(tmp_path):
    for number in range(5):
        make_user(f"user{number}")
    path = tmp_path / "events.jsonl"

    call_command("audit_stream", to=f"file:{path}?max_bytes=2000&backups=50")

    files = sorted(tmp_path.iterdir())
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert len(files) > 2
    assert all(file.stat().st_size <= 2000 for file in files)
    assert sorted(line.split('"id":')[1].split(",")[0] for line in lines) == sorted(
        str(key) for key in UserStateAudit.objects.values_list("pk", flat=True)
    )


def test_no_more_old_files_are_kept_than_asked_for(tmp_path):
    for number in range(5):
        make_user(f"user{number}")
    path = tmp_path / "events.jsonl"

    call_command("audit_stream", to=f"file:{path}?max_bytes=1500&backups=2")

    assert sorted(file.name for file in tmp_path.iterdir()) == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"]


def test_a_line_that_a_crash_left_unfinished_is_removed(tmp_path, stream):
    (tmp_path / "events.jsonl").write_text('{"whole": "line"}\n{"half": "a li')
    make_user()

    events = stream()

    assert events[0] == {"whole": "line"}
    assert len(events) == 1 + UserStateAudit.objects.count()


def test_each_file_of_csv_has_the_heading(tmp_path):
    for number in range(3):
        make_user(f"user{number}")

    call_command("audit_stream", to=f"file:{tmp_path / 'events.csv'}?max_bytes=2000", form="csv")

    for file in tmp_path.iterdir():
        assert file.read_text().startswith('"event_id","datetime",')


def written(folder) -> list[int]:
    """The keys of the records in all files, the oldest first."""
    files = sorted(folder.iterdir(), reverse=True)
    return [json.loads(line)["id"] for file in files for line in file.read_text().splitlines()]


def keys() -> list[int]:
    return list(UserStateAudit.objects.order_by("pk").values_list("pk", flat=True))


def renamed(path):
    path.rename(path.with_name("events.jsonl.1"))


def removed(path):
    path.with_name("events.jsonl.1").write_bytes(path.read_bytes())
    path.unlink()


def copied_and_emptied(path):
    path.with_name("events.jsonl.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)


@pytest.mark.parametrize("rotate", [renamed, removed, copied_and_emptied])
def test_a_file_that_others_rotate_is_opened_anew(tmp_path, monkeypatch, rotate):
    make_user()
    path = tmp_path / "events.jsonl"
    deliver = File.deliver

    def then_rotate(self, events):
        yield from deliver(self, events)
        if not path.with_name("events.jsonl.1").exists():
            rotate(path)
            make_user("later")

    monkeypatch.setattr(File, "deliver", then_rotate)
    monkeypatch.setattr(Stream, "highest", lambda self: 2**31)
    call_command("audit_stream", to=f"file:{path}")

    assert written(tmp_path) == keys()
    assert len(path.read_text().splitlines()) == 2


def test_a_full_disk_loses_nothing_and_leaves_no_half_line(tmp_path, pauses, monkeypatch):
    for number in range(5):
        make_user(f"user{number}")
    path, deliver = tmp_path / "events.jsonl", File.deliver

    def with_little_left(self, events):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))
        try:
            return [*deliver(self, events)]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with monkeypatch.context() as patched:
        patched.setattr(File, "deliver", with_little_left)
        with pytest.raises(CommandError, match=r"events\.jsonl: .*File too large"):
            call_command("audit_stream", to=f"file:{path}")

    call_command("audit_stream", to=f"file:{path}")

    assert list(dict.fromkeys(written(tmp_path))) == keys()


def test_two_processes_do_not_write_to_one_file(tmp_path, pauses):
    make_user()
    path = tmp_path / "events.jsonl"
    with path.open("w") as other:
        flock(other, LOCK_EX)
        with pytest.raises(CommandError, match="another process writes to this file"):
            call_command("audit_stream", to=f"file:{path}")

    call_command("audit_stream", to=f"file:{path}")
    assert written(tmp_path) == keys()


@pytest.mark.parametrize("crash", range(3))
def test_a_crash_while_files_are_renamed_costs_no_old_file(tmp_path, monkeypatch, crash):
    path, replace, left = tmp_path / "events.jsonl", Path.replace, [crash]

    def crash_in_the_middle(self, target):
        if left == [0]:
            left.append(0)
            raise KeyboardInterrupt
        left[0] -= 1
        return replace(self, target)

    for number in (1, 2, 3):
        path.with_name(f"events.jsonl.{number}").write_text(f"old {number}\n")
    path.write_text("x" * 1000 + "\n")
    file = File(path, FORMATS["jsonl"], largest=1000, kept=3)
    monkeypatch.setattr(Path, "replace", crash_in_the_middle)
    with suppress(KeyboardInterrupt):
        list(file.deliver([Event("1", None, "new")]))
    file.close()
    list(file.deliver([Event("1", None, "new")]))
    file.close()

    kept = "".join(each.read_text() for each in sorted(tmp_path.iterdir()))
    assert path.read_text() == "new\n"
    assert [text for text in ("old 1", "old 2", "x" * 1000) if text not in kept] == []


def test_names_of_files_are_on_disk_before_their_lines_count(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    file = File(tmp_path / "events.jsonl", FORMATS["jsonl"], largest=10)

    for number in range(2):
        list(file.deliver([Event(str(number), None, "x" * 8)]))
    file.close()

    assert synced[0] == "folder"
    assert synced.count("folder") == 2


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path, pauses, make):
    make(tmp_path / "events")
    make_user()

    with pytest.raises(CommandError, match="is no file"):
        call_command("audit_stream", to=f"file:{tmp_path / 'events'}")
    assert pauses == []


@pytest.mark.parametrize(
    "address",
    [
        "file:events.jsonl",
        "file:/x?size=3",
        "file:/x?backups=0",
        "file:/x?max_bytes=many",
        "file:/x?max_bytes=",
        "file:/a%00b",
        "file:/a#b.jsonl",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(db, address):
    with pytest.raises(CommandError, match="file:"):
        call_command("audit_stream", to=address)


def test_a_folder_that_cannot_be_written_ends_the_run(tmp_path, pauses):
    make_user()

    with pytest.raises(CommandError, match="No such file"):
        call_command("audit_stream", to=f"file:{tmp_path / 'no' / 'such' / 'folder'}")
