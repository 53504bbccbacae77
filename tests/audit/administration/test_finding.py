"""Records are found by time, person, actor, address, cause, request and words, and any view has a permanent link."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.administration.listing import moments
from audit.context import acting_as
from audit.models import Reading, RecordRead, UserStateAudit
from tests.factories import make_invited, make_superuser, make_user
from users.models import UserFSM
from users.states import State

LIST = "/admin/user_audit/userstateaudit/"

pytestmark = pytest.mark.django_db


def page(client: Client, **parameters: str | int):
    response = client.get(LIST, parameters)
    assert response.status_code == 200, response
    return response


def found(client: Client, **parameters: str | int) -> list[str]:
    """The names in the list of transitions, newest first; births and deaths stand between them."""
    listed = page(client, **parameters).context["cl"].result_list
    return [record.username for record in listed if record.start_state and record.end_state]


@pytest.fixture
def _three_minutes(auditor_client: Client):
    for moment, name in (
        ("2026-02-03 09:52:59.999Z", "before"),
        ("2026-02-03 09:53:00Z", "first"),
        ("2026-02-03 09:53:59.999Z", "last"),
        ("2026-02-03 09:54:00Z", "after"),
    ):
        with time_machine.travel(moment, tick=False):
            make_user(name)


@pytest.mark.usefixtures("_three_minutes")
def test_what_happened_at_a_minute_is_all_of_that_minute(auditor_client: Client):
    minute = "2026-02-03T09:53"
    assert found(auditor_client, since=minute, until=minute) == ["last", "first"]
    assert found(auditor_client, since=minute, until="2026-02-03 09:54:00") == ["after", "last", "first"]
    assert found(auditor_client, since="2026-02-03", until="2026-02-03") == ["after", "last", "first", "before"]
    assert found(auditor_client, until="2026-02-03T09:52:59.999Z") == ["before"]
    assert found(auditor_client, since="2026-02-03T10:53+01:00", until="2026-02-03T10:53:58 01:00") == ["first"]


@pytest.mark.usefixtures("_three_minutes")
def test_the_form_shows_what_was_asked_for_and_keeps_other_filters(auditor_client: Client):
    text = page(auditor_client, since="2026-02-03", until="2026-02-03", to="active").content.decode()
    assert 'value="2026-02-03T00:00"' in text
    assert 'value="2026-02-03T23:59"' in text
    assert '<input type="hidden" name="to" value="active">' in text
    assert '<details class="find" open>' in text
    assert '<details class="find">' in page(auditor_client, to="active").content.decode()


def test_empty_fields_of_the_form_are_not_in_the_address(auditor_client: Client):
    empty = dict.fromkeys(("q", "since", "until", "name", "by_name", "address", "cause", "request", "words"), "")
    response = auditor_client.get(LIST, empty | {"to": "active"}, follow=True)
    assert response.request["QUERY_STRING"] == "to=active"
    assert list(response.context["messages"]) == []


def test_a_clock_that_goes_back_hides_nothing(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        span = moments.parse("2026-10-25T02:30")
        assert span.end - span.start == timedelta(hours=1, minutes=1)
        assert moments.written(span.start) == "2026-10-25T00:30:00.000Z"


@pytest.mark.parametrize(
    "text", ["", "now", "09:53", "2026-02-30", "2026-02-03T24:61", "9999-12-31", "0001-01-01", "٢٠٢٦-02-03", "2026-2-3"]
)
def test_what_is_no_time_is_named(auditor_client: Client, text: str):
    with pytest.raises(ValueError, match=r"."):
        moments.parse(text)
    for name in ("since", "until"):
        response = auditor_client.get(LIST, {name: text}, follow=True)
        assert response.status_code == 200
        assert [f"“{name}” was left out" in str(each) for each in response.context["messages"]] == [True] * bool(text)


def test_people_and_actors_are_found_by_how_their_names_begin(auditor_client: Client):
    make_user("Annabel")
    with acting_as("annual review"):
        make_user("bob", state=State.INVITED).fsm.activate()
    assert found(auditor_client, name="ann") == ["Annabel"]
    assert found(auditor_client, by_name="ann") == ["bob"]
    assert found(auditor_client, name="b", by_name="ANNUAL") == ["bob"]
    assert found(auditor_client, name="nna") == []


def test_an_address_is_exact_unless_it_ends_where_a_network_may(auditor_client: Client):
    for address, name in (("192.0.2.1", "ada"), ("192.0.2.10", "bob"), ("2001:db8::1", "carol")):
        make_user(name, password="right")
        for _ in range(5):
            Client(REMOTE_ADDR=address).post("/accounts/login/", {"username": name, "password": "wrong"})
    assert found(auditor_client, address="192.0.2.1") == ["ada"]
    assert found(auditor_client, address="192.0.2.") == ["bob", "ada"]
    assert found(auditor_client, address="2001:DB8:") == ["carol"]


def test_records_are_found_by_cause(auditor_client: Client):
    ada = make_user("ada")
    ada.is_active = False
    ada.save()
    assert found(auditor_client, cause="is_active") == ["ada"]
    assert "is_active was set" in page(auditor_client, cause="is_active").content.decode()


def test_the_records_of_a_request_are_found_together(auditor_client: Client):
    people = [make_user(name) for name in ("ada", "bob")]
    make_user("other").fsm.lock(by="system")
    with acting_as("sweep"):
        UserFSM.objects.filter(user__in=people).bulk_transition("lock")
    (request_id,) = set(UserStateAudit.objects.filter(initiated_by="sweep").values_list("request_id", flat=True))
    assert request_id
    assert sorted(found(auditor_client, request=request_id)) == ["ada", "bob"]


def test_words_of_the_reason_are_found_anywhere_and_all_must_occur(auditor_client: Client):
    make_user("ada").fsm.lock(by="system", description="The laptop was stolen at the airport")
    make_user("bob").fsm.lock(by="system", description="A stolen phone, 100% sure")
    assert found(auditor_client, words="stolen") == ["bob", "ada"]
    assert found(auditor_client, words="AIRPORT stol") == ["ada"]
    assert found(auditor_client, words="100%") == ["bob"]
    assert found(auditor_client, words="%") == ["bob"]
    assert found(auditor_client, words="stolen train") == []


@pytest.mark.parametrize("name", ["name", "by_name", "address", "cause", "request", "words"])
@pytest.mark.parametrize("value", [" ", "x" * 300, "\x07", "\u202e" * 256])
def test_a_text_that_cannot_be_in_a_record_is_named(auditor_client: Client, name: str, value: str):
    response = auditor_client.get(LIST, {name: value}, follow=True)
    assert response.status_code == 200
    assert [f"“{name}” was left out" in str(each) for each in response.context["messages"]] == [True]


def test_a_permanent_link_shows_the_same_later(auditor_client: Client, auditor: User):
    with time_machine.travel("2026-02-10 12:00Z", tick=False):
        make_user("ada")
        auditor_client.force_login(auditor)
        link = urlsplit(page(auditor_client, days=7, to="active").context["cl"].permanent_link)
    assert link.netloc == "testserver"
    with time_machine.travel("2026-02-20 12:00Z", tick=False):
        auditor_client.force_login(auditor)
        make_user("bob")
        shown = auditor_client.get(f"{link.path}?{link.query}").context["cl"].result_list
        assert [record.username for record in shown if record.username != "auditor"] == ["ada"]
        assert "bob" in found(auditor_client, days=7, to="active")


def test_a_permanent_link_keeps_the_page(auditor_client: Client):
    users = make_invited(f"many{number:04}" for number in range(150))
    UserFSM.objects.filter(user__in=users).bulk_transition("activate")
    older = page(auditor_client, to="active", q="many").context["cl"].pages["older"]
    second = auditor_client.get(LIST + older).context["cl"]
    again = auditor_client.get(second.permanent_link).context["cl"]
    assert [record.pk for record in again.result_list] == [record.pk for record in second.result_list]
    assert len(again.result_list) == 50


def test_finding_takes_as_few_statements_and_counts_nothing(auditor_client: Client):
    make_user("ada").fsm.lock(by="system", description="stolen")
    everything = "since=2020-01-01&until=2100-01-01&name=a&by_name=s&address=C&cause=request&request=x&words=stolen"
    for query in ("words=stolen", "request=x", everything):
        with CaptureQueriesContext(connection) as queries:
            assert auditor_client.get(f"{LIST}?{query}").status_code == 200
        assert len(queries) <= 7  # one more than the list, for the dates above an empty one
        assert not any("COUNT(" in each["sql"].upper() for each in queries)


def test_every_id_on_a_record_leads_somewhere(auditor_client: Client):
    root = make_superuser("root")
    ada = make_user("ada")
    ada.fsm.lock(by=root)
    ada.fsm.unlock(by="helpdesk")
    birth, activation, lock, unlock = UserStateAudit.objects.filter(user=ada).order_by("sequence")
    text = auditor_client.get(f"{LIST}{lock.pk}/change/").content.decode()
    for link in (f"?user={ada.pk}", f"?actor={root.pk}", "?address=CLI"):
        assert f'href="{LIST}{link}"' in text
    assert f'href="{LIST}{activation.pk}/change/" rel="prev"' in text
    assert f'href="{LIST}{unlock.pk}/change/" rel="next"' in text
    assert 'rel="prev"' not in auditor_client.get(f"{LIST}{birth.pk}/change/").content.decode()
    last = auditor_client.get(f"{LIST}{unlock.pk}/change/").content.decode()
    assert 'rel="next"' not in last
    assert f'href="{LIST}?by_name=helpdesk"' in last


def test_the_request_on_a_record_leads_to_all_it_did(auditor_client: Client):
    make_user("ada", password="right")
    for _ in range(5):
        Client().post("/accounts/login/", {"username": "ada", "password": "wrong"})
    record = UserStateAudit.objects.lockouts().get()
    assert record.request_id
    text = auditor_client.get(f"{LIST}{record.pk}/change/").content.decode()
    assert f'href="{LIST}?request={record.request_id}"' in text
    assert found(auditor_client, request=record.request_id) == ["ada"]


def test_a_long_reason_is_behind_a_disclosure_and_a_short_one_is_not(auditor_client: Client):
    make_user("ada").fsm.lock(by="system", description="word " * 50)
    text = page(auditor_client, name="ada", to="locked").content.decode()
    assert '<details class="long">' in text
    assert "word " * 49 + "word" in text
    make_user("bob").fsm.lock(by="system", description="short")
    assert '<details class="long">' not in page(auditor_client, name="bob").content.decode()


def exported(client: Client, kind: str, **parameters: str) -> list[str]:
    response = client.get(f"{LIST}export/{kind}/", parameters)
    assert response.status_code == 200
    assert ".".join(response["Content-Disposition"].rstrip('"').split(".")[1:]) in ("csv", "jsonl", "ocsf.jsonl")
    return response.getvalue().decode().splitlines()


def test_the_list_that_is_seen_is_exported_in_three_formats(auditor_client: Client):
    make_user("ada").fsm.lock(by="system", description="stolen")
    make_user("bob").fsm.lock(by="system", description="broken")
    assert len(exported(auditor_client, "csv", words="stolen")) == 2
    (line,) = exported(auditor_client, "jsonl", words="stolen")
    assert (json.loads(line)["username"], json.loads(line)["transition"]) == ("ada", "lock")
    (event,) = exported(auditor_client, "ocsf", words="stolen")
    assert json.loads(event)["class_uid"] == 3001
    names = [json.loads(line)["username"] for line in exported(auditor_client, "jsonl", to="locked")]
    assert names == ["bob", "ada"]
    assert exported(auditor_client, "ocsf", name="nobody") == exported(auditor_client, "jsonl", name="nobody") == []


def test_each_export_is_noted_with_its_filters(auditor_client: Client):
    make_user("ada").fsm.lock(by="system", description="stolen")
    for kind in ("csv", "jsonl", "ocsf"):
        exported(auditor_client, kind, words="stolen", to="locked")
    notes = RecordRead.objects.filter(what=Reading.EXPORT).values_list("query", "rows")
    assert list(notes) == [("words=stolen&to=locked", 1)] * 3


@pytest.mark.parametrize("kind", ["jsonl", "ocsf"])
def test_an_export_of_many_pages_has_every_record_once(auditor_client: Client, kind: str, monkeypatch):
    monkeypatch.setattr("audit.stream.export.PAGE", 7)
    users = make_invited(f"many{number:04}" for number in range(30))
    UserFSM.objects.filter(user__in=users).bulk_transition("activate")
    lines = [json.loads(line) for line in exported(auditor_client, kind)]
    ids = [line["event_id"] if kind == "jsonl" else line["metadata"]["uid"] for line in lines]
    assert len(ids) == len(set(ids)) == UserStateAudit.objects.count()


def test_an_unknown_kind_of_file_is_not_found_and_needs_the_permission_first(auditor_client: Client):
    assert auditor_client.get(f"{LIST}export/xlsx/").status_code == 404
    staff = Client()
    staff.force_login(make_user("staff", is_staff=True))
    for kind in ("csv", "jsonl", "ocsf", "xlsx"):
        assert staff.get(f"{LIST}export/{kind}/").status_code == 403
        assert auditor_client.post(f"{LIST}export/{kind}/").status_code == (404 if kind == "xlsx" else 405)


def test_a_moment_is_written_so_that_it_is_read_the_same_anywhere():
    now = timezone.now().replace(microsecond=123_000)
    assert moments.parse(moments.written(now)).start == now
    assert isinstance(moments.parse("2026-02-03").start, datetime)
