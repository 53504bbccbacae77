"""A connection that is lost during COMMIT, when nobody can know what became of the change."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django_fsm.signals import post_transition

from tests.conftest import move_many, move_one
from tests.factories import make_user
from tests.servers.cut_connection import Proxy, cuttable
from tests.truth import assert_true_record, truth
from users import lifecycle
from users.exceptions import OutcomeUnknown, TransitionRefused
from users.models import LoginSession, UserFSM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection that could be lost")
    with cuttable() as proxy:
        yield proxy


@pytest.mark.parametrize("delivered", [True, False])
def test_a_commit_whose_answer_is_lost_raises_an_error_that_says_which_change_to_look_for(proxy, move, delivered):
    ada = make_user("ada")
    proxy.cut_at_commit(deliver=delivered)

    with pytest.raises(OutcomeUnknown, match=r"'ada'.*'lock' as change") as raised:
        move(ada.fsm, "lock", by="system")

    assert proxy.cuts == 1
    error = raised.value
    assert isinstance(error, OperationalError)
    assert isinstance(error.__cause__, DatabaseError)
    version = ada.fsm.version
    assert (error.user_id, error.username, error.transition, error.sequence) == (ada.pk, "ada", "lock", version + 1)
    # Whoever looks for that change finds it or not, and never a part of it.
    assert_true_record(ada)
    assert (UserFSM.objects.get(user=ada).version == error.sequence) is delivered


@pytest.mark.parametrize("delivered", [True, False])
def test_calling_again_is_safe(proxy, move, delivered):
    ada = make_user("ada")
    proxy.cut_at_commit(deliver=delivered)
    with pytest.raises(OutcomeUnknown) as raised:
        move(ada.fsm, "lock", by="system")

    if delivered:
        with pytest.raises(TransitionRefused):
            move(ada.fsm, "lock", by="system")
    else:
        move(ada.fsm, "lock", by="system")

    told = assert_true_record(ada)
    assert (told.state, told.version) == ("locked", raised.value.sequence)


def test_all_changes_of_a_batch_are_named(proxy):
    people = [make_user(name) for name in ("ada", "bob", "cyd")]
    people[1].fsm.lock(by="system")
    proxy.cut_at_commit(deliver=True)

    with pytest.raises(OutcomeUnknown, match="and 1 others") as raised:
        UserFSM.objects.bulk_transition("lock", by="system")

    changed = [people[0], people[2]]
    assert [each.username for each in raised.value.changes] == ["ada", "cyd"]
    for person, change in zip(changed, raised.value.changes, strict=True):
        assert UserFSM.objects.get(user=person).version == change.sequence


def test_the_instance_in_memory_is_as_it_was(proxy):
    fsm = make_user("ada").fsm
    proxy.cut_at_commit(deliver=True)

    with pytest.raises(OutcomeUnknown):
        fsm.lock(by="system")

    assert fsm.current_state == "active"


def test_a_commit_of_the_callers_own_raises_what_django_raises(proxy):
    ada = make_user("ada")

    def lock_within_a_transaction():
        with transaction.atomic():
            ada.fsm.lock(by="system")
            proxy.cut_at_commit(deliver=False)

    with pytest.raises(OperationalError) as raised:
        lock_within_a_transaction()

    assert not isinstance(raised.value, OutcomeUnknown)


@pytest.mark.parametrize("move", [move_one, move_many])
def test_an_error_that_the_database_answers_commit_with_leaves_no_doubt(move, receive):
    ada = make_user("ada")
    before = truth(ada)
    # Foreign keys are deferred, so the database asks for the user at COMMIT.
    stranger = LoginSession(user_id=10**6, version=0, digest="of nobody", auth_hash="of nobody")
    receive(post_transition, lambda **kwargs: lifecycle.write_along(stranger))

    with pytest.raises(IntegrityError) as raised:
        move(ada.fsm, "lock", by="system")

    assert not isinstance(raised.value, OutcomeUnknown)
    assert truth(ada) == before


def test_a_hook_that_fails_after_the_commit_leaves_no_doubt(receive, signal):
    ada = make_user("ada")

    def lose_the_connection():
        connection.close()
        raise OperationalError("lost, but after the commit")

    receive(signal, lambda **_: transaction.on_commit(lose_the_connection))

    with pytest.raises(OperationalError, match="after the commit") as raised:
        ada.fsm.lock(by="system")

    assert not isinstance(raised.value, OutcomeUnknown)
    assert_true_record(ada)
