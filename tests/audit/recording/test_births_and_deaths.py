"""The record of an account begins with its birth and ends with its death, however either comes about."""

from datetime import UTC, datetime
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.context import acting_as
from audit.exceptions import RefusedByDatabase, StateNotKnown
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.threads import at_once
from users import lifecycle
from users.actors import ActorKind
from users.causes import Cause
from users.invitations import enrol
from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.states import State


def story(key):
    records = UserStateAudit.objects.filter(user_id=key).order_by("sequence")
    return list(records.values_list("sequence", "transition", "start_state", "end_state", "cause"))


@pytest.mark.django_db
def test_a_new_user_is_born_with_a_record_that_says_who_made_the_account():
    with acting_as(make_superuser("root")):
        ada = User.objects.create_user("ada")

    assert story(ada.pk) == [(0, "create", "", "invited", "created")]
    assert UserStateAudit.objects.get(user_id=ada.pk).initiated_by == "root"
    assert ada.fsm.version == 0


@pytest.mark.django_db
def test_making_a_user_takes_one_statement_more_for_the_birth():
    User.objects.create_user("first")
    with CaptureQueriesContext(connection) as queries:
        User.objects.create_user("ada")

    statements = [query["sql"].removeprefix("QUERY = '").split()[0] for query in queries]
    assert [each for each in statements if each in {"SELECT", "INSERT", "UPDATE"}] == [
        "INSERT",  # the user
        "SELECT",  # who had this key before
        "INSERT",  # the birth
        "INSERT",  # the state
    ]


@pytest.mark.django_db
def test_users_who_are_found_without_a_row_are_born_as_is_active_says():
    users = User.objects.bulk_create([User(username="in"), User(username="out", is_active=False)])
    User.objects.filter(pk=users[0].pk).update(is_active=True)

    provision_missing(using="default")

    assert story(users[0].pk) == [(0, "create", "", "active", "found")]
    assert story(users[1].pk) == [(0, "create", "", "deactivated", "found")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "delete",
    [
        lambda user: user.delete(),
        lambda user: User.objects.filter(pk=user.pk).delete(),
        lambda user: UserFSM.objects.filter(user=user).delete(),
        lambda user: user.fsm.delete(),
    ],
    ids=["the user", "a queryset of users", "a queryset of states", "the state"],
)
def test_a_death_is_recorded_whoever_deletes(delete):
    ada = make_user("ada")
    key = ada.pk

    with lifecycle.ending(by="HR", description="asked to be forgotten"):
        delete(ada)

    assert story(key)[-1] == (2, "delete", "active", "", "deleted")
    death = UserStateAudit.objects.get(user_id=key, transition="delete")
    assert (death.initiated_by, death.description) == ("HR", "asked to be forgotten")
    assert not UserFSM.objects.filter(user_id=key).exists()


@pytest.mark.django_db
def test_a_death_that_is_rolled_back_leaves_nothing():
    ada = make_user("ada")
    before = story(ada.pk)

    class Kept(Exception):
        pass

    with pytest.raises(Kept), transaction.atomic():
        ada.delete()
        raise Kept

    assert story(User.objects.get(username="ada").pk) == before


@pytest.mark.django_db
def test_the_way_round_by_delete_and_create_is_shut(verify):
    ada = make_user("ada", state=State.INVITED)
    UserFSM.objects.filter(user=ada).delete()

    with pytest.raises(RefusedByDatabase):
        UserFSM.objects.create(user=ada, current_state=State.ACTIVE)


@pytest.mark.django_db
def test_a_key_that_is_used_again_gives_the_newcomer_a_life_of_their_own(verify):
    thief = make_user("thief")
    key = thief.pk
    thief.fsm.deactivate(description="dismissed for theft")
    thief.delete()

    newcomer = User.objects.create_user("newcomer", pk=key)

    assert (newcomer.fsm.current_state, newcomer.fsm.version) == (State.INVITED, 4)
    assert [record.transition for record in UserStateAudit.objects.of(newcomer)] == ["create"]
    assert verify().findings == []


@pytest.mark.django_db
def test_a_user_made_under_an_old_key_by_bulk_create_is_born_too(verify):
    ada = make_user("ada")
    key = ada.pk
    ada.delete()
    User.objects.bulk_create([User(pk=key, username="bob", is_active=False)])

    bob = User.objects.get(pk=key)

    assert bob.fsm.current_state == State.DEACTIVATED
    assert story(key)[-1] == (3, "create", "", "deactivated", "found")
    assert verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_two_who_find_the_same_user_make_one_birth():
    (user,) = User.objects.bulk_create([User(username="ada", is_active=False)])

    def ask():
        return User.objects.get(pk=user.pk).fsm.current_state

    assert at_once(*[ask] * 4) == [State.DEACTIVATED] * 4
    assert len(story(user.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_death_and_a_lock_at_once_leave_an_unbroken_record():
    for number in range(5):
        user = make_user(f"person{number}")
        key = user.pk

        def lock(key=key):
            UserFSM.objects.get(user_id=key).lock()

        def delete(key=key):
            User.objects.get(pk=key).delete()

        at_once(lock, delete)

        told = story(key)
        assert told[-1][3] == ""
        assert [end for *_, end, _ in told[:-1]] == [start for _, _, start, *_ in told[1:]]


@pytest.mark.django_db
def test_state_at_answers_from_birth_to_death_and_says_when_it_does_not_know(time_machine):
    time_machine.move_to(datetime(2026, 1, 1, tzinfo=UTC))
    ada = make_user("ada")
    time_machine.move_to(datetime(2026, 1, 3, tzinfo=UTC))
    gone = User(pk=ada.pk, username="ada")
    ada.delete()

    def at(year, month, day):
        return UserStateAudit.objects.state_at(gone, datetime(year, month, day, tzinfo=UTC))

    assert at(2025, 12, 31) is None
    assert at(2026, 1, 2) is State.ACTIVE
    assert at(2026, 1, 4) is None
    with pytest.raises(StateNotKnown):
        UserStateAudit.objects.state_at(User(pk=10**6, username="nobody"), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.django_db
def test_after_archiving_state_at_does_not_know_what_is_not_kept(time_machine, tmp_path):
    time_machine.move_to(datetime(2020, 1, 1, tzinfo=UTC))
    ada = make_user("ada")
    time_machine.move_to(datetime(2020, 6, 1, tzinfo=UTC))
    ada.fsm.lock()
    time_machine.move_to(datetime(2026, 1, 1, tzinfo=UTC))
    call_command("audit_prune", before="2020-12-01", archive=tmp_path / "2020.gz", verbosity=0)

    with pytest.raises(StateNotKnown):
        UserStateAudit.objects.state_at(ada, datetime(2020, 3, 1, tzinfo=UTC))
    assert UserStateAudit.objects.state_at(ada, datetime(2020, 7, 1, tzinfo=UTC)) is State.LOCKED


@pytest.mark.django_db
def test_a_cause_that_nobody_knows_is_refused_before_anything_happens():
    ada = make_user("ada")

    with pytest.raises(ValueError, match="whim"):
        ada.fsm.lock(cause=cast("Cause", "whim"))

    assert ada.fsm.current_state == State.ACTIVE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("details", "kept"),
    [
        ({"count": 5}, {"count": 5}),
        ({"a\x00b": "\ud800"}, {"a\ufffdb": "\ufffd"}),
        ({"n": float("nan"), "big": 2**70, "none": None}, {"n": "nan", "big": str(2**70), "none": None}),
        ({1: {2: [object]}}, {"1": {"2": ["<class 'object'>"]}}),
        ({"text": "x" * 10_000}, {"text": "x" * 1000}),
        (None, {}),
    ],
)
def test_details_of_any_kind_never_fail_a_transition_and_stay_verifiable(details, kept, verify):
    ada = make_user("ada")

    ada.fsm.lock(details=details, cause=Cause.SCHEDULED)

    assert UserStateAudit.objects.of(ada).latest().details == kept
    assert verify().findings == []


@pytest.mark.django_db
@pytest.mark.parametrize("make", [UserFSM.objects.invite, enrol])
def test_whoever_invites_somebody_has_made_the_account(make):
    root = make_superuser()

    invited = make(email="ann@example.com", username="ann", by=root)

    (birth,) = UserStateAudit.objects.of(invited)
    assert (birth.transition, birth.initiated_by, birth.actor_id) == ("create", "root", root.pk)
    assert birth.actor_kind == ActorKind.USER


@pytest.mark.django_db
def test_an_invitation_by_command_is_of_the_command_line(tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("email,username\nann@example.com,ann\n")

    call_command("invite", people, verbosity=0)

    (birth,) = UserStateAudit.objects.filter(username="ann")
    assert (birth.initiated_by, birth.actor_kind) == ("CLI", ActorKind.CLI)
