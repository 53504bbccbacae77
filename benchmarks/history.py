"""A year of history: a hundred thousand accounts with ten changes each, and the same for django-auditlog."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection

from audit import triggers
from users.models import UserFSM
from users.states import State

PEOPLE, CHANGES = 100_000, 10
RECORDS = PEOPLE * CHANGES
ADMINISTRATORS = 50

# Every account is activated, then locked and unlocked in turns; each tenth is deactivated in the end.
CHANGE = f"""
    SELECT s.n AS sequence, u.n AS user_id, 'person-' || u.n AS username,
        CASE WHEN s.n = 1 THEN 'activate' WHEN s.n = {CHANGES} AND u.n % 10 = 0 THEN 'deactivate'
             WHEN s.n % 2 = 0 THEN 'lock' ELSE 'unlock' END AS transition,
        CASE WHEN s.n = 1 THEN 'invited' WHEN s.n % 2 = 0 THEN 'active' ELSE 'locked' END AS start_state,
        CASE WHEN s.n = {CHANGES} AND u.n % 10 = 0 THEN 'deactivated' WHEN s.n % 2 = 0 THEN 'locked' ELSE 'active' END
            AS end_state,
        now() - ({RECORDS} - ((s.n - 1) * {PEOPLE} + u.n)) * interval '31.5 seconds' AS moment,
        CASE WHEN u.n % 3 = 0 THEN {PEOPLE} + u.n % {ADMINISTRATORS} + 1 END AS actor_id,
        '10.' || u.n % 7 || '.' || u.n % 250 || '.' || u.n % 199 AS ip_address
    FROM generate_series(1, {CHANGES}) AS s(n), generate_series(1, {PEOPLE}) AS u(n)
"""

OURS = f"""
    INSERT INTO audit_userstateaudit (user_id, username, sequence, transition, start_state, end_state, datetime,
        actor_id, initiated_by, description, ip_address, user_agent, request_id, signature)
    SELECT user_id, username, sequence, transition, start_state, end_state, moment, actor_id,
        CASE WHEN actor_id IS NULL THEN 'anonymous' ELSE 'admin-' || actor_id - {PEOPLE} END,
        CASE WHEN transition = 'lock' AND actor_id IS NULL THEN '5 failed logins from ' || ip_address
             ELSE 'asked by the person' END,
        ip_address, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        md5(user_id || '.' || sequence), '1.' || left(md5('key'), 8) || '.' || repeat(md5(username), 2)
    FROM ({CHANGE}) AS change ORDER BY moment
"""

AUDITLOG = f"""
    INSERT INTO auditlog_logentry (content_type_id, object_pk, object_id, object_repr, action, changes_text, changes,
        actor_id, remote_addr, timestamp)
    SELECT (SELECT id FROM django_content_type WHERE app_label = 'users' AND model = 'userfsm'),
        user_id, user_id, username, CASE WHEN sequence = 1 THEN 0 ELSE 1 END, '',
        jsonb_build_object('current_state', jsonb_build_array(start_state, end_state)), actor_id,
        ip_address::inet, moment
    FROM ({CHANGE}) AS change ORDER BY moment
"""


def write(*, auditlog: bool = False) -> None:
    """Put it all in, past the triggers, and gather the planner's statistics, as autovacuum would."""
    with triggers.lifted("default"):
        people = (User(pk=number, username=f"person-{number}", is_active=False) for number in range(1, PEOPLE + 1))
        User.objects.bulk_create(people, batch_size=5000)
        UserFSM._base_manager.bulk_create(map(account, range(1, PEOPLE + 1)), batch_size=5000)
        administrators = range(1, ADMINISTRATORS + 1)
        User.objects.bulk_create(User(pk=PEOPLE + each, username=f"admin-{each}") for each in administrators)
        with connection.cursor() as cursor:
            cursor.execute(OURS)
            if auditlog:
                cursor.execute(AUDITLOG)
            cursor.execute("SELECT setval(pg_get_serial_sequence('auth_user', 'id'), max(id)) FROM auth_user")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def account(user_id: int) -> UserFSM:
    """The state with which this account's changes end."""
    state = State.LOCKED if user_id % 10 else State.DEACTIVATED
    return UserFSM(user_id=user_id, current_state=state, version=CHANGES)
