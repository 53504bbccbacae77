"""Who acts: in the order of the design, and the same in our record and in django-fsm-log's."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject
from django_fsm_log.models import StateLog

from audit.context import NO_REQUEST, acting_as, origin
from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from tests.factories import make_user
from users.actors import CLI
from users.models import UserFSM

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject():
    return make_user("subject")


@pytest.fixture
def actor():
    return make_user("actor")


@pytest.fixture
def request_of():
    """Makes the rest of the test part of a request of this user."""

    def begin(user=None):
        request = RequestFactory().get("/")
        if user is not None:
            request.user = user
        RequestContextMiddleware.set_request(request)
        return request

    yield begin
    RequestContextMiddleware.del_request()


def recorded(subject):
    """Who made the last transition of this user, after comparing what both records say."""
    record = UserStateAudit.objects.transitions().of(subject).latest()
    state_log = StateLog.objects.filter(object_id=subject.fsm.pk).latest("pk")
    assert state_log.by_id == record.actor_id
    assert (state_log.description or "") == record.description
    assert state_log.timestamp == record.datetime
    assert (state_log.transition, state_log.source_state, state_log.state) == (
        record.transition,
        record.start_state,
        record.end_state,
    )
    return record.initiated_by, record.actor_id


def test_the_user_named_by_the_call_goes_before_everybody(subject, actor, request_of):
    request_of(make_user("logged in"))

    with acting_as("nightly"):
        subject.fsm.lock(by=actor)

    assert recorded(subject) == ("actor", actor.pk)


def test_the_text_named_by_the_call_goes_before_everybody(subject, request_of):
    request_of(make_user("logged in"))

    with acting_as("nightly"):
        subject.fsm.lock(by="system")

    assert recorded(subject) == ("system", None)


def test_acting_as_goes_before_the_user_of_the_request(subject, actor, request_of):
    request_of(actor)

    with acting_as("nightly"):
        subject.fsm.lock()

    assert recorded(subject) == ("nightly", None)


def test_acting_as_ends_with_its_block_and_the_inner_one_counts(subject):
    with acting_as("outer"):
        with pytest.raises(LookupError), acting_as("inner"):
            subject.fsm.lock()
            assert recorded(subject) == ("inner", None)
            raise LookupError
        subject.fsm.unlock()
        assert recorded(subject) == ("outer", None)
    subject.fsm.lock()
    assert recorded(subject) == (CLI, None)


@pytest.mark.parametrize("lazy", [False, True])
def test_the_user_of_the_request_counts_where_nobody_was_named(subject, actor, request_of, lazy):
    request_of(SimpleLazyObject(lambda: User.objects.get(pk=actor.pk)) if lazy else actor)

    subject.fsm.lock()

    assert recorded(subject) == ("actor", actor.pk)


@pytest.mark.parametrize(
    "user", [None, AnonymousUser(), SimpleLazyObject(AnonymousUser)], ids=["none", "plain", "lazy"]
)
def test_a_request_without_a_person_is_anonymous(subject, request_of, user):
    request_of(user)

    subject.fsm.lock()

    assert recorded(subject) == ("anonymous", None)


def test_an_anonymous_user_can_be_named(subject):
    subject.fsm.lock(by=AnonymousUser())

    assert recorded(subject) == ("anonymous", None)


def test_without_a_request_and_a_name_it_is_the_command_line(subject):
    subject.fsm.lock()

    assert recorded(subject) == (CLI, None)
    assert origin() == NO_REQUEST
    assert UserStateAudit.objects.transitions().of(subject).latest().ip_address == CLI


def test_an_empty_name_names_nobody(subject, actor, request_of):
    request_of(actor)

    with acting_as(""):
        subject.fsm.lock(by="")

    assert recorded(subject) == ("actor", actor.pk)


def test_an_empty_name_within_acting_as_is_whoever_acts_there(subject, request_of):
    request_of(make_user("logged in"))

    with acting_as("nightly"):
        subject.fsm.lock(by="")

    assert recorded(subject) == ("nightly", None)


def test_a_person_can_act_on_the_own_account(subject):
    subject.fsm.lock(by=subject)

    assert recorded(subject) == ("subject", subject.pk)


def test_an_actor_who_was_deleted_stays_in_the_record_by_name(subject, actor):
    subject.fsm.lock(by=actor)
    actor.delete()

    record = UserStateAudit.objects.transitions().of(subject).latest()
    assert record.initiated_by == "actor"
    assert record.actor_id is not None


def test_both_records_agree_in_bulk(subject, actor, request_of):
    request_of(actor)

    UserFSM.objects.filter(user=subject).bulk_transition("lock", description="audit")

    assert recorded(subject) == ("actor", actor.pk)


def test_a_description_given_by_the_call_is_in_both_records(subject):
    subject.fsm.lock(description="reported\r\n\tstolen")

    assert recorded(subject) == (CLI, None)
    assert UserStateAudit.objects.transitions().of(subject).latest().description == "reported\r\n\tstolen"
