"""How a unit is written: in how many statements, and whatever rows it is given."""

from datetime import UTC, datetime
from functools import partial
from itertools import chain

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import Value
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext, isolate_apps
from django_fsm.signals import post_transition
from django_fsm_log.models import StateLog

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record, truth
from users import lifecycle
from users.lifecycle import RowValues
from users.lifecycle.writing.columns import Rows
from users.models import UserFSM
from users.states import State

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="triggers here are written for PostgreSQL")


def statements(call):
    """The first words of what a call sends to the database."""
    ContentType.objects.get_for_model(UserFSM)  # django-fsm-log asks for it once a process
    with CaptureQueriesContext(connection) as queries:
        call()
    # Many rows at once are shown as "3 times: INSERT ..."
    return [query["sql"].split(" times: ")[-1].split()[0] for query in queries]


def expected():
    written = ["WITH"] if connection.vendor == "postgresql" else ["INSERT", "INSERT", "UPDATE", "UPDATE"]
    return ["BEGIN", "SELECT", *written, "COMMIT"]


@pytest.mark.django_db(transaction=True)
def test_a_transition_takes_two_statements_on_postgresql_and_five_on_sqlite_beside_begin_and_commit():
    fsm = make_user().fsm

    assert statements(partial(fsm.lock, by=fsm.user, description="reported stolen")) == expected()
    assert statements(partial(fsm.unlock, by=fsm.user)) == expected()


@pytest.mark.django_db(transaction=True)
def test_a_batch_takes_one_statement_more_however_many_accounts_are_in_it():
    for number in range(25):
        make_user(f"person{number}")
    accounts = UserFSM.objects.in_state(State.ACTIVE)

    sent = statements(partial(accounts.bulk_transition, "lock", batch_size=10))

    assert sent == ["SELECT", *expected()] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("listed", ["keys", "keys in a subquery", "people"])
def test_keys_in_a_list_are_sent_once_and_not_with_each_batch(listed):
    people = [make_user(f"person{number}") for number in range(25)]
    keys = [user.fsm.pk for user in people]
    accounts = {
        "keys": UserFSM.objects.filter(pk__in=keys),
        "keys in a subquery": UserFSM.objects.filter(pk__in=UserFSM.objects.filter(pk__in=keys)),
        "people": UserFSM.objects.filter(user__in=people),
    }[listed]

    sent = statements(partial(accounts.bulk_transition, "lock", batch_size=10))

    assert sent == ["SELECT", *(expected() * 3)]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    "make_row",
    [
        pytest.param(lambda fsm: Group(name=f"of {fsm.pk}"), id="with a key that the database makes"),
        pytest.param(lambda fsm: Group(pk=1000 + fsm.pk, name=f"of {fsm.pk}"), id="with a key of its own"),
        pytest.param(
            lambda fsm: Session(session_key=f"of {fsm.pk}", session_data='{a,"b\\', expire_date=MOMENT),
            id="with a key that is text",
        ),
        pytest.param(lambda fsm: Group(name=Upper(Value(f"of {fsm.pk}"))), id="with an expression"),
        pytest.param(
            lambda fsm: LogEntry(user_id=fsm.user_id, object_repr="the same", action_flag=ADDITION, action_time=MOMENT),
            id="with keys to others",
        ),
    ],
)
def test_rows_of_any_model_are_written_along(receive, count, make_row):
    people = [make_user(f"person{number}") for number in range(count)]
    rows = []

    def hand_over(instance, **kwargs):
        rows.append(make_row(instance))
        lifecycle.write_along(rows[-1])

    receive(post_transition, hand_over)
    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert len(rows) == count
    for row in rows:
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        known = {name: value for name, value in values.items() if value is not None}
        assert type(row)._base_manager.filter(**known).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(lambda fsm: {"name": f"of {fsm.pk}"}, id="with a key that the database makes"),
        pytest.param(lambda fsm: {"id": 1000 + fsm.pk, "name": f"of {fsm.pk}"}, id="with a key of its own"),
        pytest.param(lambda fsm: {"name": Upper(Value(f"of {fsm.pk}"))}, id="with an expression"),
    ],
)
def test_rows_without_instances_are_written_along_too(receive, count, values):
    people = [make_user(f"person{number}") for number in range(count)]
    rows = []

    def hand_over(instance, **kwargs):
        rows.append(values(instance))
        lifecycle.write_along(RowValues.of(Group, **rows[-1]))

    receive(post_transition, hand_over)
    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert len(rows) == count
    for row in rows:
        assert Group.objects.filter(**row).count() == 1


@pytest.mark.django_db
def test_rows_without_instances_go_together_with_instances_and_with_keys_of_their_own(receive):
    people = [make_user(f"person{number}") for number in range(3)]
    without = [RowValues.of(Group, name="a"), RowValues.of(Group, id=1000, name="b")]
    rows = chain[Group | RowValues](without, [Group(name="c")])
    receive(post_transition, lambda **kwargs: lifecycle.write_along(next(rows)))

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert Group.objects.get(name="b").pk == 1000
    assert Group.objects.filter(name__in="ac").count() == 2


@pytest.mark.django_db
def test_a_row_without_an_instance_has_the_defaults_of_its_fields(receive):
    user = make_user()
    row = RowValues.of(LogEntry, user_id=user.pk, object_repr="ada", action_flag=ADDITION, action_time=MOMENT)
    receive(post_transition, lambda **kwargs: lifecycle.write_along(row))

    user.fsm.lock()

    assert (LogEntry.objects.get().change_message, LogEntry.objects.get().object_id) == ("", None)


@isolate_apps("users")
def test_a_row_without_an_instance_gets_one_where_a_field_computes_its_value():
    class Stamped(models.Model):
        made = models.DateTimeField(auto_now_add=True)

        class Meta:
            app_label = "user_lifecycle"

        def __str__(self):
            return str(self.made)

    assert Rows.of_values(Stamped, [(None, None)], using="default") is None


@pytest.mark.django_db
def test_rows_with_a_key_of_their_own_and_rows_without_go_together(receive):
    people = [make_user(f"person{number}") for number in range(3)]
    rows = iter([Group(name="a"), Group(pk=1000, name="b"), Group(name="c")])
    receive(post_transition, lambda **kwargs: lifecycle.write_along(next(rows)))

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert Group.objects.get(name="b").pk == 1000
    assert Group.objects.filter(name__in="ac").count() == 2


@pytest.mark.django_db
def test_a_row_points_to_the_object_it_was_given_even_if_that_was_saved_later(receive):
    user, late = make_user(), User(username="late")
    row = LogEntry(user=late, object_repr="a", action_flag=ADDITION)
    late.save()
    receive(post_transition, lambda **kwargs: lifecycle.write_along(row))

    user.fsm.lock()

    assert LogEntry.objects.get().user == late


@pytest.mark.django_db
def test_a_row_that_points_to_somebody_who_was_never_saved_undoes_the_transition(receive, move):
    user = make_user()
    before = truth(user)
    receive(
        post_transition, lambda **kwargs: lifecycle.write_along(StateLog(by=User(username="nobody"), object_id="1"))
    )

    with pytest.raises(ValueError, match="unsaved related object"):
        move(user.fsm, "lock")

    assert truth(user) == before


@isolate_apps("users")
def test_a_field_that_computes_its_value_is_asked_for_it(time_machine):
    class Stamped(models.Model):
        name = models.CharField(max_length=10)
        made = models.DateTimeField(auto_now_add=True)
        noted = models.DateTimeField(null=True)

        class Meta:
            app_label = "user_lifecycle"

        def __str__(self):
            return self.name

    time_machine.move_to(MOMENT, tick=False)
    rows = Rows.to_insert([Stamped(name="a"), Stamped(name="b", noted=MOMENT)], using="default")

    assert rows
    assert [list(each) for each in rows.values] == [["a", "b"], [MOMENT, MOMENT], [None, MOMENT]]


@pytest.mark.django_db
def test_rows_that_all_say_the_same_are_as_many_as_were_handed_over(receive):
    people = [make_user(f"person{number}") for number in range(3)]
    receive(
        post_transition,
        lambda **kwargs: lifecycle.write_along(
            LogEntry(user=people[0], object_repr="the same", action_flag=ADDITION, action_time=MOMENT)
        ),
    )

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert LogEntry.objects.filter(object_repr="the same").count() == 3


@pytest.mark.django_db
def test_a_row_that_is_refused_leaves_nothing_of_the_transition(receive, move):
    user = make_user()
    before = truth(user)
    Group.objects.create(name="taken")
    receive(post_transition, lambda **kwargs: lifecycle.write_along(Group(name="taken")))

    with pytest.raises(Exception, match=r"(?i)unique"):
        move(user.fsm, "lock")
    connection.needs_rollback = False

    assert truth(user) == before


@pytest.mark.django_db
def test_accounts_of_one_batch_each_keep_what_is_their_own():
    people = [make_user(f"person{number}") for number in range(4)]
    for number, person in enumerate(people):
        person.fsm.lock(until=None if number % 2 else MOMENT)

    UserFSM.objects.filter(user__in=people).bulk_transition("unlock", by=people[0], description='it\'s %s, {"\\"}')

    for person in people:
        assert assert_true_record(person).state == State.ACTIVE
        record = UserStateAudit.objects.transitions().of(person).last()
        assert record is not None
        assert (record.username, record.sequence) == (person.username, 3)
        assert (record.actor_id, record.description) == (people[0].pk, 'it\'s %s, {"\\"}')


@pytest.fixture
def swallowed():
    """A trigger that drops each row on its way into a table, without an error: `swallowed(table)`."""

    def swallow(table, event):
        with connection.cursor() as cursor:
            cursor.execute("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
            cursor.execute(f"CREATE TRIGGER aaa BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION swallow()")

    return swallow


@postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "event"),
    [
        ("user_audit_userstateaudit", "INSERT"),
        ("django_fsm_log_statelog", "INSERT"),
        ("user_lifecycle_userfsm", "UPDATE"),
    ],
)
def test_a_database_that_swallows_one_part_gets_none(swallowed, move, table, event):
    user = make_user()
    before = truth(user)
    swallowed(table, event)

    with pytest.raises(UserFSM.DoesNotExist):
        move(user.fsm, "lock")

    assert truth(user) == before
