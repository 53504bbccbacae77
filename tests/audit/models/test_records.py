"""The record can be asked in the domain's words, cannot be changed, and is logged when it is committed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django_fsm.signals import post_transition

from audit.exceptions import RecordIsAppendOnly
from audit.models import UserStateAudit
from audit.receivers import record_transition
from tests.factories import make_user
from tests.truth import truth
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def story(time_machine):
    """Somebody who joined at noon, was activated a minute later, locked by the boss another, and unlocked."""
    time_machine.move_to(NOON, tick=False)
    user, boss = make_user("ada", state=State.INVITED), make_user("boss")
    for transition, by in (("activate", "system"), ("lock", boss), ("unlock", boss)):
        time_machine.shift(MINUTE)
        getattr(user.fsm, transition)(by=by)
    time_machine.shift(MINUTE)
    return user, boss


def names(records):
    return [(each.username, each.transition) for each in records]


def test_the_record_of_a_user_is_in_the_order_in_which_it_happened(story):
    user, boss = story

    assert names(UserStateAudit.objects.transitions().of(user)) == [
        ("ada", "activate"),
        ("ada", "lock"),
        ("ada", "unlock"),
    ]
    assert names(UserStateAudit.objects.transitions().of(boss)) == [("boss", "activate")]


def test_the_record_knows_what_an_actor_did(story):
    user, boss = story

    assert names(UserStateAudit.objects.by(boss).order_by("pk")) == [("ada", "lock"), ("ada", "unlock")]
    assert names(UserStateAudit.objects.by("system").order_by("pk")) == [("boss", "activate"), ("ada", "activate")]
    assert not UserStateAudit.objects.by(user).exists()


def test_a_person_with_the_name_of_a_text_is_somebody_else(story):
    user, _ = story
    system = make_user("system")

    user.fsm.lock(by=system)

    assert names(UserStateAudit.objects.by(system)) == [("ada", "lock")]
    assert ("ada", "lock") not in names(UserStateAudit.objects.by("system"))


def test_the_record_knows_what_happened_between_two_moments(story):
    between = UserStateAudit.objects.transitions().of(story[0]).between

    assert names(between(NOON + MINUTE, NOON + 3 * MINUTE)) == [("ada", "activate"), ("ada", "lock")]
    assert names(between(NOON + 3 * MINUTE, NOON + 4 * MINUTE)) == [("ada", "unlock")]
    assert names(between(NOON + 4 * MINUTE, NOON + 3 * MINUTE)) == []


@pytest.mark.parametrize("ask", [{"cause": "typo"}, {"actor_kind": "typo"}, {"start_state": "lokced"}])
def test_a_misspelt_value_is_an_error_and_no_empty_answer(ask):
    with pytest.raises(ValueError, match="is not a valid"):
        UserStateAudit.objects.of_kind(**ask)
    with pytest.raises(ValueError, match="'lokced' is not a valid State"):
        UserStateAudit.objects.into("lokced")


def test_the_record_knows_who_came_into_a_state(story):
    assert names(UserStateAudit.objects.into(State.LOCKED)) == [("ada", "lock")]
    assert not UserStateAudit.objects.into(State.DEACTIVATED).exists()


def test_the_questions_can_be_put_together(story):
    user, boss = story

    asked = UserStateAudit.objects.transitions().of(user).by(boss).into(State.ACTIVE).between(NOON, NOON + 9 * MINUTE)

    assert names(asked) == [("ada", "unlock")]


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (-1, None),
        (0, State.INVITED),
        (0.99, State.INVITED),
        (1, State.ACTIVE),
        (2, State.LOCKED),
        (2.99, State.LOCKED),
        (3, State.ACTIVE),
        (999, State.ACTIVE),
    ],
)
def test_the_record_knows_in_which_state_a_user_was(story, minutes, state):
    assert UserStateAudit.objects.state_at(story[0], NOON + minutes * MINUTE) == state


def test_a_user_without_a_record_is_in_the_state_of_the_start(time_machine):
    time_machine.move_to(NOON, tick=False)
    user = make_user(state=State.INVITED)

    assert UserStateAudit.objects.state_at(user, NOON + MINUTE) == State.INVITED
    assert UserStateAudit.objects.state_at(user, NOON - MINUTE) is None


def test_a_question_about_a_state_asks_the_database_that_the_queryset_is_for(story):
    assert UserStateAudit.objects.using("default").state_at(story[0], NOON + MINUTE) == State.ACTIVE


def test_a_record_cannot_be_changed_or_deleted(story):
    record = UserStateAudit.objects.transitions().of(story[0]).latest()

    for forbidden in (
        record.save,
        record.delete,
        UserStateAudit.objects.transitions().all().delete,
        lambda: UserStateAudit.objects.update(initiated_by="nobody"),
        lambda: UserStateAudit.objects.bulk_update([record], ["initiated_by"]),
    ):
        with pytest.raises(RecordIsAppendOnly):
            forbidden()

    assert UserStateAudit.objects.transitions().of(story[0]).count() == 3


def test_the_record_outlives_its_user(story):
    user, boss = story
    key = user.pk
    user.delete()
    boss.delete()

    assert names(UserStateAudit.objects.transitions().filter(user_id=key).order_by("sequence"))[1] == ("ada", "lock")
    assert UserStateAudit.objects.transitions().get(user_id=key, sequence=2).initiated_by == "boss"


def test_no_record_means_no_change():
    user = make_user()
    before = truth(user)

    def full(execute, sql, params, many, context):
        if "user_audit_userstateaudit" in sql and not sql.lstrip().startswith("SELECT"):
            raise OSError("no space left on device")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full), pytest.raises(OSError, match="no space"):
        user.fsm.lock()

    assert truth(user) == before


def test_without_the_receiver_of_the_record_the_database_refuses_the_change(request):
    user = make_user()
    before = truth(user)
    uid = "audit.record_transition"
    assert post_transition.disconnect(sender=UserFSM, dispatch_uid=uid)
    request.addfinalizer(lambda: post_transition.connect(record_transition, sender=UserFSM, dispatch_uid=uid))

    with pytest.raises(Exception, match="record"), transaction.atomic():
        user.fsm.lock()

    assert truth(user) == before


def logged(caplog):
    """The lines of transitions."""
    lines = [json.loads(each.getMessage()) for each in caplog.records if each.name == "audit"]
    return [line for line in lines if line["start_state"] and line["end_state"]]


@pytest.mark.django_db(transaction=True)
def test_a_committed_change_is_logged_as_one_line_of_json(caplog):
    user = make_user(state=State.INVITED)

    user.fsm.activate(by="system", description="line\nend")

    (line,) = logged(caplog)
    record = UserStateAudit.objects.transitions().get()
    assert "\n" not in caplog.messages[-1]
    assert line["username"] == "ada"
    assert (line["user_id"], line["sequence"]) == (user.pk, 1)
    assert (line["transition"], line["start_state"], line["end_state"]) == ("activate", "invited", "active")
    assert (line["initiated_by"], line["actor_id"], line["ip_address"]) == ("system", None, "CLI")
    assert line["description"] == "line\nend"
    assert line["datetime"] == str(record.datetime)


@pytest.mark.django_db(transaction=True)
def test_a_change_is_logged_when_it_is_committed_and_not_before(caplog):
    user = make_user(state=State.INVITED)

    with transaction.atomic():
        user.fsm.activate()
        assert logged(caplog) == []

    assert len(logged(caplog)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_is_not_logged(caplog):
    user = make_user(state=State.INVITED)

    with pytest.raises(LookupError), transaction.atomic():
        user.fsm.activate()
        raise LookupError

    assert logged(caplog) == []


@pytest.mark.django_db(transaction=True)
def test_every_change_of_a_bulk_transition_is_logged(caplog):
    people = [make_user(f"person{number}", state=State.INVITED) for number in range(3)]

    UserFSM.objects.filter(user__in=people).bulk_transition("activate", batch_size=2)

    assert [line["username"] for line in logged(caplog)] == ["person0", "person1", "person2"]
