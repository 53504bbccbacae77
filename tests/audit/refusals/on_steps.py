"""Attempts at the notes of who scheduled a change and what became of it."""

from audit import maintenance
from audit.models import SchedulingNote
from audit.rules import Rule
from tests.audit.refusals.attempts import Attempts, as_stranger, elsewhere, run

attempts = Attempts()

TABLE = SchedulingNote._meta.db_table


@attempts.refused(Rule.STEP_IS_NEVER_CHANGED)
def queryset_update_of_steps(account):
    """`SchedulingNote.objects.update(…)`"""
    SchedulingNote.objects.update(initiated_by="nobody")


@attempts.refused(Rule.STEP_IS_NEVER_CHANGED)
def save_of_a_step(account):
    """`SchedulingNote.save()` of an existing one"""
    note = SchedulingNote.objects.get()
    note.what = "done"
    note.save()


@attempts.refused(Rule.STEP_IS_NEVER_CHANGED)
def sql_update_of_steps_in_maintenance(account):
    """SQL: `UPDATE` in declared maintenance"""
    with maintenance.declared("a lie"):
        run(f"UPDATE {TABLE} SET transition = 'lock', at = '2031-01-01'")


@attempts.refused(
    sqlite="no such function: audit_maintenance_declared", postgresql=Rule.STEP_IS_NEVER_CHANGED, commits=True
)
def update_of_steps_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): `UPDATE`"""
    elsewhere(f"UPDATE {TABLE} SET initiated_by = 'nobody'")


@attempts.refused(Rule.STEP_IS_KEPT)
def queryset_delete_of_steps(account):
    """`SchedulingNote.objects.all().delete()`"""
    SchedulingNote.objects.all().delete()


@attempts.refused(Rule.STEP_IS_KEPT)
def sql_delete_of_steps(account):
    """SQL: `DELETE`"""
    run(f"DELETE FROM {TABLE}")


@attempts.refused(postgresql=Rule.STEP_IS_KEPT)
def truncate_of_steps(account):
    """SQL: `TRUNCATE`"""
    run(f"TRUNCATE {TABLE}")


@attempts.refused(postgresql=Rule.STEP_IS_KEPT, commits=True)
def delete_of_steps_in_maintenance_by_a_stranger(account):
    """A role that does not own the tables: `SET audit.maintenance`, then `DELETE`"""
    as_stranger(f"SET audit.maintenance = 'a lie'; DELETE FROM {TABLE}")


@attempts.refused(sqlite=Rule.STEP_IS_NEVER_REPLACED)
def insert_or_replace_of_a_step(account):
    """SQL: `INSERT OR REPLACE` of a step, which fires no `DELETE` trigger"""
    columns = [str(field.column) for field in SchedulingNote._meta.concrete_fields]
    values = ", ".join("'nobody'" if column == "initiated_by" else column for column in columns)
    run(f"INSERT OR REPLACE INTO {TABLE} ({', '.join(columns)}) SELECT {values} FROM {TABLE}")
