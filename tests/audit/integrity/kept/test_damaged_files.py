"""Checkpoints, journals and archives as disks, collectors and strangers leave them: no traceback, no false peace."""

import gzip
import zlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_user

pytestmark = pytest.mark.django_db

Way = Callable[[bytes], bytes]

CLEAN, FOUND, ERROR = 0, 1, 2

HARMLESS: dict[str, Way] = {
    "without its last line feed": lambda text: text.rstrip(b"\n"),
    "without the end of its last line": lambda text: text[:-40],
    "with the line ends of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "with a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "compressed": gzip.compress,
    "compressed twice over": lambda text: gzip.compress(text) + gzip.compress(text),
    "with each line twice": lambda text: text + text,
    "backwards": lambda text: b"".join(reversed(text.splitlines(keepends=True))),
}
DAMAGED: dict[str, Way] = {
    "compressed and then not": lambda text: gzip.compress(text) + text,
    "compressed and cut off": lambda text: gzip.compress(text)[:-20],
    "half a line and then all": lambda text: text[:-300] + text,
    "a number without end": lambda text: text + b'{"id": ' + b"9" * 5000 + b"}\n",
    "a list": lambda text: text + b"[[[]]]\n",
    "brackets without end": lambda text: text + b'{"a":' * 100_000 + b"\n",
    "other values": lambda text: text + b'{"format": NaN, "user_id": 1, "username": "\\ud800", "signature": "2.x"}\n',
}
USELESS: dict[str, Way] = {
    "empty": lambda text: b"",
    "empty and compressed": lambda text: gzip.compress(b""),
    "one line, because all line ends are those of old Macs": lambda text: text.replace(b"\n", b"\r"),
}
OUTCOMES = [
    *((each, way, CLEAN) for each, way in HARMLESS.items()),
    *((each, way, FOUND) for each, way in DAMAGED.items()),
    *((each, way, ERROR) for each, way in USELESS.items()),
]


@pytest.fixture
def files(tmp_path, time_machine) -> Path:
    """The folder of `checkpoint` and `journal`, of changes in 2020; today they can be archived."""
    time_machine.move_to("2020-05-01")
    people = [make_user(name) for name in ("ada", "bob", "zoë")]
    with (tmp_path / "checkpoint").open("w") as file:
        for _ in range(3):
            for person in people:
                person.fsm.lock(by="eve")
                person.fsm.unlock(by="eve")
            call_command("audit_checkpoint", stdout=file)
    with (tmp_path / "journal").open("w") as file:
        call_command("audit_journal", since="2020-01-01", stdout=file)
    time_machine.move_to("2026-05-01")
    return Path(tmp_path)


@pytest.mark.parametrize("kind", ["checkpoint", "journal"])
@pytest.mark.parametrize(("way", "exit_code"), [each[1:] for each in OUTCOMES], ids=[each[0] for each in OUTCOMES])
def test_a_file_of_lines_in_any_condition_is_read_or_named(files, verify, kind, way, exit_code):
    path = files / kind
    path.write_bytes(way(path.read_bytes()))

    outcome = verify(**{kind: [str(path)]})

    assert outcome.exit_code == exit_code
    assert {each["kind"] for each in outcome.findings} == ({kind} if exit_code == FOUND else set())
    assert exit_code != ERROR or kind in outcome.error


def test_two_journals_of_which_one_is_empty_are_read(files, verify):
    (files / "new").write_text("")

    assert verify(journal=[str(files / "journal"), str(files / "new")]).exit_code == CLEAN


@pytest.mark.parametrize("option", ["checkpoint", "journal", "archive", "resume"])
@pytest.mark.parametrize("path", ["", "nothing/here"])
def test_a_folder_or_nothing_in_the_place_of_a_file_is_an_error(files, verify, option, path):
    outcome = verify(**{option: files / path if option == "resume" else [str(files / path)]})

    assert outcome.exit_code == ERROR
    assert "Is a directory" in outcome.error or "No such file" in outcome.error


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Way:
    """A change of the lines of an archive."""
    return lambda packed: gzip.compress(b"".join(change(gzip.decompress(packed).splitlines(keepends=True))))


ARCHIVES: list[tuple[str, Way, int]] = [
    ("with the line ends of Windows", lines(lambda all_: [each.replace(b"\n", b"\r\n") for each in all_]), CLEAN),
    ("with zeros behind it", lambda packed: packed + bytes(512), CLEAN),
    ("cut off", lambda packed: packed[:-9], FOUND),
    ("cut in half", lambda packed: packed[: len(packed) // 2], FOUND),
    ("two in one", lambda packed: packed * 2, FOUND),
    ("with something behind it", lambda packed: packed + b"x", FOUND),
    ("without its last line", lines(lambda all_: all_[:-1]), FOUND),
    ("with its last line twice", lines(lambda all_: [*all_, all_[-1]]), FOUND),
    ("with two lines that changed places", lines(lambda all_: [all_[0], all_[2], all_[1], *all_[3:]]), FOUND),
    ("with a line twice", lines(lambda all_: [*all_[:2], all_[1], *all_[2:]]), FOUND),
    ("with another count", lines(lambda all_: [*all_[:-1], b'{"count": [], "signature": 5}\n']), FOUND),
    ("not compressed", gzip.decompress, ERROR),
    ("compressed twice", gzip.compress, ERROR),
    ("compressed otherwise", lambda packed: zlib.compress(gzip.decompress(packed)), ERROR),
    ("with a byte order mark", lines(lambda all_: [b"\xef\xbb\xbf", *all_]), ERROR),
    ("without its first line", lines(lambda all_: all_[1:]), ERROR),
    ("with its first line alone", lines(lambda all_: all_[:1]), ERROR),
    ("with its first and last line alone", lines(lambda all_: [all_[0], all_[-1]]), ERROR),
    ("with a number in the place of a record", lines(lambda all_: [all_[0], b"1\n", *all_[2:]]), ERROR),
    ("empty", lambda packed: b"", ERROR),
]


@pytest.mark.parametrize(("way", "exit_code"), [each[1:] for each in ARCHIVES], ids=[each[0] for each in ARCHIVES])
def test_an_archive_in_any_condition_is_read_or_named_and_nothing_is_deleted_by_it(files, verify, way, exit_code):
    path = files / "2020.gz"
    archive = {"before": "2021-01-01", "archive": path, "stdout": StringIO()}
    call_command("audit_prune", **archive)
    path.write_bytes(way(path.read_bytes()))

    outcome = verify(archive=[str(path)])

    assert outcome.exit_code == exit_code
    assert exit_code != ERROR or "2020.gz" in outcome.error
    if exit_code != CLEAN:
        with pytest.raises(CommandError, match=r"2020\.gz"):
            call_command("audit_prune", **archive)
