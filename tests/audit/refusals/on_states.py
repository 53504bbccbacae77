"""Attempts at a state that no record speaks of."""

from django.contrib.auth.models import User
from django.db import connection, models

from audit.rules import Rule
from tests.audit.refusals.attempts import Attempts, as_stranger, elsewhere, load, record, run, state
from users.exceptions import ProtectedColumn
from users.models import UserFSM
from users.states import State

attempts = Attempts()


@attempts.refused(ProtectedColumn)
def queryset_update_of_a_state(account):
    """`UserFSM.objects.update(current_state=…)`"""
    UserFSM.objects.filter(user=account).update(current_state=State.LOCKED)


@attempts.refused(ProtectedColumn)
def bulk_update_of_a_state(account):
    """`UserFSM.objects.bulk_update(…)`"""
    UserFSM.objects.bulk_update([UserFSM(pk=account.fsm.pk, current_state=State.LOCKED)], ["current_state"])


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def queryset_update_by_a_plain_manager(account):
    """`QuerySet.update` of a plain manager"""
    UserFSM._base_manager.filter(user=account).update(current_state=State.LOCKED)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def bulk_update_by_a_plain_manager(account):
    """`bulk_update` of a plain manager"""
    account.fsm.__dict__["current_state"] = State.LOCKED
    UserFSM._base_manager.bulk_update([account.fsm], ["current_state"])


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def save_of_the_base_class(account):
    """`Model.save`, bypassing that of `UserFSM`"""
    account.fsm.__dict__["current_state"] = State.LOCKED
    models.Model.save(account.fsm)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def loaddata_over_a_state(account):
    """`loaddata` of an existing state row with another state"""
    account.fsm.__dict__["current_state"] = State.LOCKED
    load([account.fsm])


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_of_a_state(account):
    """SQL: `UPDATE … SET current_state`"""
    run("UPDATE user_lifecycle_userfsm SET current_state = 'locked' WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_of_the_version_alone(account):
    """SQL: `UPDATE … SET version`, forwards"""
    run("UPDATE user_lifecycle_userfsm SET version = version + 1 WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_back_to_a_version_that_was(account):
    """SQL: an earlier state and version that have a record"""
    run(
        "UPDATE user_lifecycle_userfsm SET version = 2, current_state = 'locked' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_with_an_old_record_that_fits(account):
    """SQL: the next version, with only an old record of these states"""
    run(
        "UPDATE user_lifecycle_userfsm SET version = version + 1, current_state = 'locked' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_with_a_record_of_another_change(account):
    """SQL: a record of one change, followed by another change"""
    run(record(), user=account.pk)
    run(
        "UPDATE user_lifecycle_userfsm SET version = version + 1, current_state = 'deactivated', "
        "changed_at = '2026-01-01' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_with_a_record_of_another_user(account):
    """SQL: the next version, with only a record of another user"""
    run(
        "UPDATE user_lifecycle_userfsm SET version = 1, current_state = 'active' WHERE user_id <> %(user)s",
        user=account.pk,
    )


@attempts.refused(postgresql=Rule.STATE_CHANGES_WITH_ITS_RECORD)
def sql_update_with_a_record_in_a_temporary_table(account):
    """SQL: a temporary table with the name of the records' table and a matching record"""
    run("CREATE TEMPORARY TABLE user_audit_userstateaudit (LIKE public.user_audit_userstateaudit) ON COMMIT DROP")
    run(record(id=1), user=account.pk)
    sql_update_with_an_old_record_that_fits(account)


@attempts.refused(Rule.STATE_KEEPS_ITS_USER)
def sql_update_of_the_user(account):
    """SQL: `UPDATE … SET user_id`"""
    run(
        "UPDATE user_lifecycle_userfsm SET user_id = %(to)s WHERE user_id = %(user)s", user=account.pk, to=newcomer().pk
    )


@attempts.refused(Rule.STATE_KEEPS_ITS_USER)
def sql_update_of_the_key(account):
    """SQL: `UPDATE … SET id`"""
    run("UPDATE user_lifecycle_userfsm SET id = id + 1000 WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(sqlite=Rule.STATE_KEEPS_ITS_USER)
def sql_update_of_the_rowid(account):
    """SQL: `UPDATE … SET rowid`, which is the key"""
    run("UPDATE user_lifecycle_userfsm SET rowid = rowid + 1000 WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(sqlite=Rule.STATE_KEEPS_ITS_USER)
def update_or_replace_of_a_state(account):
    """SQL: `UPDATE OR REPLACE`, over the row of another user"""
    run("UPDATE OR REPLACE user_lifecycle_userfsm SET user_id = %(user)s WHERE user_id <> %(user)s", user=account.pk)


@attempts.refused(sqlite=Rule.STATE_CHANGES_WITH_ITS_RECORD)
def update_or_ignore_of_a_state(account):
    """SQL: `UPDATE OR IGNORE`"""
    run(
        "UPDATE OR IGNORE user_lifecycle_userfsm SET current_state = 'locked' WHERE user_id = %(user)s", user=account.pk
    )


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def upsert_of_a_state(account):
    """SQL: `INSERT … ON CONFLICT DO UPDATE`"""
    run(state() + " ON CONFLICT (user_id) DO UPDATE SET current_state = 'locked'", user=account.pk)


@attempts.refused(postgresql=Rule.STATE_CHANGES_WITH_ITS_RECORD)
def merge_into_states(account):
    """SQL: `MERGE … WHEN MATCHED THEN UPDATE`"""
    run("""
        MERGE INTO user_lifecycle_userfsm s USING auth_user u ON u.id = s.user_id AND s.version = 3
        WHEN MATCHED THEN UPDATE SET current_state = 'locked'
    """)


@attempts.refused(postgresql=Rule.STATE_CHANGES_WITH_ITS_RECORD)
def update_of_a_state_within_a_query(account):
    """SQL: an `UPDATE` in a `WITH`"""
    run(
        "WITH u AS (UPDATE user_lifecycle_userfsm SET current_state = 'locked' WHERE user_id = %(user)s RETURNING 1) "
        "TABLE u",
        user=account.pk,
    )


@attempts.refused(postgresql=Rule.STATE_CHANGES_WITH_ITS_RECORD)
def update_of_a_state_as_a_replica(account):
    """SQL: `session_replication_role = replica`, which disables ordinary triggers"""
    run("SET LOCAL session_replication_role = replica")
    sql_update_of_a_state(account)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD, commits=True)
def update_of_a_state_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): `UPDATE`"""
    elsewhere("UPDATE user_lifecycle_userfsm SET current_state = 'locked' WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(sqlite=Rule.STATE_CHANGES_WITH_ITS_RECORD, commits=True)
def update_of_a_state_with_a_temporary_table_by_a_foreign_shell(account):
    """A foreign shell: a temporary table with the name of the records' table and a matching record, then `UPDATE`"""
    elsewhere(
        "CREATE TEMPORARY TABLE user_audit_userstateaudit AS SELECT * FROM main.user_audit_userstateaudit; "
        "UPDATE user_audit_userstateaudit SET sequence = 4, start_state = 'active', end_state = 'locked' "
        "WHERE user_id = %(user)s AND sequence = 3; "
        "UPDATE user_lifecycle_userfsm SET current_state = 'locked', version = 4 WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(postgresql=Rule.STATE_CHANGES_WITH_ITS_RECORD, commits=True)
def update_of_a_state_in_maintenance_by_a_stranger(account):
    """A role that does not own the tables: `SET audit.maintenance`, then `UPDATE`"""
    as_stranger(
        "SET audit.maintenance = 'x'; UPDATE user_lifecycle_userfsm SET current_state = 'locked' WHERE version = 3"
    )


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def delete_and_insert_of_a_state_anew(account):
    """SQL: `DELETE` and `INSERT`, as if the account were new"""
    replace(account, current_state="'invited'", version=0)


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def delete_and_insert_of_another_state(account):
    """SQL: `DELETE` and `INSERT`, same version, another state"""
    replace(account, current_state="'locked'", version=3)


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def delete_and_insert_of_an_earlier_state(account):
    """SQL: `DELETE` and `INSERT` as of an earlier record"""
    replace(account, current_state="'locked'", version=2)


@attempts.refused(sqlite=Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def insert_or_replace_of_a_state(account):
    """SQL: `INSERT OR REPLACE`"""
    run(state("INSERT OR REPLACE", current_state="'locked'", version=3), user=account.pk)


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def insert_of_a_state_that_no_record_leads_to(account):
    """SQL: `INSERT` with a version, for a user without records"""
    run(state(current_state="'active'", version=1), user=newcomer().pk)


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def bulk_create_of_a_state(account):
    """`bulk_create` in place of a row that was deleted"""
    account.fsm.delete()
    UserFSM.objects.bulk_create([UserFSM(user=account, current_state=State.ACTIVE, version=3)])


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def loaddata_in_place_of_a_state(account):
    """`loaddata` in place of a row that was deleted"""
    bury(account)
    account.fsm.__dict__["current_state"] = State.LOCKED
    load([account.fsm])


@attempts.refused(postgresql=Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def copy_of_a_state(account):
    """SQL: `COPY … FROM STDIN` in place of a row that was deleted"""
    columns = [column.attname for column in UserFSM._meta.concrete_fields[1:]]
    forged = UserFSM(user=account, current_state=State.LOCKED, version=3)
    with connection.cursor() as cursor:
        bury(account)
        sql = f"COPY user_lifecycle_userfsm ({', '.join(columns)}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(sql) as copy:
            copy.write_row([getattr(forged, column) for column in columns])


@attempts.refused(Rule.STATE_IS_KNOWN)
def insert_of_an_unknown_state(account):
    """SQL: an unknown state"""
    run(state(current_state="'archived'"), user=newcomer().pk)


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def delete_and_create_of_a_state(account):
    """`filter(…).delete()` and `create(current_state="active")`"""
    UserFSM.objects.filter(user=account).delete()
    UserFSM.objects.create(user=account, current_state="active")


@attempts.refused(Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS)
def insert_of_a_state_without_its_birth(account):
    """SQL: `INSERT` of an active account without a record"""
    run(state(current_state="'active'"), user=newcomer().pk)


@attempts.refused(Rule.STATE_ENDS_WITH_ITS_DEATH)
def delete_of_a_state(account):
    """SQL: `DELETE`, without a record of the death"""
    run("DELETE FROM user_lifecycle_userfsm WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_ENDS_WITH_ITS_DEATH)
def raw_delete_of_a_state(account):
    """A queryset's `_raw_delete`, which sends no signal"""
    accounts = UserFSM.objects.filter(user=account)
    accounts._raw_delete(accounts.db)


@attempts.refused(Rule.STATE_ENDS_WITH_ITS_DEATH)
def delete_of_a_state_behind_a_record(account):
    """SQL: a record, and `DELETE` of the state instead of the change"""
    run(record(), user=account.pk)
    run("DELETE FROM user_lifecycle_userfsm WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def transition_with_another_end_of_the_lock(account):
    """SQL: a lock with another end than in its record"""
    run(record(), user=account.pk)
    run(
        "UPDATE user_lifecycle_userfsm SET version = version + 1, current_state = 'locked', "
        "locked_until = '2026-01-01', changed_at = '2026-01-01' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(Rule.LOCK_ENDS_AS_RECORDED)
def sql_update_of_the_end_of_a_lock(account):
    """SQL: `UPDATE … SET locked_until` of an administrator's lock"""
    account.fsm.lock(by="system")
    run("UPDATE user_lifecycle_userfsm SET locked_until = '2026-01-01' WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_CHANGES_WITH_ITS_RECORD)
def transition_of_another_time(account):
    """SQL: a change with another time than in its record"""
    run(record(), user=account.pk)
    run(
        "UPDATE user_lifecycle_userfsm SET version = version + 1, current_state = 'locked', "
        "changed_at = '2025-12-31' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(Rule.CHANGED_AT_AS_RECORDED)
def sql_update_of_the_time_of_the_last_change(account):
    """SQL: `UPDATE … SET changed_at`"""
    run("UPDATE user_lifecycle_userfsm SET changed_at = '2026-01-01' WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.CHANGED_AT_AS_RECORDED)
def sql_update_that_forgets_the_time_of_the_last_change(account):
    """SQL: `UPDATE … SET changed_at = NULL`"""
    run("UPDATE user_lifecycle_userfsm SET changed_at = NULL WHERE user_id = %(user)s", user=account.pk)


@attempts.refused(Rule.STATE_TIMES_ARE_SANE)
def sql_update_of_a_time_to_one_that_cannot_be_read(account):
    """SQL: a time of an account that Python cannot read"""
    run(
        "UPDATE user_lifecycle_userfsm SET last_login_at = '4026-01-01 00:00:00' WHERE user_id = %(user)s",
        user=account.pk,
    )


@attempts.refused(postgresql=Rule.STATES_ARE_KEPT)
def truncate_of_states(account):
    """SQL: `TRUNCATE` of the states"""
    run("TRUNCATE user_lifecycle_userfsm")


@attempts.refused(postgresql=Rule.STATES_ARE_KEPT)
def truncate_of_users(account):
    """SQL: `TRUNCATE … CASCADE` of the users"""
    run("TRUNCATE auth_user CASCADE")


def replace(account, **values):
    bury(account)
    run(state(**values), user=account.pk)


def bury(account):
    """Delete the state with a record of the death, as SQL can."""
    run(record(end_state="''", transition="'delete'"), user=account.pk)
    run("DELETE FROM user_lifecycle_userfsm WHERE user_id = %(user)s", user=account.pk)


def newcomer():
    """A user who has no state yet."""
    (user,) = User.objects.bulk_create([User(username="newcomer", is_active=False)])
    return user
