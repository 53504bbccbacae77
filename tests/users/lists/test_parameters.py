"""Each list drops what it does not offer and what it cannot read, and says so: no 400, no list that starts again."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import RefusedTransition, StreamCursor, UndeliveredEvent
from tests.factories import make_superuser, make_user
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

RECORDS = "admin:user_audit_userstateaudit_changelist"
PEOPLE = "admin:auth_user_changelist"
REFUSALS = "admin:user_audit_refusedtransition_changelist"
READS = "admin:user_audit_recordread_changelist"
STREAMS = "admin:user_audit_streamcursor_changelist"
UNDELIVERED = "admin:user_audit_undeliveredevent_changelist"
MAILS = "admin:user_lifecycle_mail_changelist"
TOKENS = "admin:user_api_servicetoken_changelist"
DASHBOARD = "admin:user_audit_dashboard_changelist"
LISTS = (RECORDS, PEOPLE, REFUSALS, READS, STREAMS, UNDELIVERED, MAILS, TOKENS)


@pytest.fixture
def root_client() -> Client:
    client = Client()
    client.force_login(make_superuser("root"))
    return client


def messages(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def dropped(client: Client, name: str, query) -> tuple[list[str], str]:
    """What is said, and the query of the page that is shown in the end."""
    page = client.get(reverse(name), query, follow=True)
    assert page.status_code == 200, query
    return messages(page), page.request["QUERY_STRING"]


@pytest.mark.parametrize("name", [*LISTS, DASHBOARD])
@pytest.mark.parametrize("parameter", ["nonsense", "e", "password__startswith", "x\0y", "id__regex", "id__range"])
def test_a_parameter_that_a_list_does_not_offer_is_named(root_client: Client, name: str, parameter: str):
    said, shown = dropped(root_client, name, {parameter: "1"})
    assert said == [f"“{parameter}” was left out: this page does not offer it."]
    assert shown == ""


def test_pages_without_a_list_of_django_drop_and_name_what_they_do_not_offer(root_client: Client, settings):
    settings.DEBUG = True  # which opens the mailbox
    history = reverse("admin:auth_user_history", args=(make_user("ada").pk,))

    for path in (history, reverse("mailbox")):
        page = root_client.get(path, {"state": "locked", "p": "x"}, follow=True)
        assert messages(page)[0] == "“state” was left out: this page does not offer it."
        assert (len(messages(page)), page.request["QUERY_STRING"]) == (2, "")
    assert root_client.get(history, {"p": "2"}).status_code == 200


def test_a_search_with_nul_finds_nobody_and_says_so(root_client: Client):
    page = root_client.get(reverse(PEOPLE), {"q": "a\0"})

    assert page.context["cl"].result_count == 0
    assert "Null characters are not allowed" in page.text


@pytest.mark.parametrize(
    ("name", "query"),
    [
        *((name, {"p": value}) for name in (PEOPLE, READS) for value in ("x", "-1", "٣", "0", "7", "9" * 30)),
        *((name, {"o": value}) for name in (PEOPLE, READS) for value in ("x", "99", "1.x", "--1", "9" * 5000)),
        *((name, {"p": "x"}) for name in LISTS[2:]),
        *((name, {"o": "77"}) for name in LISTS[2:]),
        *((PEOPLE, query) for query in ({"state": "lockd"}, {"lock": "é"}, {"since": "x" * 10_000}, {"state": "a\0"})),
        *((PEOPLE, query) for query in ({"is_staff__exact": "2"}, {"groups__id__exact": "x"}, {"all": "", "p": "x"})),
        *((PEOPLE, query) for query in ({"date_joined__year": "99999"}, {"id__gt": "x"}, {"username": "a\0"})),
        *((PEOPLE, query) for query in ({"_to_field": "groups"}, {"last_login__gt": "x"})),
        *((RECORDS, query) for query in ({"to": "lockd"}, {"older": "x"}, {"days": "8"}, {"user": "x"}, {"by": "me"})),
        (RECORDS, {"address": "a\0"}),
        (RECORDS, {"datetime__month": "2"}),
        (RECORDS, {"datetime__year": "2026", "datetime__month": "13"}),
        (REFUSALS, {"reason__exact": "whim"}),
        (REFUSALS, {"datetime__year": "0"}),
        (REFUSALS, {"left_out__exact": "maybe"}),
        (READS, {"what__exact": "novel"}),
        (UNDELIVERED, {"cursor__id__exact": "12"}),
        (MAILS, {"standing": "lost"}),
    ],
)
def test_a_value_that_a_list_cannot_read_is_named(root_client: Client, name: str, query: dict[str, str]):
    StreamCursor.objects.create(name="siem", what="changes", target="-")
    said, shown = dropped(root_client, name, query)
    assert len(said) == 1
    last = [each for each in query if each != "datetime__year" or len(query) == 1][-1]
    assert said[0].startswith(f"“{last}” was left out: "), said
    assert f"{last}=" not in shown


def test_what_can_be_read_stays(root_client: Client):
    make_user("ada", state=State.LOCKED)
    said, shown = dropped(root_client, PEOPLE, {"q": "ad", "state": "locked", "lock": "x", "nonsense": "1", "o": "-1"})
    assert sorted(said) == [
        "“lock” was left out: this page cannot read the value “x”.",
        "“nonsense” was left out: this page does not offer it.",
    ]
    assert shown == "q=ad&state=locked&o=-1"


def test_a_value_that_is_given_twice_is_not_chosen_from(root_client: Client):
    said, shown = dropped(root_client, PEOPLE, {"state": ["locked", "active"]})
    assert said == ["“state” was left out: this page cannot read the value “active”."]
    assert shown == ""


def test_a_flood_of_parameters_is_counted(root_client: Client):
    said, _ = dropped(root_client, PEOPLE, {f"x{number}": "1" for number in range(900)})
    assert len(said) == 6
    assert said[-1] == "895 more parameters were left out."


def test_a_value_in_a_message_is_short_and_escaped(root_client: Client):
    page = root_client.get(reverse(PEOPLE), {"state": f"<script>{'x' * 100}"}, follow=True)
    assert "<script>x" not in page.text
    assert f"cannot read the value “<script>{'x' * 31}…”" in unescape(page.text)


def test_nothing_is_done_to_a_list_that_is_not_the_one_that_was_seen(root_client: Client):
    ada = make_user("ada")
    data = {"action": "lock", "index": "0", "_selected_action": [ada.pk], "select_across": "1", "confirmed": "yes"}
    page = root_client.post(f"{reverse(PEOPLE)}?state=lockd", data, follow=True)
    assert messages(page)[0].startswith("Nothing was done")
    assert not UserFSM.objects.filter(current_state=State.LOCKED).exists()


@pytest.mark.parametrize("name", [RECORDS, PEOPLE, REFUSALS, READS, MAILS])
@pytest.mark.parametrize("search", ["x" * 201, "a\0"])
def test_a_search_that_cannot_be_read_finds_nothing_says_so_and_stays_in_the_box(root_client, name, search):
    page = root_client.get(reverse(name), {"q": search})
    assert page.status_code == 200
    assert len(messages(page)) == 1
    assert list(page.context["cl"].queryset) == []
    assert f'value="{search}"' in page.text


def test_a_search_where_there_is_none_is_named(root_client: Client):
    said, _ = dropped(root_client, STREAMS, {"q": "x"})
    assert said == ["“q” was left out: this page does not offer it."]


def test_an_export_of_what_cannot_be_read_leads_to_the_list_and_exports_nothing(root_client: Client):
    make_user("ada")
    page = root_client.get(f"{reverse(RECORDS)}export/", {"to": "lockd", "q": "ada"}, follow=True)
    assert page.request["PATH_INFO"] == reverse(RECORDS)
    assert page.request["QUERY_STRING"] == "q=ada"
    assert messages(page) == ["“to” was left out: this page cannot read the value “lockd”."]
    refused = root_client.get(f"{reverse(RECORDS)}export/", {"q": "x" * 201}, follow=True)
    assert refused.request["PATH_INFO"] == reverse(RECORDS)
    assert len(messages(refused)) == 1


def test_filters_that_are_read_go_on_as_before(root_client: Client):
    RefusedTransition.objects.create(
        user_id=1, username="ada", transition="lock", state="active", reason="permission", actor_kind="user"
    )
    cursor = StreamCursor.objects.create(name="siem", what="changes", target="-")
    other = StreamCursor.objects.create(name="other", what="reads", target="-")
    for of in (cursor, other):
        UndeliveredEvent.objects.create(cursor=of, key=1, event_id="x", answer="no", refused_at=timezone.now())
    now = timezone.now()
    day = {"datetime__year": now.year, "datetime__month": now.month, "datetime__day": now.day}
    for name, query in (
        (REFUSALS, {"reason__exact": "permission", **day, "o": "1", "q": "ad"}),
        (REFUSALS, {"left_out__exact": "0"}),
        (UNDELIVERED, {"cursor__id__exact": cursor.pk}),
        (PEOPLE, {"is_superuser__exact": "1", "all": "", "_facets": "True"}),
        (PEOPLE, {"_popup": "1", "_to_field": "id", "username__startswith": "ro"}),
        (RECORDS, {"to": "active", "by": "cli", "days": "7", **day, "oldest": "1", "q": "roo"}),
    ):
        page = root_client.get(reverse(name), {key: str(value) for key, value in query.items()})
        assert page.status_code == 200, (query, page.headers)
        assert messages(page) == []
        assert len(page.context["cl"].result_list) == 1, query


REFUSED = {RECORDS: 405, TOKENS: 302}
"""Nothing is posted to the records, and any text can be the key of a token."""


@pytest.mark.parametrize("name", [*LISTS, "admin:auth_group_changelist"])
@pytest.mark.parametrize("key", ["x", "9" * 30, "1.5", "\0", ""])
def test_an_action_on_what_can_be_no_row_is_refused(root_client: Client, name: str, key: str):
    for action in ("delete_selected", "lock", "try_again", "revoke", ""):
        data = {"action": action, "_selected_action": ["1", key], "post": "yes"}
        status = root_client.post(reverse(name), data).status_code
        assert status in (400, REFUSED.get(name)), action
