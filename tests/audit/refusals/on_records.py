"""Attempts at a record that is not true, or no more."""

import json

from django.contrib.auth.models import User
from django.db import connection, models, transaction

from audit import maintenance
from audit.exceptions import RecordIsAppendOnly
from audit.models import UserStateAudit
from audit.rules import Rule
from tests.audit.refusals.attempts import Attempts, as_stranger, elsewhere, load, record, run

attempts = Attempts()


def newest(account: User) -> UserStateAudit:
    return UserStateAudit.objects.of(account).latest()


@attempts.refused(RecordIsAppendOnly)
def queryset_update_of_records(account):
    """`UserStateAudit.objects.update(…)`"""
    UserStateAudit.objects.update(initiated_by="nobody")


@attempts.refused(RecordIsAppendOnly)
def queryset_delete_of_records(account):
    """`UserStateAudit.objects.all().delete()`"""
    UserStateAudit.objects.all().delete()


@attempts.refused(RecordIsAppendOnly)
def queryset_bulk_create_of_a_record(account):
    """`UserStateAudit.objects.bulk_create(…)`, of a valid next record"""
    forged = newest(account)
    forged.pk, forged.sequence, forged.start_state, forged.end_state = None, 4, "active", "locked"
    UserStateAudit.objects.bulk_create([forged])


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def update_of_records_by_a_plain_manager(account):
    """`QuerySet.update` of a plain manager"""
    UserStateAudit._base_manager.update(initiated_by="nobody")


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def bulk_update_of_records_by_a_plain_manager(account):
    """`bulk_update` of a plain manager"""
    last = newest(account)
    last.initiated_by = "nobody"
    UserStateAudit._base_manager.bulk_update([last], ["initiated_by"])


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def save_of_a_record_by_the_base_class(account):
    """`Model.save`, bypassing that of `UserStateAudit`"""
    models.Model.save(newest(account))


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def loaddata_over_records(account):
    """`loaddata` of existing, unchanged records"""
    load(UserStateAudit.objects.of(account))


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def sql_update_of_records(account):
    """SQL: `UPDATE`"""
    run("UPDATE user_audit_userstateaudit SET description = 'nothing to see'")


@attempts.refused(Rule.RECORD_IS_NEVER_CHANGED)
def sql_update_of_records_in_maintenance(account):
    """SQL: `UPDATE` in declared maintenance"""
    with maintenance.declared("to correct the past"):
        run("UPDATE user_audit_userstateaudit SET description = 'nothing to see'")


@attempts.refused(sqlite=Rule.ONE_PER_SEQUENCE, postgresql=Rule.RECORD_IS_NEVER_CHANGED)
def upsert_of_a_record(account):
    """SQL: `INSERT … ON CONFLICT DO UPDATE`"""
    upsert = " ON CONFLICT (user_id, sequence) DO UPDATE SET description = 'nothing to see'"
    run(record(sequence=3) + upsert, user=account.pk)


@attempts.refused(postgresql=Rule.RECORD_IS_NEVER_CHANGED)
def merge_into_records(account):
    """SQL: `MERGE … WHEN MATCHED THEN UPDATE`"""
    run("""
        MERGE INTO user_audit_userstateaudit r USING auth_user u ON u.id = r.user_id
        WHEN MATCHED THEN UPDATE SET description = 'nothing to see'
    """)


@attempts.refused(postgresql=Rule.RECORD_IS_NEVER_CHANGED)
def update_of_records_within_a_query(account):
    """SQL: an `UPDATE` in a `WITH`"""
    run("WITH u AS (UPDATE user_audit_userstateaudit SET description = '…' RETURNING 1) TABLE u")


@attempts.refused(
    sqlite="no such function: audit_maintenance_declared", postgresql=Rule.RECORD_IS_NEVER_CHANGED, commits=True
)
def update_of_records_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): `UPDATE`"""
    elsewhere("UPDATE user_audit_userstateaudit SET description = 'nothing to see'")


@attempts.refused(Rule.RECORD_IS_KEPT)
def delete_of_records_past_the_queryset(account):
    """`QuerySet._raw_delete`, which Django's own deletion uses"""
    UserStateAudit.objects.all()._raw_delete("default")


@attempts.refused(Rule.RECORD_IS_KEPT)
def sql_delete_of_records(account):
    """SQL: `DELETE`"""
    run("DELETE FROM user_audit_userstateaudit WHERE sequence = 2")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT)
def delete_of_records_within_a_query(account):
    """SQL: a `DELETE` in a `WITH`"""
    run("WITH d AS (DELETE FROM user_audit_userstateaudit RETURNING 1) TABLE d")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT)
def merge_that_deletes_records(account):
    """SQL: `MERGE … WHEN MATCHED THEN DELETE`"""
    run("MERGE INTO user_audit_userstateaudit r USING auth_user u ON u.id = r.user_id WHEN MATCHED THEN DELETE")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT)
def delete_of_records_as_a_replica(account):
    """SQL: `session_replication_role = replica`, which disables ordinary triggers"""
    run("SET LOCAL session_replication_role = replica")
    run("DELETE FROM user_audit_userstateaudit")


@attempts.refused(sqlite="no such function: audit_maintenance_declared", postgresql=Rule.RECORD_IS_KEPT, commits=True)
def delete_of_records_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): `DELETE`"""
    elsewhere("DELETE FROM user_audit_userstateaudit")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT, commits=True)
def delete_of_records_in_maintenance_by_a_stranger(account):
    """A role that does not own the tables: `SET audit.maintenance`, then `DELETE`"""
    as_stranger("SET audit.maintenance = 'x'; DELETE FROM user_audit_userstateaudit")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT)
def truncate_of_records(account):
    """SQL: `TRUNCATE`"""
    run("TRUNCATE user_audit_userstateaudit")


@attempts.refused(postgresql=Rule.RECORD_IS_KEPT, commits=True)
def truncate_of_records_in_maintenance_by_a_stranger(account):
    """A role that does not own the tables: `SET audit.maintenance`, then `TRUNCATE`"""
    as_stranger("SET audit.maintenance = 'x'; TRUNCATE user_audit_userstateaudit")


@attempts.refused(sqlite=Rule.RECORD_IS_NEVER_REPLACED)
def insert_or_replace_by_the_key(account):
    """SQL: `INSERT OR REPLACE` with the key of a record, which fires no `DELETE` trigger"""
    key = UserStateAudit.objects.of(account).earliest().pk
    run(record("INSERT OR REPLACE", id=key), user=account.pk)


@attempts.refused(sqlite=Rule.RECORD_IS_NEVER_REPLACED)
def insert_or_replace_by_the_rowid(account):
    """SQL: `INSERT OR REPLACE` with the rowid of a record, which is the key"""
    key = UserStateAudit.objects.of(account).earliest().pk
    run(record("INSERT OR REPLACE", rowid=key), user=account.pk)


@attempts.refused(sqlite=Rule.ONE_PER_SEQUENCE)
def insert_or_replace_by_the_sequence(account):
    """SQL: `INSERT OR REPLACE` with the user and sequence of a record"""
    run(record("INSERT OR REPLACE", sequence=3), user=account.pk)


@attempts.refused(Rule.ONE_PER_SEQUENCE)
def insert_of_a_second_record(account):
    """SQL: a second record with the same user and sequence"""
    run(record(sequence=3), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_record_that_skips(account):
    """SQL: a record that skips a sequence"""
    run(record(sequence=5), user=account.pk)


@attempts.refused(Rule.ONE_PER_SEQUENCE)
def insert_of_a_second_birth(account):
    """SQL: a second birth with sequence 0"""
    run(record(sequence=0, start_state="''", end_state="'active'"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_birth_of_somebody_who_lives(account):
    """SQL: another birth of an account that has a state"""
    run(record(start_state="''", end_state="'invited'"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_birth_that_skips(account):
    """SQL: a first birth with a sequence other than 0"""
    run(record(start_state="''", end_state="'active'", sequence=2), user=account.pk + 1000)


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_birth_whose_state_never_comes(account):
    """SQL: a birth without a state"""
    run(record(start_state="''", end_state="'active'", sequence=0), user=account.pk + 1000)


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_death_of_somebody_who_lives(account):
    """SQL: a death whose state stays"""
    run(record(end_state="''"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_record_where_one_was_removed(account):
    """SQL: another record in place of one that retention removed"""
    with maintenance.declared("retention"):
        run("DELETE FROM user_audit_userstateaudit WHERE sequence = 1")
    run(record(sequence=1, start_state="'invited'", end_state="'active'"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_record_from_another_state(account):
    """SQL: a record that does not start in the account's state"""
    run(record(start_state="'invited'"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_or_ignore_of_a_record_from_another_state(account):
    """SQL: the same by `INSERT … ON CONFLICT DO NOTHING`"""
    run(record(start_state="'invited'") + " ON CONFLICT DO NOTHING", user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def insert_of_a_record_of_nobody(account):
    """SQL: a record of a user who has no state"""
    run(record(sequence=1), user=account.pk + 1000)


@attempts.refused(Rule.RECORDED_STATES_ARE_KNOWN)
def insert_of_a_record_of_an_unknown_state(account):
    """SQL: a record that leads to an unknown state"""
    run(record(end_state="'archived'"), user=account.pk)


@attempts.refused(postgresql=Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_without_end(account):
    """SQL: a record whose time is `infinity`, which Python cannot read"""
    run(record(datetime="'infinity'"), user=account.pk)


@attempts.refused(Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_before_computers(account):
    """SQL: a record of a time before 1970"""
    run(record(datetime="'1815-12-10 00:00:00'"), user=account.pk)


@attempts.refused(Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_of_the_far_future(account):
    """SQL: a record of a time after 2200"""
    run(record(datetime="'2815-12-10 00:00:00'"), user=account.pk)


@attempts.refused(sqlite=Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_at_garbage(account):
    """SQL: a record whose time is no time"""
    run(record(datetime="'2026-soon'"), user=account.pk)


@attempts.refused(sqlite=Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_of_no_day(account):
    """SQL: a record of 30 February"""
    run(record(datetime="'2026-02-30 00:00:00'"), user=account.pk)


@attempts.refused(sqlite=Rule.RECORDED_TIMES_ARE_SANE)
def insert_of_a_record_at_a_number(account):
    """SQL: a record whose time is a number"""
    run(record(datetime="1790000000"), user=account.pk)


@attempts.refused(sqlite=Rule.RECORDED_VALUES_ARE_TEXT)
def insert_of_a_record_of_bytes(account):
    """SQL: a record whose description is not text"""
    run(record(description="x'ff'"), user=account.pk)


@attempts.refused(sqlite=Rule.RECORDED_SEQUENCE_IS_A_NUMBER)
def insert_of_a_record_of_half_a_sequence(account):
    """SQL: a record whose sequence is no whole number, in place of one that follows"""
    from audit import triggers

    with triggers.lifted("default"):  # which would ask for the state first
        run(record(sequence="2.5"), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def bulk_create_of_a_record(account):
    """`bulk_create` of a plain manager, of a record that does not follow"""
    forged = newest(account)
    forged.pk, forged.sequence = None, 7
    UserStateAudit._base_manager.bulk_create([forged])


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def loaddata_of_a_record(account):
    """`loaddata` of a record that does not follow"""
    forged = newest(account)
    forged.pk, forged.sequence = forged.pk + 1000, 7
    load([forged])


@attempts.refused(postgresql=Rule.RECORD_FOLLOWS_FROM_THE_STATE)
def copy_of_a_record(account):
    """SQL: `COPY … FROM STDIN` of a record that does not follow"""
    columns = [column.attname for column in UserStateAudit._meta.concrete_fields[1:]]
    forged = newest(account)
    forged.sequence = 7
    copying = f"COPY user_audit_userstateaudit ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copying) as copy:
        copy.write_row([json.dumps(forged.details) if name == "details" else getattr(forged, name) for name in columns])


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_record_without_its_change(account):
    """SQL: a valid next record without the change of the state, refused at `COMMIT`"""
    run(record(), user=account.pk)


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_record_without_its_change_in_a_transaction(account):
    """The same in `transaction.atomic()`, whose `COMMIT` raises our error"""
    with transaction.atomic():
        run(record(), user=account.pk)


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_record_without_its_change_as_a_replica(account):
    """The same under `session_replication_role = replica`"""
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        run(record(), user=account.pk)


@attempts.refused(postgresql=Rule.RECORD_COMES_WITH_ITS_CHANGE, commits=True)
def insert_of_a_record_without_its_change_by_a_foreign_shell(account):
    """The same in psql"""
    elsewhere(record(), user=account.pk)


@attempts.refused(Rule.RECORD_FOLLOWS_FROM_THE_STATE, commits=True)
def insert_of_a_record_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): a record that does not follow"""
    elsewhere(record(sequence=5), user=account.pk)
