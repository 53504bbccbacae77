"""
A database with a thousand, a hundred thousand or ten million records, made inside PostgreSQL in minutes.

Twenty records an account, spread over a year in order of time, so that the records of one account lie far apart. The
rows are as wide as real ones, and each has its row of django-fsm-log. Signatures and salts are made up: nothing here
verifies them. Indexes and unique constraints come off before and on afterwards, as a restore does it, which checks all
rows; the other constraints are checked as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connections, models
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django_fsm_log.models import StateLog

from audit import triggers
from audit.models import UserStateAudit
from users.models import UserFSM

CHANGES = 20
"""The records of each account: birth, activation, then lock and unlock in turns; each tenth ends deactivated."""

ADMINISTRATORS = 50
"""The first accounts act on the others; each third of those acts was an administrator's."""

YEAR = timedelta(days=365)
MODELS: tuple[type[models.Model], ...] = (User, UserFSM, UserStateAudit, StateLog)

PEOPLE = """
    INSERT INTO auth_user (id, username, first_name, last_name, email, password, is_active, is_staff, is_superuser,
        date_joined)
    SELECT n, 'person-' || n, 'First-' || mod(n, 5000), 'Last-' || mod(n, 20000), 'person-' || n || '@example.org', '!',
        mod(n, 10) <> 0, false, false, %(start)s + n * %(pause)s
    FROM generate_series(1, %(people)s) n ORDER BY n
"""

STEP = """
    SELECT n, %(sequence)s AS sequence, %(start)s + (%(sequence)s::bigint * %(people)s + n) * %(pause)s AS moment,
        CASE WHEN %(sequence)s = 0 THEN 'create' WHEN %(sequence)s = 1 THEN 'activate'
            WHEN %(sequence)s = %(last)s AND mod(n, 10) = 0 THEN 'deactivate'
            WHEN mod(%(sequence)s, 2) = 0 THEN 'lock' ELSE 'unlock' END AS transition,
        CASE WHEN %(sequence)s = 0 THEN '' WHEN %(sequence)s = 1 THEN 'invited'
            WHEN mod(%(sequence)s, 2) = 0 THEN 'active' ELSE 'locked' END AS source,
        CASE WHEN %(sequence)s = 0 THEN 'invited'
            WHEN %(sequence)s = %(last)s AND mod(n, 10) = 0 THEN 'deactivated'
            WHEN mod(%(sequence)s, 2) = 0 AND %(sequence)s > 0 THEN 'locked' ELSE 'active' END AS target,
        CASE WHEN mod(n, 3) = 0 THEN 1 + mod(n, %(administrators)s) END AS actor,
        '10.' || mod(n, 7) || '.' || mod(n, 250) || '.' || mod(n, 199) AS address
    FROM generate_series(1, %(people)s) n
"""

RECORDS = f"""
    INSERT INTO user_audit_userstateaudit (user_id, username, sequence, transition, cause, start_state, end_state,
        datetime, actor_id, actor_kind, initiated_by, impersonator_name, description, details, ip_address, user_agent,
        request_id, person_salt, actor_salt, signature)
    SELECT n, 'person-' || n, sequence, transition,
        CASE WHEN sequence = 0 THEN 'created' WHEN transition = 'lock' AND actor IS NULL THEN 'failed_logins'
            WHEN transition = 'unlock' AND actor IS NULL THEN 'lock_expired' ELSE 'request' END,
        source, target, date_trunc('milliseconds', moment), actor,
        CASE WHEN actor IS NULL THEN 'anonymous' ELSE 'user' END, coalesce('person-' || actor, 'anonymous'), '',
        CASE WHEN transition = 'lock' AND actor IS NULL THEN '' ELSE 'asked by the person' END,
        CASE WHEN transition = 'lock' AND actor IS NULL
            THEN jsonb_build_object('count', 5, 'addresses', jsonb_build_array(address)) ELSE '{{}}' END,
        address, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        md5(n || '.' || sequence), left(md5(sequence || '.' || n), 22), left(md5(sequence || '-' || n), 22),
        '2.0123abcd.' || md5(n || '-' || sequence) || md5(n || '+' || sequence)
    FROM ({STEP}) step ORDER BY n
"""

LOG = f"""
    INSERT INTO django_fsm_log_statelog (timestamp, by_id, source_state, state, transition, content_type_id, object_id,
        description)
    SELECT date_trunc('milliseconds', moment), actor, source, target, transition, %(content_type)s, n,
        'asked by the person'
    FROM ({STEP}) step WHERE sequence > 0 ORDER BY n
"""

STATES = f"""
    INSERT INTO user_lifecycle_userfsm (user_id, current_state, version, changed_at, failed_logins,
        failed_login_addresses, failed_logins_untold, automatic_locks, last_login_from, language)
    SELECT n, target, sequence, date_trunc('milliseconds', moment), 0, '', 0, 0, '', ''
    FROM ({STEP}) step ORDER BY n
"""

TAKEN_OFF = """
    SELECT 'DROP INDEX ' || quote_ident(relname), pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = ANY(%(tables)s::regclass[]) AND NOT indisunique
    UNION ALL
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype = 'u'
"""


def fill(records: int, *, using: str = "default") -> None:
    """Fill an empty database with so many records, of `records / CHANGES` accounts."""
    people = records // CHANGES
    values: dict[str, Any] = {
        "people": people,
        "last": CHANGES - 1,
        "administrators": ADMINISTRATORS,
        "start": _an_hour_ago() - YEAR,
        "pause": YEAR / (people * CHANGES + 1),
        "content_type": ContentType.objects.db_manager(using).get_for_model(UserFSM).pk,
    }
    with triggers.lifted(using), connections[using].cursor() as cursor:
        # Without the foreign keys' own triggers, each of which would wait in memory until the end.
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'")
        with _without_indexes(cursor):
            cursor.execute(PEOPLE, values)
            for sequence in range(CHANGES):
                cursor.execute(RECORDS, values | {"sequence": sequence})
                cursor.execute(LOG, values | {"sequence": sequence})
            cursor.execute(STATES, values | {"sequence": values["last"]})
        for statement in connections[using].ops.sequence_reset_sql(no_style(), MODELS):
            cursor.execute(statement)
    with connections[using].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what autovacuum would have done by now


@contextmanager
def _without_indexes(cursor: CursorWrapper) -> Iterator[None]:
    cursor.execute(TAKEN_OFF, {"tables": [model._meta.db_table for model in MODELS]})
    taken_off = cursor.fetchall()
    for off, _ in taken_off:
        cursor.execute(off)
    yield
    for _, on in taken_off:
        cursor.execute(on)


def _an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)
