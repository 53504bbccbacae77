"""The record of a life against a model in plain Python: births, transitions, deaths and erasures in whatever order."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from audit.exceptions import NobodyOfThatName
from audit.integrity.erasure import erase
from audit.maintenance import declared
from audit.models import UserStateAudit
from users.exceptions import TransitionRefused
from users.models import UserFSM

ALLOWED = {
    ("invited", "activate"): "active",
    ("active", "lock"): "locked",
    ("locked", "unlock"): "active",
    ("invited", "deactivate"): "deactivated",
    ("active", "deactivate"): "deactivated",
    ("locked", "deactivate"): "deactivated",
    ("deactivated", "reactivate"): "active",
}
KEYS = {"ada": 1_000_001, "bob": 1_000_002}

people = st.sampled_from(sorted(KEYS))
several = st.sets(people, min_size=1)
transitions = st.sampled_from(sorted({transition for _, transition in ALLOWED}))
kept = st.sampled_from([True, True, False])


class Entry(NamedTuple):
    transition: str
    start: str
    end: str
    username: str
    """Empty after an erasure."""


class Lives(RuleBasedStateMachine):
    """
    The model is `story`: the records that must exist under each key, whoever has the key.

    `users` and `rows` are the names whose user, and whose state row, exist.
    """

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.story: dict[str, list[Entry]] = {name: [] for name in KEYS}
        self.users: set[str] = set()
        self.rows: set[str] = set()

    def teardown(self) -> None:
        try:
            call_command("audit_verify", stdout=StringIO())  # raises CommandError when it finds something
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def state(self, name: str) -> str:
        return self.story[name][-1].end if name in self.rows else ""

    def tell(self, name: str, transition: str, end: str) -> None:
        self.story[name].append(Entry(transition, self.state(name), end, name))
        (self.rows.add if end else self.rows.discard)(name)

    def find(self, name: str) -> User:
        return User.objects.get(pk=KEYS[name])

    @contextmanager
    def rolled_back_unless(self, kept: bool) -> Iterator[None]:
        before = {name: list(told) for name, told in self.story.items()}, set(self.users), set(self.rows)
        with transaction.atomic():
            yield
            transaction.set_rollback(not kept)
        if not kept:
            self.story, self.users, self.rows = before

    @rule(name=people, kept=kept)
    def create_a_user(self, name: str, *, kept: bool) -> None:
        if name in self.users:
            return
        with self.rolled_back_unless(kept):
            User.objects.create_user(name, pk=KEYS[name])
            self.users.add(name)
            self.tell(name, "create", "invited")

    @rule(names=several, is_active=st.booleans(), kept=kept)
    def create_users_in_bulk_and_find_them(self, names: set[str], *, is_active: bool, kept: bool) -> None:
        made = sorted(names - self.users)
        with self.rolled_back_unless(kept):
            User.objects.bulk_create([User(pk=KEYS[name], username=name, is_active=False) for name in made])
            User.objects.filter(pk__in=[KEYS[name] for name in made]).update(is_active=is_active)
            for name in made:
                self.users.add(name)
                self.tell(name, "create", "active" if is_active else "deactivated")
                assert self.find(name).fsm.current_state == self.state(name)

    @rule(name=people, kept=kept)
    def lose_a_row_and_find_it_again(self, name: str, *, kept: bool) -> None:
        if name not in self.rows:
            return
        with self.rolled_back_unless(kept):
            with declared("a table restored without this row"):
                UserFSM._base_manager.filter(user_id=KEYS[name])._raw_delete("default")
            assert self.find(name).fsm.current_state == self.state(name)

    @rule(name=people, transition=transitions, kept=kept)
    def make_a_transition(self, name: str, transition: str, *, kept: bool) -> None:
        if name not in self.rows:
            return
        end = ALLOWED.get((self.state(name), transition))
        with self.rolled_back_unless(kept):
            if end is None:
                with pytest.raises(TransitionRefused):
                    getattr(self.find(name).fsm, transition)()
            else:
                getattr(self.find(name).fsm, transition)()
                self.tell(name, transition, end)

    @rule(name=people, kept=kept)
    def delete_a_user(self, name: str, *, kept: bool) -> None:
        if name not in self.users:
            return
        with self.rolled_back_unless(kept):
            self.find(name).delete()
            self.die({name})

    @rule(names=several, kept=kept)
    def delete_users_of_a_queryset(self, names: set[str], *, kept: bool) -> None:
        with self.rolled_back_unless(kept):
            User.objects.filter(username__in=names).delete()
            self.die(names)

    def die(self, names: set[str]) -> None:
        for name in names & self.rows:
            self.tell(name, "delete", "")
        self.users -= names

    @rule(names=several, kept=kept)
    def delete_the_state_alone_and_begin_anew(self, names: set[str], *, kept: bool) -> None:
        with self.rolled_back_unless(kept):
            UserFSM.objects.filter(user__username__in=names).delete()
            for name in sorted(names & self.rows):
                was_active = self.state(name) == "active"
                self.tell(name, "delete", "")
                self.tell(name, "create", "active" if was_active else "deactivated")
                assert self.find(name).fsm.current_state == self.state(name)

    @rule(name=people, kept=kept)
    def erase_a_name(self, name: str, *, kept: bool) -> None:
        with self.rolled_back_unless(kept):
            named = [entry for entry in self.story[name] if entry.username]
            if not named and name not in self.users:
                with pytest.raises(NobodyOfThatName):
                    erase(name, "asked for it", using="default")
                return
            assert erase(name, "asked for it", using="default").records == len(named)
            self.story[name] = [entry._replace(username="") for entry in self.story[name]]

    @invariant()
    def the_record_tells_the_models_story(self) -> None:
        for name, key in KEYS.items():
            records = UserStateAudit.objects.filter(user_id=key).order_by("pk")
            told = list(records.values_list("sequence", "transition", "start_state", "end_state", "username"))
            assert told == [(sequence, *entry) for sequence, entry in enumerate(self.story[name])]

    @invariant()
    def the_states_are_those_of_the_last_records(self) -> None:
        states = dict(UserFSM.objects.values_list("user__username", "current_state"))
        assert states == {name: self.state(name) for name in self.rows}
        active = dict(User.objects.values_list("username", "is_active"))
        assert active == {name: self.state(name) == "active" for name in self.users}


@pytest.mark.django_db
def test_the_record_of_a_life_is_what_the_model_says_and_verifies():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
