"""What clients send and people type can be anything; a transition never fails because of it."""

import pytest
from django.test import RequestFactory
from django_fsm_log.models import StateLog

from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

ODD_TEXTS = {
    "NUL": "a\x00b",
    "64 kB": "x" * 65536,
    "lone surrogates": "a\ud800\udfffb",
    "control characters": "\x1b[31mred\x7f\x08",
    "line ends": "first\nsecond\r\nX-Injected: yes",
    "right to left": "abc\u202edef",
    "beyond the basic plane": "😀" * 300,
    "markup": "<script>alert(1)</script>",
    "percent": "%s %(x)s {0} {{ x }}",
    "empty": "",
    "blank": " ",
}
ODD_ADDRESSES = {
    "missing": None,
    "empty": "",
    "unix socket": "unix:/run/app.sock",
    "nonsense": "not an address",
    "NUL": "10.0.0.1\x00",
    "64 kB": "1" * 65536,
    "surrogates": "\ud800",
    "IPv6": "2001:db8::1",
    "IPv6 with port": "[2001:db8::1]:80",
    "IPv6 with zone": "fe80::1%eth0",
    "IPv6 with a zone of any text": "fe80::1%\x00\ud800" + "z" * 200,
    "IPv4 in IPv6": "::ffff:198.51.100.7",
    "IPv4 with port": "198.51.100.7:80",
    "broadcast": "255.255.255.255",
}


@pytest.fixture
def subject():
    return make_user("subject")


@pytest.fixture
def begin_request():
    """Makes the rest of the test part of a request with these headers."""

    def begin(**meta):
        request = RequestFactory().get("/")
        for name, value in meta.items():
            if value is None:
                request.META.pop(name, None)
            else:
                request.META[name] = value
        RequestContextMiddleware.set_request(request)

    yield begin
    RequestContextMiddleware.del_request()


def record_of(subject):
    """The record of the one lock of this user, read anew."""
    assert assert_true_record(subject).state == State.LOCKED
    return UserStateAudit.objects.transitions().of(subject).latest()


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize("header", ["HTTP_USER_AGENT", "HTTP_X_REQUEST_ID", "HTTP_X_FORWARDED_FOR", "HTTP_HOST"])
def test_no_header_makes_a_transition_fail(subject, begin_request, header, text):
    begin_request(**{header: text})

    subject.fsm.lock()

    assert record_of(subject).initiated_by == "anonymous"


@pytest.mark.parametrize("address", ODD_ADDRESSES.values(), ids=ODD_ADDRESSES)
@pytest.mark.parametrize("trusted", [0, 1, 3, ["0.0.0.0/0", "::/0"]], ids=str)
def test_no_address_makes_a_transition_fail(settings, subject, begin_request, address, trusted):
    settings.USERS_TRUSTED_PROXIES = trusted
    begin_request(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=f"{address}, {address}")

    subject.fsm.lock()

    assert len(record_of(subject).ip_address) <= 45


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_no_actor_or_description_makes_a_transition_fail(move, subject, text):
    move(subject.fsm, "lock", by=text, description=text)

    record = record_of(subject)
    assert len(record.initiated_by) <= 255
    assert len(record.description) == len(text)
    assert StateLog.objects.latest("pk").description == (record.description or None)


@pytest.mark.parametrize("name", ["ä" * 150, "Ünï@exämple.com", "a+b@c.d-e_f", "名前"])
def test_no_username_makes_a_transition_fail(name):
    user = make_user(name)

    user.fsm.lock(by=user)

    record = record_of(user)
    assert record.username == record.initiated_by == user.username


def test_a_text_that_no_database_takes_is_recorded_without_what_it_cannot_take(subject):
    subject.fsm.lock(by="a\x00b\ud800c", description="d\x1be\tf\r\n")

    record = record_of(subject)
    assert record.initiated_by == "a\ufffdb\ufffdc"
    assert record.description == "d\ufffde\tf\r\n"


def test_the_users_agent_is_recorded(subject, begin_request):
    begin_request(HTTP_USER_AGENT="Mozilla/5.0 " + "x" * 1000)

    subject.fsm.lock()

    agent = record_of(subject).user_agent
    assert agent.startswith("Mozilla/5.0 xxx")
    assert len(agent) == 500


def test_a_plain_request_id_from_a_trusted_proxy_is_taken_over(settings, subject, begin_request):
    settings.USERS_TRUSTED_PROXIES = ["127.0.0.0/8"]
    begin_request(HTTP_X_REQUEST_ID="req-1:2/3+4=5.6_7")

    subject.fsm.lock()

    assert record_of(subject).request_id == "req-1:2/3+4=5.6_7"


def test_a_request_id_that_anybody_may_have_sent_is_not_believed(subject, begin_request):
    begin_request(HTTP_X_REQUEST_ID="somebody-elses")

    subject.fsm.lock()

    assert record_of(subject).request_id not in ("", "somebody-elses")


def test_the_header_of_the_request_id_is_a_setting(settings, subject, begin_request):
    settings.USERS_TRUSTED_PROXIES = 1
    settings.AUDIT_REQUEST_ID_HEADER = "X-Amzn-Trace-Id"
    begin_request(HTTP_X_AMZN_TRACE_ID="Root=1-67891233", HTTP_X_REQUEST_ID="another")

    subject.fsm.lock()

    assert record_of(subject).request_id == "Root=1-67891233"


@pytest.mark.parametrize("sent", [None, "", "has spaces", "x" * 65, "a\nb", "ä", "a\x00b"])
def test_a_request_without_a_plain_id_gets_one_that_its_transitions_share(subject, begin_request, sent):
    begin_request(HTTP_X_REQUEST_ID=sent)
    other = make_user("other")

    subject.fsm.lock()
    UserFSM.objects.filter(user=other).bulk_transition("lock")

    (own,) = {record_of(user).request_id for user in (subject, other)}
    assert len(own) == 32
    assert own != sent
