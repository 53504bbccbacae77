"""Attempts at a user whose `is_active` or key is not what the state says."""

from django.contrib.auth.models import User

from audit.rules import Rule
from tests.audit.refusals.attempts import Attempts, as_stranger, elsewhere, run

attempts = Attempts()


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def queryset_update_of_is_active(account):
    """`User.objects.update(is_active=False)`"""
    User.objects.filter(pk=account.pk).update(is_active=False)


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def queryset_update_that_opens(account):
    """`User.objects.update(is_active=True)`, of an account that is locked"""
    account.fsm.lock()
    User.objects.filter(pk=account.pk).update(is_active=True)


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def bulk_update_of_is_active(account):
    """`User.objects.bulk_update(…, ["is_active"])`"""
    account.is_active = False
    User.objects.bulk_update([account], ["is_active"])


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def upsert_of_is_active_in_bulk(account):
    """`User.objects.bulk_create(…, update_conflicts=True)`"""
    account.is_active = False
    User.objects.bulk_create([account], update_conflicts=True, unique_fields=["id"], update_fields=["is_active"])


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def sql_update_of_is_active(account):
    """SQL: `UPDATE … SET is_active`"""
    run("UPDATE auth_user SET is_active = NOT is_active WHERE id = %(user)s", user=account.pk)


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def sql_update_of_everybodys_is_active(account):
    """SQL: `UPDATE … SET is_active` for all users"""
    run("UPDATE auth_user SET is_active = true")


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE)
def delete_and_insert_of_a_user(account):
    """SQL: `DELETE` and `INSERT` of a user in one transaction, which no foreign key notices"""
    account.is_active = False
    run("DELETE FROM auth_user WHERE id = %(user)s", user=account.pk)
    User.objects.bulk_create([account])


@attempts.refused(sqlite=Rule.IS_ACTIVE_SAYS_THE_STATE)
def insert_or_replace_of_a_user(account):
    """SQL: `INSERT OR REPLACE` of a user"""
    columns = [str(field.column) for field in User._meta.concrete_fields]
    values = ", ".join("false" if column == "is_active" else column for column in columns)
    run(
        f"INSERT OR REPLACE INTO auth_user ({', '.join(columns)}) SELECT {values} FROM auth_user WHERE id = %(user)s",
        user=account.pk,
    )


@attempts.refused(postgresql=Rule.IS_ACTIVE_SAYS_THE_STATE)
def merge_into_users(account):
    """SQL: `MERGE … WHEN MATCHED THEN UPDATE`"""
    run("""
        MERGE INTO auth_user u USING user_lifecycle_userfsm s ON u.id = s.user_id AND s.version = 3
        WHEN MATCHED THEN UPDATE SET is_active = false
    """)


@attempts.refused(postgresql=Rule.IS_ACTIVE_SAYS_THE_STATE)
def update_of_is_active_as_a_replica(account):
    """SQL: `session_replication_role = replica`, which disables ordinary triggers"""
    run("SET LOCAL session_replication_role = replica")
    sql_update_of_is_active(account)


@attempts.refused(Rule.IS_ACTIVE_SAYS_THE_STATE, commits=True)
def update_of_is_active_by_a_foreign_shell(account):
    """A foreign shell (psql or sqlite3): `UPDATE`"""
    elsewhere("UPDATE auth_user SET is_active = false WHERE id = %(user)s", user=account.pk)


@attempts.refused(postgresql=Rule.IS_ACTIVE_SAYS_THE_STATE, commits=True)
def update_of_is_active_by_a_stranger(account):
    """A role that does not own the tables, and may not read the states: `UPDATE`"""
    as_stranger("UPDATE auth_user SET is_active = false", hidden="user_lifecycle_userfsm")


@attempts.refused(Rule.USER_KEEPS_THE_KEY)
def sql_swap_of_two_keys(account):
    """SQL: swapping the keys of two users"""
    other = "(SELECT max(id) FROM auth_user)"
    run(f"UPDATE auth_user SET id = -id WHERE id IN (%(user)s, {other})", user=account.pk)


@attempts.refused(Rule.USER_KEEPS_THE_KEY)
def queryset_update_of_a_key(account):
    """`User.objects.update(id=…)`"""
    User.objects.filter(pk=account.pk).update(id=account.pk + 1000)


@attempts.refused(sqlite=Rule.USER_KEEPS_THE_KEY)
def sql_update_of_a_users_rowid(account):
    """SQL: `UPDATE … SET rowid`, which is the key"""
    run("UPDATE auth_user SET rowid = rowid + 1000 WHERE id = %(user)s", user=account.pk)
