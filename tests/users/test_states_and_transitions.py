import logging

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.utils import timezone
from django_fsm import TransitionNotAllowed, can_proceed, has_transition_perm

from tests.factories import make_user
from tests.truth import assert_true_record, in_memory, truth
from users.exceptions import TransitionRefused
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

INVITED, ACTIVE, LOCKED, DEACTIVATED = State.INVITED, State.ACTIVE, State.LOCKED, State.DEACTIVATED

ALLOWED = {
    (INVITED, "activate"): ACTIVE,
    (ACTIVE, "lock"): LOCKED,
    (LOCKED, "unlock"): ACTIVE,
    (INVITED, "deactivate"): DEACTIVATED,
    (ACTIVE, "deactivate"): DEACTIVATED,
    (LOCKED, "deactivate"): DEACTIVATED,
    (DEACTIVATED, "reactivate"): ACTIVE,
}
TRANSITIONS = sorted({transition for _, transition in ALLOWED})
REFUSED = [(state, transition) for state in State for transition in TRANSITIONS if (state, transition) not in ALLOWED]


def test_the_transitions_are_those_of_the_table_and_no_others():
    assert {(each.source, each.name): each.target for each in UserFSM.transitions()} == ALLOWED


@pytest.mark.parametrize(("state", "transition"), ALLOWED)
def test_a_transition_that_the_state_allows_moves_the_account_and_records_it(move, state, transition):
    user = make_user(state=state)
    version = user.fsm.version

    move(user.fsm, transition)

    told = assert_true_record(user)
    assert told.state == ALLOWED[state, transition]
    assert told.records[-1] == (version + 1, state, ALLOWED[state, transition])


@pytest.mark.parametrize(("state", "transition"), REFUSED)
def test_every_other_transition_is_refused_and_changes_nothing(state, transition):
    user = make_user(state=state)
    before, memory = truth(user), in_memory(user.fsm)

    with pytest.raises(TransitionRefused) as refused:
        getattr(user.fsm, transition)()

    assert isinstance(refused.value, TransitionNotAllowed)
    assert truth(user) == before
    assert in_memory(user.fsm) == memory


@pytest.mark.parametrize(("state", "transition"), REFUSED)
def test_a_refusal_names_the_user_the_state_and_the_transition(move, caplog, state, transition):
    user = make_user("grace", state=state)

    with pytest.raises(TransitionRefused) as refused:
        move(user.fsm, transition)

    (logged,) = [record for record in caplog.records if record.name == "users.transitions"]
    assert logged.levelno == logging.WARNING
    for text in (str(refused.value), logged.getMessage()):
        assert "'grace'" in text
        assert state in text
        assert transition in text
    assert (refused.value.username, refused.value.state, refused.value.transition) == ("grace", state, transition)


def test_a_refusal_carries_what_django_fsm_puts_into_its_own_error():
    fsm = make_user().fsm

    with pytest.raises(TransitionNotAllowed) as refused:
        fsm.unlock()

    assert refused.value.object is fsm
    assert refused.value.method == fsm.unlock


def test_only_an_active_account_is_active_for_django():
    for number, state in enumerate(State):
        assert truth(make_user(f"person{number}", state=state)).is_active == (state == ACTIVE)


def test_a_lock_lasts_until_its_moment_or_until_somebody_unlocks(move, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    user = make_user()
    move(user.fsm, "lock", until=timezone.now())
    fsm = UserFSM.objects.get(user=user)

    assert fsm.locked_until == timezone.now()
    assert fsm.lock_has_expired

    move(fsm, "unlock")
    move(fsm, "lock")

    fsm = UserFSM.objects.get(user=user)
    assert fsm.locked_until is None
    assert not fsm.lock_has_expired


@pytest.mark.parametrize("transition", ["unlock", "deactivate"])
def test_an_account_that_leaves_locked_has_no_end_of_its_lock_any_more(move, transition):
    user = make_user()
    user.fsm.lock(until=timezone.now())

    move(user.fsm, transition)

    assert UserFSM.objects.get(user=user).locked_until is None


def test_django_fsm_answers_what_an_account_can_do_next():
    fsm = make_user().fsm

    assert can_proceed(fsm.lock)
    assert not can_proceed(fsm.unlock)
    available = fsm.get_available_current_state_transitions()
    assert {each.name for each in available} == {transition for state, transition in ALLOWED if state == ACTIVE}


def test_each_transition_has_a_permission_of_its_own():
    fsm, helper = make_user().fsm, make_user("helper", is_staff=True)

    assert {each.permission for each in UserFSM.transitions()} == {
        f"user_lifecycle.{name}_userfsm" for name in TRANSITIONS
    }
    assert not has_transition_perm(fsm.lock, helper)
    assert has_transition_perm(fsm.lock, User.objects.create_superuser("root"))


def test_a_name_that_is_no_transition_is_refused_before_anything_happens():
    with pytest.raises(ValueError, match="'delete' is not a transition"):
        UserFSM.objects.bulk_transition("delete")


def test_a_template_cannot_make_a_transition():
    user = make_user()

    Template("{{ user.fsm.lock }}").render(Context({"user": user}))

    assert truth(user).state == ACTIVE


def test_accounts_are_selected_by_state_or_by_its_name():
    user = make_user(state=LOCKED)

    assert [fsm.user for fsm in UserFSM.objects.in_state(LOCKED)] == [user]
    assert [fsm.user for fsm in UserFSM.objects.in_state("locked")] == [user]


@pytest.mark.parametrize("ask", [UserFSM.sources_of, UserFSM.target_of])
def test_a_transition_that_does_not_exist_has_neither_source_nor_target(ask):
    with pytest.raises(KeyError, match="lokc"):
        ask("lokc")


@pytest.mark.parametrize("typo", ["lokced", "LOCKED", "", None])
def test_a_state_that_does_not_exist_is_an_error_that_names_those_that_do(typo):
    with pytest.raises(ValueError, match=f"is not a state; the states are {', '.join(State)}"):
        UserFSM.objects.in_state(typo)
