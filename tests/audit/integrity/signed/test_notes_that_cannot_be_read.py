"""Garbage in the notes about the record: a finding each, and everything else is verified as before."""

from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit import triggers
from audit.models import (
    AuditArchive,
    AuditCheckpoint,
    AuditDeclaration,
    AuditErasure,
    AuditFloor,
    RecordRead,
    SchedulingNote,
)

pytestmark = pytest.mark.django_db

KINDS = {
    AuditCheckpoint: "checkpoint",
    AuditArchive: "archive",
    AuditFloor: "floor",
    AuditErasure: "erased",
    AuditDeclaration: "declaration",
    SchedulingNote: "schedule",
}

OF_ANY_COLUMN = {
    "sqlite": ["x'00ff'", "CAST(x'ff' AS TEXT)", "3.5", "9223372036854775807", "'infinity'", "'2026-02-30 12:00:00'"],
    "postgresql": [],
}
OF_TYPES = {
    "DateTimeField": ["'infinity'", "'-infinity'", "'12026-01-01'", "'0044-03-15 BC'"],
    "BinaryField": ["''", "decode(repeat('ff', 513), 'hex')"],
    "JSONField": ["'7'", "'[null]'", "'[[\"gone\"]]'"],
    "BigIntegerField": ["9223372036854775807"],
    "CharField": ["chr(233)"],
}


@pytest.fixture
def noted(people, tmp_path, time_machine):
    """One genuine note of each model, and a line of the vault."""
    call_command("audit_declare_disturbance", start="2026-05-01", end="2026-05-02", reason="clock", stdout=StringIO())
    call_command("audit_erase", "cyd", reason="asked for", stdout=StringIO())
    people[0].fsm.schedule("deactivate", at=timezone.now() + timedelta(days=9000), by="HR")
    time_machine.move_to("2036-05-01")
    call_command("audit_prune", before="2030-01-01", archive=tmp_path / "old.gz", stdout=StringIO())
    with (tmp_path / "vault").open("w") as vault:
        call_command("audit_checkpoint", stdout=vault)
    return tmp_path


def garbage(model):
    """Columns of this model, with values that do not belong there."""
    vendor = connection.vendor
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        kind = field.get_internal_type().removeprefix("Positive")
        for value in OF_ANY_COLUMN[vendor] or OF_TYPES.get(kind, []):
            yield field.column, value


def tried(model, attempt):
    """Call `attempt` for each kind of garbage in the newest of these notes, and undo it each time."""
    table, number = model._meta.db_table, 0
    for column, value in garbage(model):
        with transaction.atomic():
            if connection.vendor == "sqlite":
                connection.cursor().execute("PRAGMA ignore_check_constraints = 1")
            with triggers.lifted("default"), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS schedulingnote_time_is_sane")
                cursor.execute(f'UPDATE {table} SET "{column}" = {value} WHERE id = (SELECT max(id) FROM {table})')
            if connection.vendor == "sqlite":
                connection.cursor().execute("PRAGMA ignore_check_constraints = 0")
            attempt(f"{table}.{column} = {value}")
            transaction.set_rollback(True)
        number += 1
    assert number


@pytest.mark.parametrize("model", KINDS, ids=KINDS.values())
def test_a_note_that_cannot_be_read_is_named(noted, verify, model):
    def attempt(what: str) -> None:
        outcome = verify()
        assert outcome.exit_code == 1, what
        assert KINDS[model] in {each["kind"] for each in outcome.findings}, what
        assert outcome.summary["records"] == 3, what

    assert verify().exit_code == 0
    tried(model, attempt)


@pytest.mark.parametrize("model", KINDS, ids=KINDS.values())
def test_other_commands_refuse_it_in_words_or_go_on(noted, model):
    files = iter(range(1000))

    def attempt(_: str) -> None:
        for command, options in (
            ("audit_checkpoint", {}),
            ("audit_checkpoint", {"after": [noted / "vault"]}),
            ("audit_declare_loss", {"reason": "an owner's mistake"}),
            ("audit_prune", {"before": "2030-02-01", "archive": noted / f"{next(files)}.gz"}),
            ("audit_verify", {"archive": [noted / "old.gz"]}),
        ):
            with suppress(CommandError), transaction.atomic():  # any other exception is a traceback on a terminal
                call_command(command, stdout=StringIO(), **options)

    tried(model, attempt)


def test_no_checkpoint_is_built_on_a_note_of_an_archive_that_is_not_genuine(noted, tamper):
    tamper(f"DELETE FROM {AuditCheckpoint._meta.db_table}")
    tamper(f"UPDATE {AuditArchive._meta.db_table} SET count = count + 5")

    call_command("audit_checkpoint", stdout=StringIO())

    assert AuditCheckpoint.objects.get().count == 3


def test_the_database_refuses_a_time_of_a_reading_that_nobody_could_read(db):
    note = RecordRead.objects.create(what="list", initiated_by="eve", actor_kind="named")
    with pytest.raises(Exception, match="recordread_time_is_sane"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE user_audit_recordread SET datetime = 'infinity' WHERE id = %s", [note.pk])
