"""Every user has a state row, wherever the user came from."""

import json
import re

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from audit import triggers
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record, births
from users.models import UserFSM
from users.rows.provisioning import provision, provision_missing
from users.signals import account_began
from users.states import State

pytestmark = pytest.mark.django_db

STORED = [(True, State.ACTIVE), (False, State.DEACTIVATED)]
"""`is_active`, and the state of whoever is found with it."""


class PrimaryAndReplica:
    """Writes where there is a database; whoever was read from a replica was read from one that is not there."""

    def db_for_write(self, model, **hints):
        return "default"

    db_for_read = db_for_write


def insert_by_sql(username, *, is_active=True):
    """A user whom no signal has seen."""
    prepared = User(username=username, is_active=is_active)
    columns = {
        str(field.column): getattr(prepared, field.attname)
        for field in User._meta.concrete_fields
        if not field.primary_key
    }
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO auth_user ({names}) VALUES ({places})", list(columns.values()))
    return User.objects.get(username=username)


def load(tmp_path, *rows):
    """Load rows as a fixture."""
    fixture = tmp_path / "rows.json"
    fixture.write_text(json.dumps(rows))
    call_command("loaddata", fixture, verbosity=0)


def fixture_of(user, **fields):
    return {"model": "auth.user", "pk": user.pk, "fields": {"username": user.username, "password": "!"} | fields}


def test_a_new_user_is_invited_and_cannot_log_in():
    user = User.objects.create_user("ada", password="a long one")

    assert assert_true_record(user).state == State.INVITED
    assert not user.is_active
    assert authenticate(username="ada", password="a long one") is None


def test_where_people_sign_up_by_themselves_a_new_user_is_active(settings):
    settings.USERS_INITIAL_STATE = "active"

    user = User.objects.create_user("ada", password="a long one")

    assert assert_true_record(user, start=State.ACTIVE).state == State.ACTIVE
    assert user.is_active
    assert authenticate(username="ada", password="a long one") == user


def test_where_people_sign_up_by_themselves_somebody_made_inactive_waits_as_invited(settings):
    settings.USERS_INITIAL_STATE = "active"

    user = User.objects.create_user("ada", is_active=False)

    assert assert_true_record(user).state == State.INVITED


@pytest.mark.parametrize(("is_active", "state"), [(True, State.ACTIVE), (False, State.DEACTIVATED)])
def test_a_superuser_starts_as_is_active_says(is_active, state):
    user = make_superuser(is_active=is_active)

    assert assert_true_record(user, start=state).state == state


@pytest.mark.parametrize("initial", ["invited", "active"])
@pytest.mark.parametrize(("is_active", "state"), STORED)
def test_users_made_in_bulk_start_as_the_stored_is_active_says(settings, initial, is_active, state):
    settings.USERS_INITIAL_STATE = initial
    made = User.objects.bulk_create([User(username=name, is_active=is_active) for name in ("ada", "bob")])
    assert not UserFSM.objects.exists()

    for user in made:
        assert user.fsm.current_state == state
        assert user.is_active == is_active
        assert_true_record(user, start=state)


@pytest.mark.parametrize(("is_active", "state"), STORED)
def test_a_user_made_by_sql_starts_as_the_stored_is_active_says(is_active, state):
    user = insert_by_sql("ada", is_active=is_active)

    assert user.fsm.current_state == state
    assert user.is_active == is_active
    assert_true_record(user, start=state)


def test_a_stale_instance_does_not_say_how_an_account_starts():
    user = insert_by_sql("ada")
    User.objects.filter(pk=user.pk).update(is_active=False)  # nobody has a state yet

    assert user.fsm.current_state == State.DEACTIVATED
    assert not user.is_active


def test_provisioning_asks_the_stored_is_active_under_the_lock():
    user = insert_by_sql("ada")
    User.objects.filter(pk=user.pk).update(is_active=False)

    provision([user], using="default")

    assert assert_true_record(user, start=State.DEACTIVATED).state == State.DEACTIVATED
    assert not user.is_active


def test_a_user_made_by_sql_logs_in_as_before():
    user = insert_by_sql("ada")
    user.set_password("a long one")
    user.save()

    assert authenticate(username="ada", password="a long one") == user


def test_a_user_made_by_sql_and_not_active_does_not_log_in():
    user = insert_by_sql("ada", is_active=False)
    user.set_password("a long one")
    user.save()

    assert authenticate(username="ada", password="a long one") is None

    user.fsm.reactivate(by="system")
    assert authenticate(username="ada", password="a long one") == user


def test_the_row_is_made_where_the_router_writes_and_not_where_the_user_was_read(settings):
    user = insert_by_sql("ada")
    settings.DATABASE_ROUTERS = [PrimaryAndReplica()]
    user._state.db = "replica"

    assert user.fsm.current_state == State.ACTIVE


def test_a_user_who_is_not_saved_has_no_row_and_gets_none():
    with pytest.raises(UserFSM.DoesNotExist):
        User(username="ada").fsm  # noqa: B018
    assert not hasattr(User(username="ada"), "fsm")


def test_a_user_who_is_gone_has_no_row_and_gets_none():
    user = make_user()
    same = User.objects.get(pk=user.pk)
    user.delete()

    assert not hasattr(same, "fsm")
    assert not UserFSM.objects.exists()


def test_migrate_gives_a_row_to_whoever_has_none():
    users = [insert_by_sql("ada"), insert_by_sql("bob", is_active=False), make_user("carol")]

    call_command("migrate", verbosity=0)

    assert UserFSM.objects.count() == 3
    states = [State.ACTIVE, State.DEACTIVATED, State.ACTIVE]
    starts = [State.ACTIVE, State.DEACTIVATED, State.INVITED]
    assert [assert_true_record(user, start=start).state for user, start in zip(users, starts, strict=True)] == states


def test_a_migrate_with_nothing_to_do_asks_the_users_once(monkeypatch):
    for number in range(5):
        make_user(f"user{number}")
    monkeypatch.setattr("users.rows.provisioning.BATCH_SIZE", 2)

    with CaptureQueriesContext(connection) as queries:
        call_command("migrate", verbosity=0)

    tables = f'"{User._meta.db_table}"', f'"{UserFSM._meta.db_table}"', '"user_audit_userstateaudit"'
    statements = [each["sql"] for each in queries if not each["sql"].endswith("WHERE 1 = 0")]  # read columns, no rows
    asked = [sql for sql in statements if any(f"FROM {table}" in sql for table in tables)]
    changed = [each["sql"] for each in queries if re.match("INSERT|UPDATE|DELETE", each["sql"])]
    assert len(asked) == 1
    assert not [sql for sql in changed if any(table in sql for table in tables)]


def test_rows_are_made_in_batches(monkeypatch):
    monkeypatch.setattr("users.rows.provisioning.BATCH_SIZE", 2)
    User.objects.bulk_create(User(username=f"person{number}") for number in range(5))

    assert provision_missing(using="default") == 5
    assert UserFSM.objects.count() == 5
    assert provision_missing(using="default") == 0


def test_a_full_batch_takes_as_many_statements_as_a_small_one():
    def statements(prefix, count):
        users = [User(username=f"{prefix}{number}", is_active=bool(number % 3)) for number in range(count)]
        User.objects.bulk_create(users)
        with CaptureQueriesContext(connection) as queries:
            provision_missing(using="default")
        return len(queries)

    assert statements("few", 5) == statements("many", 500)
    for user in User.objects.filter(username__in=["few3", "few4", "many3", "many4"]):
        assert_true_record(user, start=State.ACTIVE if user.is_active else State.DEACTIVATED)


def test_found_users_are_named_as_they_are_stored():
    user = insert_by_sql("ada")
    User.objects.filter(pk=user.pk).update(username="ada lovelace")

    provision([user], using="default")

    assert UserStateAudit.objects.get().username == "ada lovelace"


def test_users_of_a_fixture_get_their_row_when_it_is_first_needed(tmp_path):
    load(tmp_path, fixture_of(User(pk=7, username="ada"), is_active=True))

    user = User.objects.get(username="ada")
    assert user.fsm.current_state == State.ACTIVE
    assert assert_true_record(user, start=State.ACTIVE).is_active


def test_where_the_rules_are_lifted_a_fixture_can_bring_the_state_and_is_active_follows_it(tmp_path):
    state = {
        "model": "user_lifecycle.userfsm",
        "pk": 7,
        "fields": {"user": 7, "current_state": "deactivated", "version": 0},
    }

    with triggers.lifted("default"):
        load(tmp_path, fixture_of(User(pk=7, username="ada"), is_active=True), state)

    user = User.objects.get(username="ada")
    assert (user.fsm.current_state, user.is_active) == (State.DEACTIVATED, False)


@pytest.mark.parametrize("state", [State.ACTIVE, State.LOCKED])
def test_a_fixture_of_a_user_who_is_there_does_not_move_is_active(tmp_path, state):
    user = make_user(state=state)

    load(tmp_path, fixture_of(user, is_active=state != State.ACTIVE, first_name="Ada"))

    assert assert_true_record(user).state == state
    assert User.objects.get(pk=user.pk).first_name == "Ada"


@pytest.mark.parametrize("state", [State.ACTIVE, State.LOCKED, State.DEACTIVATED])
def test_a_user_made_under_the_key_of_a_deleted_one_is_somebody_else(state):
    user = make_user(state=state)
    last = user.fsm.version + 1
    key = user.pk
    user.delete()

    again = User.objects.create_user("ada", pk=key)

    assert (again.fsm.current_state, again.fsm.version) == (State.INVITED, last + 1)
    assert births(again) == [(0, State.INVITED), (last + 1, State.INVITED)]
    assert not again.is_active


def test_a_copy_of_a_user_is_somebody_else():
    user = make_user()
    original = user.fsm

    user.pk, user.username, user._state.adding = None, "bob", True
    user.save()

    assert user.fsm != original
    assert assert_true_record(user).state == State.INVITED
    assert assert_true_record(User.objects.get(username="ada")).state == State.ACTIVE


def test_a_receiver_that_asks_for_the_state_before_ours_finds_the_birth(receive):
    seen = []
    receive(post_save, lambda instance, **kwargs: seen.append(instance.fsm.version), sender=User)
    post_save.receivers.insert(0, post_save.receivers.pop())
    post_save.sender_receivers_cache.clear()

    user = User.objects.create_user("ada")

    assert seen == [0]
    assert assert_true_record(user).state == State.INVITED


def test_a_creation_that_a_receiver_undoes_leaves_no_user_behind(receive):
    def fail(**kwargs):
        raise ZeroDivisionError

    receive(post_save, fail, sender=User)
    user = User(username="ada")

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        user.save()

    assert not User.objects.exists()
    assert user.is_active


@pytest.mark.django_db(transaction=True)
def test_a_user_and_the_birth_are_one_transaction(receive):
    def fail(**kwargs):
        raise ZeroDivisionError

    receive(account_began, fail)

    with pytest.raises(ZeroDivisionError):
        User.objects.create_user("ada")

    assert not User.objects.exists()


class Colleague(User):
    class Meta:
        app_label = "auth"
        proxy = True


def test_a_user_made_by_a_proxy_has_a_birth_like_any_other():
    colleague = Colleague.objects.create_user("ada")

    assert assert_true_record(User.objects.get(pk=colleague.pk)).state == State.INVITED


def test_one_query_brings_a_user_and_the_state(django_assert_num_queries):
    make_user()

    with django_assert_num_queries(1):
        assert get_user_model().objects.select_related("fsm").get().fsm.current_state == State.ACTIVE


def test_rows_can_be_made_for_those_alone_who_are_asked_for():
    ada, _ = User.objects.bulk_create([User(username="ada"), User(username="bob")])

    assert provision_missing(using="default", among=[ada.pk]) == 1
    assert provision_missing(using="default", among=User.objects.filter(username="ada").values("pk")) == 0

    assert list(UserFSM.objects.values_list("user_id", flat=True)) == [ada.pk]
    assert provision_missing(using="default") == 1


def test_a_batch_that_is_not_full_is_the_last(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("users.rows.provisioning.BATCH_SIZE", 2)
    with django_assert_num_queries(1):
        provision_missing(using="default")
    User.objects.bulk_create([User(username="ada")])

    with CaptureQueriesContext(connection) as queries:
        provision_missing(using="default")

    assert len([each for each in queries if "LEFT OUTER JOIN" in each["sql"]]) == 1
