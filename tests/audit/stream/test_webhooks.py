import base64
import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from audit.conf import conf
from audit.models import RecordRead, StreamCursor, UndeliveredEvent, UserStateAudit
from audit.stream.exceptions import TargetUnavailable
from audit.stream.formats import FORMATS
from audit.stream.targets import deadline, https
from audit.stream.targets.event import Event
from tests.audit.stream.conftest import SECRET
from tests.audit.stream.receivers import (
    after_hints,
    as_of_old,
    broken,
    dead,
    dead_after_keeping,
    dripping,
    in_chunks,
    silent,
    twice,
    with_status,
    with_text,
)
from tests.factories import make_superuser, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(receiver, **options):
    call_command("audit_stream", to=receiver.url, **options)


def keys(receiver):
    return [json.loads(body)["id"] for _, body in receiver.received]


def all_keys():
    return list(UserStateAudit.objects.order_by("pk").values_list("pk", flat=True))


def test_every_record_arrives_once_and_signed_in_its_order(receiver, pauses):
    for name in ("ada", "bob"):
        make_user(name).fsm.lock(by="system", description="é \u2028 <b>")

    deliver(receiver)
    deliver(receiver)

    assert keys(receiver) == all_keys()  # the receiver has verified each signature


@pytest.mark.parametrize(
    "answer",
    [*map(with_status, [500, 503, 429, 408, 301, 302]), dead, silent, dripping, broken],
    ids=["500", "503", "429", "408", "301", "302", "death", "silence", "single bytes", "half an answer"],
)
def test_an_event_that_is_not_taken_is_delivered_again_before_the_next(receiver, pauses, monkeypatch, answer):
    monkeypatch.setattr(https, "TIMEOUT", 0.3)
    monkeypatch.setattr(deadline, "LONGEST", 0.6)
    make_user().fsm.lock(by="system")
    receiver.answers = [with_status(204), answer, answer]

    deliver(receiver)

    assert keys(receiver) == all_keys()
    assert receiver.asked[1] == receiver.asked[2] == receiver.asked[3]
    assert len(pauses) == 2


def test_an_event_whose_answer_was_lost_arrives_twice_with_the_same_id(receiver, pauses):
    make_user()
    receiver.answers = [dead_after_keeping]

    deliver(receiver)

    first, second, *_ = receiver.received
    assert first == second
    assert list(dict.fromkeys(keys(receiver))) == all_keys()


def test_no_id_ever_comes_with_another_text_whatever_happens_to_the_record(receiver, pauses, settings, tmp_path):
    admin = make_superuser("admin")
    make_user("ada").fsm.lock(by=admin, description="stolen")
    RecordRead.objects.create(what="export", actor_kind="user", actor_id=admin.pk, initiated_by="admin", rows=3)

    def redeliver(**options):
        StreamCursor.objects.update(last_id=0, trail=[], gaps=[])
        deliver(receiver, **options)

    redeliver()
    first = list(receiver.received)
    for what in ("changes,reads", "changes"):
        redeliver(what=what)
    for form in ("ocsf", "ecs", "csv", "ocsf-user-management"):
        redeliver(form=form)
    settings.AUDIT_SIGNING_KEYS = ["a new key of enough length, which signs from now on", *conf.signing_keys]
    redeliver()
    RecordRead.objects.update(rows=12)
    redeliver(what="reads")
    call_command("audit_erase", "ada", reason="asked for", stdout=StringIO())
    call_command("audit_erase", "admin", reason="asked for", stdout=StringIO())
    redeliver(what="changes,reads")
    settings.AUDIT_RETENTION_MINIMUM = timedelta(0)
    call_command("audit_prune", before=timezone.now().isoformat(), archive=tmp_path / "old.gz", stdout=StringIO())
    redeliver()

    assert receiver.received[: 2 * len(first)] == [*first, *first]
    texts: dict[str, set[str]] = {}
    for identity, text in receiver.received:
        texts.setdefault(identity, set()).add(text)
    assert {len(each) for each in texts.values()} == {1}
    assert len({text for _, text in receiver.received}) == len(texts)
    erased = [json.loads(text) for _, text in receiver.received[-20:] if text.startswith('{"event_id')]
    assert {"", "admin", "ada"} & {event.get("username", "") for event in erased}


def test_a_second_answer_is_not_taken_for_the_answer_to_the_next_event(receiver, pauses):
    make_user().fsm.lock(by="system")
    receiver.answers = [twice, with_status(500)]

    deliver(receiver)

    assert keys(receiver) == all_keys()
    assert len(pauses) == 1  # the 500 was heard


@pytest.mark.parametrize(
    "answer",
    [in_chunks, as_of_old, with_status(205), with_text(200, b"x" * 5_000_000)],
    ids=["chunks and a trailer", "HTTP/1.0", "205", "a long text"],
)
def test_any_whole_answer_of_2xx_counts(receiver, pauses, answer):
    make_user().fsm.lock(by="system")
    receiver.answers = [answer, answer]

    deliver(receiver)

    assert keys(receiver) == all_keys()
    assert pauses == []


@pytest.mark.parametrize("hints", [(100,), (102,), (103,), (102, 100, 103)])
def test_a_hint_is_not_taken_for_the_answer_that_follows(receiver, pauses, hints):
    make_user().fsm.lock(by="system")
    receiver.answers = [after_hints(*hints, then=each) for each in (with_status(204), with_text(422, b"no"))]

    deliver(receiver)

    assert UndeliveredEvent.objects.get().answer == "422 Unprocessable Entity no"
    assert len(receiver.received) == len(all_keys()) - 1
    assert pauses == []


@pytest.mark.parametrize("asked", ["40", " 40 ", "Mon, 30 Nov 2026 09:00:40 GMT"])
@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_receiver_asks_for_a_pause_in_seconds_or_by_a_date(receiver, pauses, status, asked):
    make_user()
    receiver.answers = [with_status(status, Retry_After=asked)]

    with time_machine.travel("2026-11-30 09:00:00Z", tick=False):
        deliver(receiver)

    assert sum(pauses) == 40


def test_pauses_grow_and_a_receiver_may_ask_for_a_longer_one(receiver, pauses):
    make_user()
    receiver.answers = [*[with_status(503)] * 3, with_status(429, Retry_After="40")]

    deliver(receiver)

    waited = [sum(pauses[:1]), sum(pauses[1:2]), sum(pauses[2:3]), sum(pauses[3:])]
    assert waited[0] < waited[1] < waited[2] < waited[3] == 40
    assert keys(receiver) == all_keys()


def test_a_table_without_new_rows_makes_nobody_impatient(receiver, pauses):
    make_user()
    receiver.answers = [with_status(503)] * 20

    with pytest.raises(CommandError, match="503"):
        deliver(receiver, what="changes,refusals,reads")

    assert len(receiver.asked) == 5
    assert pauses == sorted(pauses)


def test_a_receiver_that_stays_away_ends_the_run_and_loses_nothing(receiver, pauses):
    make_user()
    receiver.answers = [with_status(204), *[with_status(503)] * 5]

    with pytest.raises(CommandError, match="503"):
        deliver(receiver)
    error = StreamCursor.objects.get().last_error
    deliver(receiver)

    assert "503" in error
    assert keys(receiver) == all_keys()


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
def test_a_refused_event_is_kept_apart_with_the_answer_and_the_next_ones_go_on(receiver, pauses, status):
    make_user().fsm.lock(by="system")
    receiver.answers = [with_status(204), with_status(status)]

    deliver(receiver)

    first, refused, *rest = all_keys()
    assert keys(receiver) == [first, *rest]
    kept = UndeliveredEvent.objects.get()
    assert kept.key == refused
    assert kept.answer.startswith(str(status))

    deliver(receiver, again=True)

    assert keys(receiver) == [first, *rest, refused]
    assert not UndeliveredEvent.objects.exists()


@pytest.mark.parametrize("text", [b"no \0 in names", b"\xff\xfe", "\u2028".encode()])
def test_whatever_a_receiver_writes_can_be_kept_and_shown(receiver, pauses, admin, client, text):
    make_user()
    receiver.answers = [with_text(400, text), with_text(503, text)]

    deliver(receiver)
    assert UndeliveredEvent.objects.get().answer.startswith("400 Bad Request")
    receiver.answers = [with_text(503, text)] * 5
    make_user("bob")
    with pytest.raises(CommandError, match="503"):
        deliver(receiver)

    assert StreamCursor.objects.get().last_error.startswith("503 Service Unavailable")
    page = client.get("/admin/user_audit/streamcursor/")
    assert "503 Service Unavailable" in page.content.decode()


def test_refused_events_wait_for_a_receiver_too(receiver, pauses):
    make_user()
    receiver.answers = [with_status(422)] * 2
    deliver(receiver)
    receiver.answers = [with_status(503)] * 4

    deliver(receiver, again=True)

    assert len(pauses) == 4
    assert keys(receiver) == all_keys()
    assert not UndeliveredEvent.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM user_audit_userstateaudit WHERE username = 'eve'",
        "UPDATE user_audit_userstateaudit SET signature = '2.00000000.ff' WHERE username = 'eve'",
    ],
    ids=["archived or lost", "another under its key"],
)
def test_a_refused_event_whose_row_is_gone_is_named_and_nothing_delivered_for_it(
    receiver, pauses, tamper, capsys, change
):
    make_user("eve")
    receiver.answers = [with_status(422)] * 2
    deliver(receiver)
    tamper(change)
    asked = len(receiver.asked)

    with suppress(CommandError):
        deliver(receiver, again=True, what="changes")

    refused = [each.event_id for each in UndeliveredEvent.objects.order_by("key")]
    said = capsys.readouterr().err
    assert all(f"{event} was refused and is no longer there" in said for event in refused)
    assert "0 events that had been refused" in said
    assert not [each for each in receiver.asked[asked:] if each.startswith(tuple(refused))]


def test_a_receiver_that_refuses_everything_stops_the_stream(receiver, pauses):
    for number in range(10):
        make_user(f"user{number}")
    receiver.answers = [with_status(401)] * 100

    with pytest.raises(CommandError, match="10 events in a row"):
        deliver(receiver)

    assert UndeliveredEvent.objects.count() == 10
    receiver.answers = []
    deliver(receiver, again=True)
    assert sorted(keys(receiver)) == all_keys()


@pytest.mark.parametrize(
    "address",
    [
        "http://siem.example.com/",
        "https:///x",
        "https://a:b@example.com/",
        "ftp://x",
        "https://x:99999/",
        "https://.../",
        f"https://{'a' * 300}.example.com/",
        f"syslog+tls://{'a' * 300}",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(receiver, address):
    with pytest.raises(CommandError, match="is n"):
        call_command("audit_stream", to=address)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%"])
def test_without_a_usable_secret_nothing_is_sent(receiver, settings, secret):
    settings.AUDIT_STREAM_WEBHOOK_SECRET = secret

    with pytest.raises(CommandError, match="AUDIT_STREAM_WEBHOOK_SECRET"):
        deliver(receiver)
    assert receiver.asked == []


def test_while_a_secret_is_replaced_receivers_with_either_verify_the_events(receiver, pauses, settings):
    new = "whsec_" + base64.b64encode(b"another secret of twenty-four").decode()
    make_user()
    settings.AUDIT_STREAM_WEBHOOK_SECRET = f"{new} {SECRET}"

    deliver(receiver)
    receiver.signer = Webhook(new)
    deliver(receiver, cursor="another")

    assert keys(receiver) == all_keys() * 2


@pytest.mark.parametrize("address", ["https://[::1]/", "https://[2001:db8::5]/", "https://siem.example.com/"])
def test_without_a_port_it_is_that_of_https(receiver, monkeypatch, address):
    asked = []

    def connect(place, **options):
        asked.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", connect)
    target = https.at(address, FORMATS["jsonl"])

    with pytest.raises(TargetUnavailable):
        list(target.deliver([Event("1", None, "{}")]))
    assert asked == [(address[8:-1].strip("[]"), 443)]


@pytest.mark.parametrize("address", ["https://siem.example.com/ereignisse-ü", "https://siem.example.com/a b"])
def test_a_path_that_no_request_can_have_is_refused(receiver, address):
    with pytest.raises(CommandError, match="%20"):
        call_command("audit_stream", to=address)


def test_the_query_of_an_address_is_not_kept_because_it_may_be_secret(receiver, pauses):
    call_command("audit_stream", to=f"{receiver.url}?token=secret")

    assert StreamCursor.objects.get().target == receiver.url


def test_a_word_from_a_file_with_a_line_break_at_its_end_is_sent(receiver, pauses, settings):
    make_user()
    settings.AUDIT_STREAM_AUTHORIZATION = "Bearer secret\n"

    deliver(receiver)

    assert keys(receiver) == all_keys()


@pytest.mark.parametrize("word", ["Bearer a\nb", "Bearer ü", "Bearer \x00"])
def test_a_word_that_no_header_can_have_is_refused_and_not_told(receiver, settings, word):
    settings.AUDIT_STREAM_AUTHORIZATION = word

    with pytest.raises(CommandError, match="AUDIT_STREAM_AUTHORIZATION") as raised:
        deliver(receiver)
    assert word not in str(raised.value)
