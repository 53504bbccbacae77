"""
What transitions cost where only the database works: one statement on the project's own tables, with its triggers.

It sends no signals, knows no actor and signs nothing: salts and signature are of the right length, and always the same.
Nobody can be faster and write as much.
"""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType

from audit.integrity.signed.facts import new_salt
from audit.integrity.signed.signing import signature
from benchmarks.accounts.people import next_step
from users.models import UserFSM
from users.states import State

NAME = "one statement in SQL, without signals or signatures"

_SQL = """
WITH account AS (
    SELECT fsm.id, fsm.user_id, person.username, fsm.version + 1 AS version
    FROM user_lifecycle_userfsm fsm JOIN auth_user person ON person.id = fsm.user_id
    WHERE fsm.current_state = %(source)s AND {chosen} ORDER BY fsm.id FOR UPDATE OF fsm
), record AS (
    INSERT INTO user_audit_userstateaudit (user_id, username, sequence, transition, cause, start_state, end_state,
        datetime, actor_kind, initiated_by, impersonator_name, description, details, ip_address, user_agent, request_id,
        person_salt, actor_salt, signature)
    SELECT user_id, username, version, %(name)s, 'request', %(source)s, %(target)s, now(), 'cli', 'CLI', '', %(why)s,
        '{{}}', 'CLI', '', '', %(salt)s, %(salt)s, %(signature)s
    FROM account RETURNING 1
), log AS (
    INSERT INTO django_fsm_log_statelog (timestamp, source_state, state, transition, content_type_id, object_id,
        description)
    SELECT now(), %(source)s, %(target)s, %(name)s, %(content_type)s, id, %(why)s FROM account RETURNING 1
), written AS (
    UPDATE user_lifecycle_userfsm fsm
    SET current_state = %(target)s, version = account.version, changed_at = now() FROM account
    WHERE fsm.id = account.id AND (SELECT count(*) FROM record) = (SELECT count(*) FROM log) RETURNING fsm.user_id
)
UPDATE auth_user SET is_active = %(active)s FROM written WHERE auth_user.id = written.user_id
"""

OF_ALL = _SQL.format(chosen="true")
OF_ONE = _SQL.format(chosen="fsm.id = %(id)s")
"""For `UserFSM` in one state; for the one with this `id`."""


def params(state: str, why: str) -> dict[str, object]:
    """The parameters that move accounts in this state one state on."""
    source, target, name = next_step(state)
    return {
        "source": source,
        "target": target,
        "name": name,
        "why": why,
        "content_type": ContentType.objects.get_for_model(UserFSM).pk,
        "active": target == State.ACTIVE,
        "salt": "-" * len(new_salt()),
        "signature": "-" * len(signature(b"")),
    }
