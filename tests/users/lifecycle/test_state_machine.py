"""Accounts against a model in plain Python: whatever is called in whatever order, the database tells the same story."""

from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django_fsm.signals import post_transition
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.truth import assert_true_record
from users.exceptions import NestedTransition, TransitionRefused
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
NAMES = ("ada", "bob")

people = st.sampled_from(NAMES)
transitions = st.sampled_from(sorted({transition for _, transition in ALLOWED}))


class Failed(Exception):
    pass


@contextmanager
def receiving(receiver):
    post_transition.connect(receiver, sender=UserFSM, weak=False)
    try:
        yield
    finally:
        post_transition.disconnect(receiver, sender=UserFSM)


class Accounts(RuleBasedStateMachine):
    """
    The model is `story`: of each person, the states that the account has been in.

    The instances in the bundle stay as they were when they were fetched, and act later.
    """

    instances: Bundle[UserFSM] = Bundle("instances")

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.people = {name: User.objects.create_user(name) for name in NAMES}
        self.story = {name: ["invited"] for name in NAMES}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def after(self, name: str, transition: str) -> str | None:
        """What the model says the transition leads to, None where it is refused."""
        return ALLOWED.get((self.story[name][-1], transition))

    def fetch(self, name: str) -> UserFSM:
        return UserFSM.objects.select_related("user").get(user=self.people[name])

    @initialize(target=instances, name=people)
    def know_somebody(self, name: str) -> UserFSM:
        return self.fetch(name)

    @rule(target=instances, name=people)
    def fetch_somebody(self, name: str) -> UserFSM:
        return self.fetch(name)

    @rule(fsm=instances, transition=transitions)
    def make_a_transition(self, fsm: UserFSM, transition: str) -> None:
        name = fsm.user.username
        target = self.after(name, transition)
        if target is None:
            with pytest.raises(TransitionRefused) as refused:
                getattr(fsm, transition)(by="model")
            assert refused.value.state == self.story[name][-1]
        else:
            getattr(fsm, transition)(by="model")
            self.story[name].append(target)
            assert fsm.current_state == target
            assert fsm.version == len(self.story[name]) - 1

    @rule(names=st.sets(people, min_size=1), transition=transitions, batch_size=st.integers(1, 3))
    def make_a_bulk_transition(self, names: set[str], transition: str, batch_size: int) -> None:
        outcome = UserFSM.objects.filter(user__username__in=names).bulk_transition(transition, batch_size=batch_size)

        refused = {name for name in names if self.after(name, transition) is None}
        assert {refusal.username for refusal in outcome.refused} == refused
        assert outcome.changed == len(names - refused)
        for name in names - refused:
            self.story[name].append(ALLOWED[self.story[name][-1], transition])

    @rule(fsm=instances, wanted=st.lists(transitions, min_size=1, max_size=3))
    def roll_back(self, fsm: UserFSM, wanted: list[str]) -> None:
        with pytest.raises(Failed), transaction.atomic():
            for transition in wanted:
                try:
                    getattr(fsm, transition)()
                except TransitionRefused:
                    continue
            raise Failed

    @rule(fsm=instances, transition=transitions)
    def fail_in_a_receiver(self, fsm: UserFSM, transition: str) -> None:
        def fail(**kwargs: Any) -> None:
            raise Failed

        with receiving(fail), pytest.raises((Failed, TransitionRefused)):
            getattr(fsm, transition)()

    @rule(fsm=instances, other=people, transition=transitions, inner=transitions)
    def make_another_in_a_receiver(self, fsm: UserFSM, other: str, transition: str, inner: str) -> None:
        name = fsm.user.username

        def make_it(instance: UserFSM, **kwargs: Any) -> None:
            if instance.user_id == fsm.user_id:
                getattr(self.fetch(other), inner)()

        with receiving(make_it):
            if self.after(name, transition) is None or (other != name and self.after(other, inner) is None):
                with pytest.raises(TransitionRefused):
                    getattr(fsm, transition)()
            elif other == name:
                with pytest.raises(NestedTransition):
                    getattr(fsm, transition)()
            else:
                getattr(fsm, transition)()
                for each, made in ((name, transition), (other, inner)):
                    self.story[each].append(ALLOWED[self.story[each][-1], made])

    @rule(fsm=instances, fields=st.sampled_from([None, ["current_state"], ["version", "user"]]))
    def save_a_stale_account(self, fsm: UserFSM, fields: list[str] | None) -> None:
        fsm.save(update_fields=fields)

    @rule(fsm=instances, fields=st.sampled_from([None, ["is_active"], ["first_name"]]))
    def save_a_stale_user(self, fsm: UserFSM, fields: list[str] | None) -> None:
        fsm.user.save(update_fields=fields)

    @rule(fsm=instances, is_active=st.booleans(), fields=st.sampled_from([None, ["is_active"]]))
    def assign_to_is_active(self, fsm: UserFSM, *, is_active: bool, fields: list[str] | None) -> None:
        name, was = fsm.user.username, fsm.user.is_active
        fsm.user.is_active = is_active
        fsm.user.save(update_fields=fields)
        state = self.story[name][-1]
        if is_active != was and is_active and state != "active":
            self.story[name].append("active")
        elif is_active != was and not is_active and state != "deactivated":
            self.story[name].append("deactivated")

    @rule(fsm=instances)
    def refresh_a_user(self, fsm: UserFSM) -> None:
        fsm.user.refresh_from_db()
        assert fsm.user.is_active == (self.story[fsm.user.username][-1] == "active")

    @rule(fsm=instances)
    def refresh(self, fsm: UserFSM) -> None:
        fsm.refresh_from_db()
        assert fsm.current_state == self.story[fsm.user.username][-1]

    @invariant()
    def the_database_tells_the_models_story(self) -> None:
        for name, story in self.story.items():
            told = assert_true_record(self.people[name])
            assert [source for _, source, _ in told.records] == story[:-1]
            assert told.state == story[-1]


@pytest.mark.django_db
def test_accounts_do_what_the_model_does():
    run_state_machine_as_test(
        Accounts,
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
