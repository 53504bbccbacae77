"""Archives and the notes of them, by somebody who owns the tables or has the files, and has not got the key."""

import gzip
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from audit.models import AuditArchive, AuditFloor, UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FLOORS = AuditFloor._meta.db_table
ARCHIVES = AuditArchive._meta.db_table
RECORDS = UserStateAudit._meta.db_table


@pytest.fixture
def archived(time_machine, tmp_path):
    """Ada and Bob, whose records of two years are in an archive each; and the checkpoints that were kept."""
    vault = (tmp_path / "vault").open("w")
    people = []
    for year in (2020, 2021, 2022):
        time_machine.move_to(f"{year}-05-01")
        if year == 2020:
            people = [make_user(name) for name in ("ada", "bob")]
        for person in people:
            person.fsm.lock(by="system")
            person.fsm.unlock(by="system")
        call_command("audit_checkpoint", stdout=vault)
    time_machine.move_to("2026-05-01")
    for year in (2020, 2021):
        call_command("audit_prune", before=f"{year + 1}-01-01", archive=tmp_path / f"{year}.gz", stdout=StringIO())
    call_command("audit_checkpoint", stdout=vault)
    vault.close()
    return tmp_path


def named(verify, archived=None, **options):
    if archived is not None:
        options["checkpoint"] = [str(archived / "vault")]
    outcome = verify(**options)
    assert outcome.exit_code == bool(outcome.findings)
    return outcome.named


def floor(name: str) -> AuditFloor:
    return AuditFloor.objects.get(user_id=UserStateAudit.objects.filter(username=name).earliest().user_id)


def test_what_nobody_touched_is_clean(archived, verify):
    files = [str(archived / name) for name in ("2020.gz", "2021.gz")]

    assert named(verify, archived) == []
    assert named(verify, archive=files) == []


# The notes of how far a person's records are archived


@pytest.mark.parametrize("change", ["sequence = 2", "sequence = 7", "end_state = 'locked'", "signature = ''"])
def test_an_edited_floor_is_named(archived, verify, tamper, change):
    tamper(f"UPDATE {FLOORS} SET {change} WHERE id = %s", [floor("ada").pk])

    kinds = {kind for kind, *_ in named(verify)}
    assert "floor" in kinds


def test_a_floor_moved_to_another_person_is_named(archived, verify, tamper):
    ada, bob = floor("ada"), floor("bob")
    tamper(f"DELETE FROM {FLOORS} WHERE id = %s", [bob.pk])
    tamper(f"UPDATE {FLOORS} SET user_id = %s WHERE id = %s", [bob.user_id, ada.pk])

    found = named(verify)
    assert {("missing", "ada", 0), ("missing", "bob", 0)} <= set(found)
    assert "floor" in {kind for kind, *_ in found}


def test_two_floors_that_changed_places_are_named(archived, verify, tamper):
    ada, bob = floor("ada"), floor("bob")
    tamper(f"UPDATE {FLOORS} SET user_id = -1 WHERE id = %s", [ada.pk])
    tamper(f"UPDATE {FLOORS} SET user_id = %s WHERE id = %s", [ada.user_id, bob.pk])
    tamper(f"UPDATE {FLOORS} SET user_id = %s WHERE id = %s", [bob.user_id, ada.pk])

    assert [kind for kind, *_ in named(verify)].count("floor") == 2


def test_a_deleted_floor_is_named(archived, verify, tamper):
    tamper(f"DELETE FROM {FLOORS} WHERE id = %s", [floor("ada").pk])

    assert named(verify) == [("missing", "ada", 0)]


def test_a_floor_made_up_to_hide_a_gap_is_named(archived, verify, tamper):
    ada = floor("ada")
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence < 7", [ada.user_id])
    tamper(f"UPDATE {FLOORS} SET sequence = 6 WHERE id = %s", [ada.pk])

    found = named(verify)
    assert "floor" in {kind for kind, *_ in found}
    assert ("missing", "ada", 0) in found


def test_all_records_behind_a_floor_gone_are_named(archived, verify, tamper):
    ada = floor("ada")
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s", [ada.user_id])

    assert ("missing", "", ada.sequence + 1) in named(verify)


def test_a_floor_made_up_for_nobody_is_named(archived, verify, tamper):
    tamper(
        f"INSERT INTO {FLOORS} (user_id, sequence, end_state, signature) "
        f"SELECT 4711, sequence, end_state, signature FROM {FLOORS} WHERE id = %s",
        [floor("ada").pk],
    )

    assert [kind for kind, *_ in named(verify)] == ["floor"]


# The notes of what went into an archive


@pytest.mark.parametrize("change", ["name = 'other.gz'", "count = 1", "last_id = 1", "made_at = '2020-01-01'"])
def test_an_edited_note_of_an_archive_is_named(archived, verify, tamper, change):
    tamper(f"UPDATE {ARCHIVES} SET {change} WHERE name = '2021.gz'")

    assert ("archive", "", None) in named(verify, archived)


def test_two_notes_that_changed_names_are_named(archived, verify, tamper):
    for old, new in (("2020.gz", "x"), ("2021.gz", "2020.gz"), ("x", "2021.gz")):
        tamper(f"UPDATE {ARCHIVES} SET name = %s WHERE name = %s", [new, old])

    assert named(verify).count(("archive", "", None)) == 2


def test_a_deleted_note_of_an_archive_is_named(archived, verify, tamper):
    tamper(f"DELETE FROM {ARCHIVES} WHERE name = '2020.gz'")
    assert named(verify) == [("checkpoint", "", None)]

    tamper("DELETE FROM user_audit_auditcheckpoint")
    assert ("checkpoint", "", None) in named(verify, archived)


def test_all_notes_of_archives_deleted_with_the_checkpoints_are_named(archived, verify, tamper):
    tamper(f"DELETE FROM {ARCHIVES}")
    tamper("DELETE FROM user_audit_auditcheckpoint")

    assert named(verify) == [("archive", "", None)]


def test_a_note_made_up_for_records_that_were_deleted_is_named(archived, verify, tamper):
    tamper(f"UPDATE {ARCHIVES} SET count = count + 1 WHERE name = '2020.gz'")
    tamper(f"DELETE FROM {RECORDS} WHERE username = 'ada' AND sequence = 6")

    kinds = {kind for kind, *_ in named(verify)}
    assert {"archive", "missing"} <= kinds


# The files


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def write(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(gzip.compress(b"".join(lines)))


def swapped(archived: Path) -> None:
    (archived / "2020.gz").rename(archived / "x")
    (archived / "2021.gz").rename(archived / "2020.gz")
    (archived / "x").rename(archived / "2021.gz")


def renamed(archived: Path) -> None:
    shutil.copy(archived / "2021.gz", archived / "2020.gz")


def cut(archived: Path) -> None:
    path = archived / "2020.gz"
    write(path, lines_of(path)[:-1])


def cut_in_the_middle(archived: Path) -> None:
    path = archived / "2020.gz"
    path.write_bytes(path.read_bytes()[:-30])


def concatenated(archived: Path) -> None:
    path = archived / "2020.gz"
    path.write_bytes(path.read_bytes() + (archived / "2021.gz").read_bytes())


def without_a_record(archived: Path) -> None:
    path = archived / "2020.gz"
    lines = lines_of(path)
    write(path, lines[:2] + lines[3:])


def with_a_record_twice(archived: Path) -> None:
    path = archived / "2020.gz"
    lines = lines_of(path)
    write(path, lines[:2] + lines[1:])


def with_an_edited_record(archived: Path) -> None:
    path = archived / "2020.gz"
    lines = lines_of(path)
    write(path, [*lines[:2], lines[2].replace(b'"ada"', b'"eve"'), *lines[3:]])


def with_a_record_given_to_another_person(archived: Path) -> None:
    path = archived / "2020.gz"
    user, other = (str(floor(name).user_id).encode() for name in ("ada", "bob"))
    lines = lines_of(path)
    write(path, [*lines[:2], lines[2].replace(b'"user_id": ' + user, b'"user_id": ' + other), *lines[3:]])


def with_the_end_of_another(archived: Path) -> None:
    path = archived / "2020.gz"
    write(path, lines_of(path)[:-1] + lines_of(archived / "2021.gz")[-1:])


@pytest.mark.parametrize(
    "attack",
    [
        swapped,
        renamed,
        cut,
        cut_in_the_middle,
        concatenated,
        without_a_record,
        with_a_record_twice,
        with_an_edited_record,
        with_a_record_given_to_another_person,
        with_the_end_of_another,
    ],
)
def test_a_file_that_is_not_the_archive_is_named(archived, verify, attack):
    attack(archived)
    path = str(archived / "2020.gz")

    outcome = verify(archive=[path])

    assert outcome.exit_code == 1
    assert any(path in each["message"] or each["username"] for each in outcome.findings)


def test_an_archive_under_a_name_that_nobody_noted_is_named(archived, verify):
    (archived / "2020.gz").rename(archived / "moved.gz")

    outcome = verify(archive=[str(archived / "moved.gz")])

    assert outcome.named == [("archive", "", None)]
    assert "it is the archive 2020.gz" in outcome.findings[0]["message"]


def test_an_archive_of_another_database_is_named(archived, verify, tamper):
    tamper(f"DELETE FROM {ARCHIVES}")

    outcome = verify(archive=[str(archived / "2020.gz")])

    assert "the database has no note of it" in outcome.findings[0]["message"]
