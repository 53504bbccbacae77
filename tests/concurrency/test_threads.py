"""Several at once on the same accounts, each with a connection of its own."""

from contextlib import suppress
from functools import partial
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django_fsm.signals import post_transition

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.threads import TIMEOUT, at_once, wait_until_blocking
from tests.truth import assert_true_record, births, truth
from users.exceptions import TransitionRefused
from users.models import UserFSM
from users.rows.provisioning import provision_missing
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)


def test_there_is_one_winner_of_many_who_want_the_same():
    user = make_user()
    instances = [UserFSM.objects.get(user=user) for _ in range(8)]

    outcomes = at_once(*[partial(fsm.lock, by=f"writer {number}") for number, fsm in enumerate(instances)])

    assert outcomes.count(None) == 1
    losers = [outcome for outcome in outcomes if outcome is not None]
    assert {type(loser) for loser in losers} == {TransitionRefused}
    assert {loser.state for loser in losers} == {State.LOCKED}
    assert assert_true_record(user).version == 2


def test_of_single_and_bulk_transitions_of_one_account_one_wins():
    user = make_user()
    accounts = UserFSM.objects.filter(user=user)

    singles = [accounts.get().lock for _ in range(3)]
    bulks = [partial(accounts.all().bulk_transition, "lock") for _ in range(3)]
    outcomes = at_once(*singles, *bulks)

    won = outcomes[:3].count(None) + sum(outcome.changed for outcome in outcomes[3:])
    assert won == 1
    assert assert_true_record(user).version == 2


def test_overlapping_bulk_and_single_transitions_do_not_block_one_another_for_ever():
    people = [make_user(f"person{number:02}") for number in range(12)]
    first, last = (UserFSM.objects.filter(user__in=some) for some in (people[:9], people[3:]))

    def there_and_back(accounts):
        for _ in range(4):
            accounts.bulk_transition("lock", batch_size=5)
            accounts.bulk_transition("unlock", batch_size=5)

    def one_by_one():
        for person in reversed(people):
            try:
                UserFSM.objects.get(user=person).lock()
            except TransitionRefused:
                continue

    outcomes = at_once(
        partial(there_and_back, first), partial(there_and_back, last.order_by("-pk")), one_by_one, one_by_one
    )

    assert outcomes == [None] * 4
    for person in people:
        assert_true_record(person)


def test_saving_stale_users_beside_transitions_never_moves_is_active():
    user = make_user()
    stale = [User.objects.get(pk=user.pk) for _ in range(2)]
    done = Event()

    def move():
        fsm = UserFSM.objects.get(user=user)
        try:
            for _ in range(10):
                fsm.lock()
                assert not truth(user).is_active
                fsm.unlock()
                assert truth(user).is_active
        finally:
            done.set()

    def save(instance, **kwargs):
        while not done.is_set():
            instance.save(**kwargs)

    outcomes = at_once(move, partial(save, stale[0]), partial(save, stale[1], update_fields=["is_active"]))

    assert outcomes == [None] * 3
    assert assert_true_record(user).version == 21


def test_writers_of_is_active_and_transitions_on_one_account_take_turns():
    user = make_user()

    def assign():
        for number in range(10):
            person = User.objects.get(pk=user.pk)
            person.is_active = not person.is_active
            person.first_name = str(number)
            person.save()

    def move():
        for name in ("lock", "unlock", "deactivate", "reactivate") * 3:
            with suppress(TransitionRefused):
                getattr(UserFSM.objects.get(user=user), name)()

    assert at_once(assign, assign, move, move) == [None] * 4

    assert_true_record(user)
    assert UserStateAudit.objects.filter(user_id=user.pk, cause="is_active").exists()


def test_a_save_that_waits_for_a_transition_to_commit_does_not_undo_its_is_active():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: a save cannot begin inside another's transaction")
    user = make_user()
    stale = User.objects.get(pk=user.pk)
    moved = Event()

    def lock_and_commit_when_the_save_waits():
        with transaction.atomic():
            UserFSM.objects.get(user=user).lock()
            moved.set()
            wait_until_blocking()

    def save():
        assert moved.wait(TIMEOUT)
        stale.save()

    assert at_once(lock_and_commit_when_the_save_waits, save) == [None, None]
    assert assert_true_record(user).state == State.LOCKED


def test_a_user_without_a_row_gets_one_row_however_many_ask():
    users = User.objects.bulk_create([User(username="ada")])
    asking = [User.objects.get(pk=users[0].pk) for _ in range(4)]

    def lazily(user):
        return user.fsm.pk

    outcomes = at_once(*[partial(lazily, user) for user in asking], partial(provision_missing, using="default"))

    (row,) = UserFSM.objects.all()
    assert outcomes[:4] == [row.pk] * 4
    assert isinstance(outcomes[4], int)
    assert births(users[0]) == [(0, row.current_state)]


def test_a_late_request_for_a_row_does_not_undo_its_changes():
    users = User.objects.bulk_create([User(username=f"person{number}") for number in range(4)])

    def deactivate(user):
        fsm = User.objects.get(pk=user.pk).fsm
        if fsm.current_state != State.DEACTIVATED:
            fsm.deactivate(by="system")

    outcomes = at_once(*[partial(deactivate, user) for user in users], partial(provision_missing, using="default"))

    assert outcomes[:4] == [None] * 4
    for user in users:
        assert truth(user).state == State.DEACTIVATED
        assert len(births(user)) == 1


def test_a_receivers_transition_of_another_user_waits_for_whoever_has_that_one_and_sees_the_truth(request):
    ada, bob = make_user("ada"), make_user("bob")

    def lock_bob_too(instance, name, **kwargs):
        if instance.user_id == ada.pk and name == "lock":
            UserFSM.objects.get(user=bob).lock()

    post_transition.connect(lock_bob_too, sender=UserFSM, weak=False)
    request.addfinalizer(lambda: post_transition.disconnect(lock_bob_too, sender=UserFSM))

    outcomes = at_once(UserFSM.objects.get(user=ada).lock, UserFSM.objects.get(user=bob).deactivate)

    # Either ada's came first, and bob was deactivated as locked; or bob's, and then ada's could not be.
    assert outcomes[1] is None
    assert assert_true_record(bob).state == State.DEACTIVATED
    assert assert_true_record(ada).state == (State.LOCKED if outcomes[0] is None else State.ACTIVE)


def test_two_who_take_the_locks_in_different_orders_end_with_one_error_and_nothing_half():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: nobody takes a second lock while another has the first")
    user = make_user()
    saved = Event()

    def save_the_user_and_then_lock():
        with transaction.atomic():
            User.objects.get(pk=user.pk).save()
            saved.set()
            wait_until_blocking()
            UserFSM.objects.get(user=user).lock(by="first")

    def deactivate():
        assert saved.wait(TIMEOUT)
        UserFSM.objects.get(user=user).deactivate(by="second")

    outcomes = at_once(save_the_user_and_then_lock, deactivate)

    assert [type(outcome) for outcome in outcomes].count(OperationalError) == 1
    told = assert_true_record(user)
    assert (told.state, told.version) == (State.DEACTIVATED if outcomes[1] is None else State.LOCKED, 2)
