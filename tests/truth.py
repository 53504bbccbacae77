"""What the database says of an account, and whether it all says the same."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django_fsm_log.models import StateLog

from audit.models import UserStateAudit
from users.models import UserFSM
from users.states import State


@dataclass(frozen=True)
class Truth:
    """Everything that one account's transitions write."""

    state: str
    version: int
    is_active: bool
    records: tuple[tuple[int, str, str], ...]
    """Sequence, start and end of each record behind the birth, in the order of their keys."""

    state_logs: tuple[tuple[str, str], ...]
    """Source and target of each `StateLog`, in the order of their keys."""


def truth(user: User) -> Truth:
    """Read everything anew; nothing comes from an instance in memory."""
    fsm = UserFSM.objects.get(user_id=user.pk)
    records = UserStateAudit.objects.filter(user_id=user.pk).exclude(start_state="").order_by("pk")
    state_logs = StateLog.objects.filter(object_id=fsm.pk).order_by("pk")
    return Truth(
        state=fsm.current_state,
        version=fsm.version,
        is_active=User.objects.values_list("is_active", flat=True).get(pk=user.pk),
        records=tuple(records.values_list("sequence", "start_state", "end_state")),
        state_logs=tuple(state_logs.values_list("source_state", "state")),
    )


def assert_true_record(user: User, *, start: str = State.INVITED) -> Truth:
    """Assert that state, version, `is_active`, records and `StateLog` tell one story that began in `start`."""
    told = truth(user)
    assert told.is_active == (told.state == State.ACTIVE)
    assert [sequence for sequence, _, _ in told.records] == list(range(1, told.version + 1))
    assert told.state_logs == tuple((source, target) for _, source, target in told.records)
    assert [source for source, _ in told.state_logs] == [start, *(end for _, _, end in told.records)][: told.version]
    assert births(user) == [(0, start)]
    assert told.state == (told.records[-1][2] if told.records else start)
    return told


def births(user: User) -> list[tuple[int, str]]:
    """Sequence and state of each birth under the user's key."""
    records = UserStateAudit.objects.filter(user_id=user.pk, start_state="").order_by("pk")
    return list(records.values_list("sequence", "end_state"))


def in_memory(instance: Any) -> dict[str, Any]:
    """What an instance holds, to compare with what it holds later."""
    return {name: value for name, value in vars(instance).items() if name != "_state"}
