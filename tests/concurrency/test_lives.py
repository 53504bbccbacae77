"""Births, transitions and deaths of the same accounts at once: every life is recorded, and none is recorded twice."""

import random
from collections import Counter
from contextlib import contextmanager, suppress
from functools import partial
from io import StringIO
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.threads import at_once
from tests.truth import assert_true_record
from users.exceptions import TransitionRefused
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = range(2_000_001, 2_000_004)
WRITERS = 16
ATTEMPTS = 40
DEADLOCK = "40P01"  # the SQLSTATE of PostgreSQL
WISHES = ("create", "activate", "lock", "unlock", "deactivate", "reactivate", "delete")


def records_of(key):
    records = UserStateAudit.objects.filter(user_id=key).order_by("sequence")
    return list(records.values_list("sequence", "transition", "start_state", "end_state"))


def assert_lives(key):
    """Assert that the lives under this key follow one another without a gap; return their records."""
    told = records_of(key)
    assert [sequence for sequence, *_ in told] == list(range(len(told)))
    for before, after in pairwise(told):
        assert before[3] == after[2]
    for _, transition, start, end in told:
        assert (transition == "create", transition == "delete") == (not start, not end)
    rows = list(UserFSM.objects.filter(user_id=key).values_list("version", "current_state"))
    assert rows == ([(told[-1][0], told[-1][3])] if told and told[-1][3] else [])
    active = list(User.objects.filter(pk=key).values_list("is_active", flat=True))
    assert active == [state == "active" for _, state in rows]
    return told


def assert_verifies():
    call_command("audit_verify", stdout=StringIO())  # raises CommandError when it finds something


def create(key):
    User(pk=key, username=f"person{key}").save(force_insert=True)


@contextmanager
def deadlocks_undone():
    """Let pass the error of a deadlock, which a stale deletion can meet when its key is in use again: one is undone."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
            raise


def live(seed):
    """Create, move and delete accounts under the shared keys. Return the names of the attempts that did something."""
    chance = random.Random(seed)  # noqa: S311 - what a writer asks for is no secret
    done = []
    for _ in range(ATTEMPTS):
        key, name = chance.choice(KEYS), chance.choice(WISHES)
        with deadlocks_undone(), suppress(TransitionRefused, IntegrityError, User.DoesNotExist, UserFSM.DoesNotExist):
            if name == "create":
                create(key)
            elif name == "delete":
                if not User.objects.get(pk=key).delete()[0]:
                    continue  # another writer was first
            else:
                getattr(UserFSM.objects.get(user_id=key), name)(by=f"writer {seed}")
            done.append(name)
    return done


def test_sixteen_writers_of_few_lives_leave_unbroken_records():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one at a time, sixteen would queue for long")

    outcomes = at_once(*[partial(live, seed) for seed in range(WRITERS)])

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    recorded = Counter(transition for key in KEYS for _, transition, *_ in assert_lives(key))
    assert recorded == Counter(name for done in outcomes for name in done)
    assert recorded["create"] > len(KEYS)
    assert recorded.total() > recorded["create"] + recorded["delete"]
    assert_verifies()


def create_unless_there(key):
    User(pk=key, username=f"person{key}").save()


def create_in_bulk_and_find(key):
    User.objects.bulk_create([User(pk=key, username=f"person{key}", is_active=False)])
    assert User.objects.get(pk=key).fsm.version == 0


@pytest.mark.parametrize("other", [create, create_unless_there, create_in_bulk_and_find])
def test_one_user_created_twice_at_once_is_born_once(other):
    for key in KEYS:
        outcomes = at_once(partial(create, key), partial(other, key))

        failed = [type(outcome) for outcome in outcomes if outcome is not None]
        # Of two inserts one fails. A save that may update is no second birth.
        assert failed in ([IntegrityError], [] if other is create_unless_there else [IntegrityError])
        (birth,) = assert_lives(key)
        assert_true_record(User.objects.get(pk=key), start=birth[3])
    assert_verifies()


def test_a_death_against_a_lock_ends_in_a_death_with_or_without_the_lock_before():
    for number in range(5):
        user = make_user(f"person{number}")

        locked, deleted = at_once(UserFSM.objects.get(user=user).lock, User.objects.get(pk=user.pk).delete)

        assert not isinstance(deleted, Exception)
        path = [(transition, end) for _, transition, _, end in assert_lives(user.pk)]
        lock = [("lock", "locked")] if locked is None else []
        assert path == [("create", "invited"), ("activate", "active"), *lock, ("delete", "")]
    assert_verifies()
