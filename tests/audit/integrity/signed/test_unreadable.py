"""Rows that nobody can read, which the owner of the tables can write: a finding each, and no end of anything else."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit.models import UserStateAudit
from audit.stream.formats import FORMATS
from tests.api import Machine
from tests.factories import make_superuser
from users.states import State

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table

GARBAGE = {
    "postgresql": [
        ("datetime", "'infinity'"),
        ("datetime", "'-infinity'"),
        ("datetime", "'12026-01-01'"),
        ("datetime", "'0044-03-15 BC'"),
        ("locked_until", "'infinity'"),
        ("details", "'null'"),
        ("details", "'[1]'"),
        ("details", "(repeat('[', 3000) || repeat(']', 3000))::jsonb"),
        ("details", "('{\"n\": ' || repeat('9', 5000) || '}')::jsonb"),
    ],
    "sqlite": [
        ("datetime", "'infinity'"),
        ("datetime", "'2026-02-30 12:00:00'"),
        ("datetime", "'2026-01-01 24:00:00'"),
        ("datetime", "1790000000"),
        ("datetime", "x'00ff'"),
        ("datetime", "''"),
        ("datetime", "'10000-01-01 00:00:00'"),
        ("locked_until", "'tomorrow'"),
        ("datetime", "CAST(datetime AS BLOB)"),
        ("details", "'null'"),
        ("details", "'[1]'"),
        ("details", "'{'"),
        ("details", "x'7b7d'"),
        ("details", '\'{"count": 99, "count": 5}\''),
        ("details", f"'{'[' * 3000}{']' * 3000}'"),
        ("details", '\'{"n": ' + "9" * 5000 + "}'"),
        ("username", "x'00ff'"),
        ("username", "CAST(x'ff' AS TEXT)"),
        ("cause", "x'00ff'"),
        ("signature", "x'00ff'"),
        ("person_salt", "CAST(x'ff' AS TEXT)"),
    ],
}
OUT_OF_PLACE = [
    (name, value) for name in ("user_id", "sequence") for value in ("'many'", "x'00ff'", "CAST(x'ff' AS TEXT)")
]


@pytest.fixture
def spoil(tamper, people):
    """Writes a value into a column of Bob's third record, past the checks of the table."""

    def run(column: str, value: str) -> None:
        sql = f"UPDATE {RECORDS} SET {column} = {value} WHERE user_id = %s AND sequence = 3"
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = 1")
            tamper(sql, [people[1].pk])
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = 0")
        else:
            connection.check_constraints()  # PostgreSQL alters no table that something deferred waits for
            tamper(f"ALTER TABLE {RECORDS} DROP CONSTRAINT userstateaudit_times_are_sane")
            tamper(sql, [people[1].pk])

    return run


def pytest_generate_tests(metafunc):
    if "garbage" in metafunc.fixturenames:
        values = GARBAGE[metafunc.config.getoption("database")]
        metafunc.parametrize("garbage", values, ids=[f"{column}-{value[:30]}" for column, value in values])


def test_it_is_named_and_everything_else_is_verified(garbage, spoil, people, verify, tamper):
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 4", [people[2].pk])
    spoil(*garbage)

    outcome = verify()

    assert outcome.exit_code == 1
    bob = people[1].pk
    bobs = {(each["kind"], each["sequence"]) for each in outcome.findings if each["user_id"] == bob}
    assert bobs == {("unreadable", 3)}
    assert ("missing", "cyd", 4) in outcome.named
    assert outcome.summary["records"] == 17


def test_pages_show_it_as_such_and_do_not_fail(garbage, spoil, people, client):
    client.force_login(make_superuser("admin"))
    spoil(*garbage)
    bob = people[1]
    broken = UserStateAudit.objects.get(user_id=bob.pk, sequence=3)

    pages = [
        reverse("admin:user_audit_userstateaudit_changelist"),
        reverse("admin:user_audit_userstateaudit_changelist") + f"?user={bob.pk}",
        reverse("admin:user_audit_dashboard_changelist"),
        reverse("admin:user_audit_userstateaudit_change", args=[broken.pk]),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_change", args=[bob.pk]),
    ]
    for page in pages:
        assert client.get(page).status_code == 200, page
    if garbage[0] == "datetime" and broken.datetime is None:
        assert "cannot be read" in client.get(pages[1]).text
        assert "cannot be read" in client.get(pages[3]).text
    export = client.get(reverse("admin:user_audit_userstateaudit_export"))
    assert len(b"".join(export.streaming_content).splitlines()) == 1 + UserStateAudit.objects.count()


def test_the_persons_own_page_does_not_fail(garbage, spoil, people, client):
    spoil(*garbage)
    client.force_login(people[1])

    assert client.get(reverse("home"), follow=True).status_code == 200


def test_no_checkpoint_is_taken_of_it(garbage, spoil):
    spoil(*garbage)

    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit_checkpoint", stdout=StringIO())


def test_it_can_be_declared_lost(garbage, spoil, verify):
    spoil(*garbage)
    call_command("audit_declare_loss", reason="an owner's mistake", stdout=StringIO())

    outcome = verify()
    assert all("declared" in each for each in outcome.about_rows)
    assert outcome.summary["findings"] == len(outcome.findings) - len(outcome.about_rows)


def test_the_api_and_own_pages_show_it_as_such_and_do_not_fail(garbage, spoil, people, client):
    machine = Machine("user_audit.view_userstateaudit")
    bob = people[1]
    spoil(*garbage)
    client.force_login(bob)

    for path in ("/records", f"/users/{bob.pk}/records"):
        assert machine.get(path).status_code == 200, path
    for page in ("home", "user_audit:own_history"):
        assert client.get(reverse(page), follow=True).status_code == 200, page
    assert str(UserStateAudit.objects.of(bob).get(sequence=3))
    assert UserStateAudit.objects.state_at(bob, timezone.now() + timedelta(days=1)) == State.ACTIVE


def test_an_erasure_takes_what_is_personal_out_of_it_or_says_what_the_database_does_not_let_go(
    garbage, spoil, people, verify
):
    bob = people[1]
    spoil(*garbage)
    found = {each["kind"] for each in verify().about_rows}
    left = ""
    try:
        call_command("audit_erase", "bob", reason="asked for", stdout=StringIO())
    except CommandError as error:
        left = str(error)

    named = UserStateAudit.objects.filter(user_id=bob.pk).exclude(username="", description="")
    if left:  # SQLite checks a row whenever it changes, and this one breaks another rule
        assert [f"record with key {record.pk}:" in left for record in named] == [True]
    else:
        assert not named.exists()
    assert found == {"unreadable"}
    assert {each["kind"] for each in verify().about_rows} <= {"unreadable", "edited"} != set()
    assert {each["sequence"] for each in verify().about_rows} == {3}


def test_checkpoints_go_on_once_it_is_declared_lost(spoil, people, verify, tmp_path):
    kept, out = tmp_path / "kept", StringIO()
    call_command("audit_checkpoint", file=kept)
    spoil("details", "'[1]'")
    call_command("audit_declare_loss", reason="an owner's mistake", checkpoint=[kept], stdout=StringIO())

    call_command("audit_checkpoint", after=[kept], stdout=out)
    call_command("audit_checkpoint", stdout=out)
    people[0].fsm.lock(by="system")
    call_command("audit_checkpoint", stdout=out)

    with kept.open("a") as file:
        file.write(out.getvalue())
    assert all("declared" in each for each in verify(checkpoint=[kept]).about_rows)


@pytest.mark.parametrize("column", ["cause", "actor_kind", "transition"])
def test_words_that_nobody_knows_are_shown_as_they_are(column, tamper, people, client, tmp_path):
    bob = people[1]
    for sequence, value in ((2, "anything"), (3, "")):
        sql = f"UPDATE {RECORDS} SET {column} = %s WHERE user_id = %s AND sequence = %s"
        tamper(sql, [value, bob.pk, sequence])
    client.force_login(bob)

    assert client.get(reverse("user_audit:own_history")).status_code == 200
    for form in ("jsonl", "ocsf", "ecs", "csv"):
        call_command("audit_export", form=form, file=tmp_path / form, stderr=StringIO())
        assert len((tmp_path / form).read_text().splitlines()) >= UserStateAudit.objects.count()


@pytest.mark.parametrize("garbage_out_of_place", OUT_OF_PLACE)
def test_sqlite_keeps_anything_in_any_column(garbage_out_of_place, spoil, verify, people, client, tmp_path):  # noqa: PLR0917
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL asks what a column may hold")
    broken = UserStateAudit.objects.get(user_id=people[1].pk, sequence=3).pk
    spoil(*garbage_out_of_place)

    outcome = verify()

    assert {each["kind"] for each in outcome.findings} >= {"unreadable"}
    assert {each["username"] for each in outcome.findings} <= {"", "bob"}
    assert verify(jobs=1, resume=None).summary == outcome.summary
    client.force_login(make_superuser("admin"))
    assert client.get(reverse("admin:user_audit_userstateaudit_change", args=[broken])).status_code == 200
    assert client.get(reverse("admin:user_audit_userstateaudit_changelist")).status_code == 200
    assert Machine("user_audit.view_userstateaudit").get("/records").status_code == 200
    assert_all_are_exported_and_streamed(tmp_path)


def test_an_account_that_cannot_be_read_is_named_and_the_others_are_verified(people, verify, tamper):
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        tamper("UPDATE user_lifecycle_userfsm SET version = 'many' WHERE user_id = %s", [people[1].pk])
    else:
        connection.check_constraints()
        tamper("ALTER TABLE user_lifecycle_userfsm DROP CONSTRAINT userfsm_times_are_sane")
        tamper("ALTER TABLE user_lifecycle_userfsm DROP CONSTRAINT userfsm_only_locked_until")
        tamper("UPDATE user_lifecycle_userfsm SET locked_until = 'infinity' WHERE user_id = %s", [people[1].pk])
    tamper("UPDATE auth_user SET is_active = false WHERE id = %s", [people[2].pk])

    named = [(each["kind"], each["username"]) for each in verify().about_rows]
    assert named == [("unreadable", "bob"), ("is_active", "cyd")]


def test_a_time_that_can_be_read_is_written_and_read_as_it_is(people):
    bob = people[1]
    until = datetime(2199, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    bob.fsm.lock(until=until)

    assert UserStateAudit.objects.of(bob).latest().locked_until == until
    assert User.objects.get(pk=bob.pk).fsm.locked_until == until


def test_the_pages_of_the_list_go_on_behind_it(garbage, spoil, people, client, monkeypatch):
    client.force_login(make_superuser("admin"))
    spoil(*garbage)
    monkeypatch.setattr("audit.administration.records.UserStateAuditAdmin.list_per_page", 1)
    page = reverse("admin:user_audit_userstateaudit_changelist")

    assert client.get(page).status_code == 200
    assert client.get(page + "?oldest=1").status_code == 200


def test_it_is_exported_and_streamed_like_the_others(garbage, spoil, people, tmp_path, monkeypatch):
    monkeypatch.setattr("audit.stream.export.PAGE", 1)  # so that it ends a page
    spoil(*garbage)

    assert_all_are_exported_and_streamed(tmp_path)


def assert_all_are_exported_and_streamed(folder):
    for form in FORMATS:
        export, stream = folder / f"export.{form}", folder / f"stream.{form}"
        call_command("audit_export", form=form, file=export, stderr=StringIO())
        call_command("audit_stream", to=f"file:{stream}", form=form, cursor=form, stderr=StringIO())
        lines = UserStateAudit.objects.count() + (form == "csv")
        assert [len(file.read_text().splitlines()) for file in (export, stream)] == [lines, lines], form


@pytest.mark.parametrize(
    "column",
    ["user_id", "sequence", "username", "transition", "start_state", "end_state", "description", "ip_address"],
)
def test_an_empty_column_that_must_not_be_empty_is_named_and_streamed(column, people, verify, tamper, tmp_path):
    connection.check_constraints()
    nullable(RECORDS, column, tamper)
    tamper(f"UPDATE {RECORDS} SET {column} = NULL WHERE user_id = %s AND sequence = 3", [people[1].pk])
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = 4", [people[2].pk])

    outcome = verify()

    assert "unreadable" in {each["kind"] for each in outcome.findings}
    assert ("missing", "cyd", 4) in outcome.named
    for form in ("jsonl", "ocsf", "ocsf-user-management", "ecs"):
        call_command("audit_stream", to=f"file:{tmp_path / form}", form=form, cursor=form, stderr=StringIO())
        lines = (tmp_path / form).read_text().splitlines()
        assert len([json.loads(line) for line in lines]) == UserStateAudit.objects.count(), form


def nullable(table: str, column: str, tamper) -> None:
    """Let this column be empty, as the owner of the table can."""
    if connection.vendor == "postgresql":
        tamper(f"ALTER TABLE {table} ALTER {column} DROP NOT NULL")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute(
            "UPDATE sqlite_master SET sql = replace(replace(sql, ' NOT NULL,', ','), ' NOT NULL CHECK', ' CHECK') "
            "WHERE name = %s",
            [table],
        )
        cursor.execute("PRAGMA writable_schema = RESET")
        cursor.execute("PRAGMA ignore_check_constraints = 1")


def test_the_journal_is_written_anew_with_everything_else(garbage, spoil, people):
    spoil(*garbage)
    out = StringIO()

    try:
        call_command("audit_journal", since="1970-01-01", stdout=out)
    except CommandError as error:
        assert "cannot be read" in str(error)  # noqa: PT017 - a time before 1970 is not asked for

    assert len(out.getvalue().splitlines()) == UserStateAudit.objects.count() - 1
