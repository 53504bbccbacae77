"""An operation can be undone for those who are still as it left them, by the opposite operation with its own record."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import RefusedTransition, UserStateAudit
from tests.factories import make_invited, make_superuser, make_user
from tests.staff import LIST, act, confirm, make_staff, press
from tests.truth import assert_true_record, truth
from users.operations.registry import ALL
from users.operations.undoing import opposite_of
from users.states import State

pytestmark = pytest.mark.django_db

UNDO = "admin:auth_user_undo"


def links_after(response):
    """The links of the messages, by their text."""
    messages = " ".join(map(str, get_messages(response.wsgi_request)))
    return {text: unescape(url) for url, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', messages)}


def undo(client, url, reason="undo of a mistake", expected=1):
    return client.post(url, {"confirmed": str(expected), "own_words": reason})


@pytest.fixture
def three():
    return [make_user(name) for name in ("one", "two", "three")]


def test_every_transition_is_undone_by_the_one_that_leads_back():
    opposites = {name: opposite_of(name) for name in ALL}
    assert opposites == opposites | {
        "activate": None,
        "lock": "unlock",
        "unlock": "lock",
        "deactivate": "reactivate",
        "reactivate": "deactivate",
        "keep_locked": None,
        "resend_invitation": None,
        "end_sessions": None,
    }


def test_the_message_leads_to_exactly_those_who_were_changed(client, admin, three):
    make_user("other", state=State.LOCKED)
    make_user("already", state=State.LOCKED)
    response = confirm(client, "lock", *three, User.objects.get(username="already"), expected=3)

    page = client.get(links_after(response)["Show them"])

    assert {user.username for user in page.context["cl"].result_list} == {"one", "two", "three"}
    assert "Changed by one operation" in page.content.decode()


def test_an_undo_is_asked_for_on_a_page_with_its_reason_and_recorded_as_one(client, admin, three):
    response = confirm(client, "lock", *three, expected=3)
    url = links_after(response)["Undo"]

    page = client.get(url)
    assert page.context["tally"].changed == 3
    assert [each.username for each in page.context["changed_names"].first] == ["one", "two", "three"]
    reason = page.context["form"]["own_words"].value()
    (trace,) = parse_qs(urlsplit(url).query)["request"]
    assert reason == f"Undo of “Lock” (request {trace})"
    assert all(truth(user).state == State.LOCKED for user in three)

    response = undo(client, url, reason, expected=3)

    assert response.status_code == 302
    for user in three:
        last = assert_true_record(user).records[-1]
        assert last == (3, State.LOCKED, State.ACTIVE)
    records = UserStateAudit.objects.filter(transition="unlock")
    assert {(record.description, record.initiated_by) for record in records} == {(reason, "admin")}
    assert [record.details for record in records] == [{"undoes": trace}] * 3


def test_an_undo_can_itself_be_undone(client, admin, three):
    first = undo(client, links_after(confirm(client, "lock", *three, expected=3))["Undo"], expected=3)

    undo(client, links_after(first)["Undo"], expected=3)

    assert [truth(user).state for user in three] == [State.LOCKED] * 3


def test_one_person_is_undone_from_their_page_and_led_back_to_it(client, admin):
    person = make_user("person")
    url = links_after(press(client, "deactivate", person))["Undo"]

    response = undo(client, url)

    assert response.url == reverse("admin:auth_user_change", args=[person.pk])
    assert truth(person).state == State.ACTIVE


def test_those_who_were_changed_since_are_left_and_named(client, admin, three):
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]
    three[1].fsm.unlock(by="somebody else")
    three[1].fsm.lock(by="somebody else")

    page = client.get(url)

    assert page.context["tally"].changed == 2
    assert [(each.username, each.why) for each in page.context["left_names"].first] == [("two", "changed since")]
    undo(client, url, expected=2)
    assert [truth(user).state for user in three] == [State.ACTIVE, State.LOCKED, State.ACTIVE]


def test_another_administrator_undoes_what_is_left_after_one_was_deleted_and_only_once(client, admin, three):
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]
    three[0].delete()
    other = make_superuser("other")
    client.force_login(other)

    page = client.get(url)
    assert page.context["tally"].changed == 2
    undone = undo(client, url, expected=2)

    assert [truth(user).state for user in three[1:]] == [State.ACTIVE, State.ACTIVE]
    assert UserStateAudit.objects.filter(transition="unlock", initiated_by="other").count() == 2
    again = client.get(url)
    assert again.context["tally"].changed == 0
    assert [each.why for each in again.context["left_names"].first] == ["changed since"] * 2
    shown = client.get(links_after(undone)["Show them"])
    assert {user.username for user in shown.context["cl"].result_list} == {"two", "three"}


def test_an_administrator_who_lost_the_permission_in_between_undoes_nothing(client, three):
    staff = make_staff("staff", "lock_userfsm", "unlock_userfsm", "view_userstateaudit")
    client.force_login(staff)
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]
    staff.user_permissions.remove(*staff.user_permissions.filter(codename__startswith="unlock"))

    assert client.get(url).status_code == 403
    assert undo(client, url, expected=3).status_code == 403
    assert [truth(user).state for user in three] == [State.LOCKED] * 3


def test_the_page_is_shown_again_if_somebody_was_changed_while_it_was_read(client, admin, three):
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]
    three[0].fsm.unlock(by="somebody else")

    response = undo(client, url, expected=3)

    assert response.context["has_changed"]
    assert truth(three[1]).state == State.LOCKED


def test_an_undo_makes_nobody_active_who_was_not_before(client, admin):
    invited, active = make_user("invited", state=State.INVITED), make_user("active")
    url = links_after(confirm(client, "deactivate", invited, active, expected=2))["Undo"]

    left = client.get(url).context["left_names"].first
    assert [(each.username, each.why) for each in left] == [("invited", "invited before")]
    undo(client, url)

    assert (truth(invited).state, truth(active).state) == (State.DEACTIVATED, State.ACTIVE)


def test_thousands_are_undone_under_one_id(client, admin, settings):
    settings.USERS_BULK_BATCH_SIZE = 500
    people = make_invited(f"person{number}" for number in range(1_200))
    everybody = {"url": f"{reverse(LIST)}?q=person", "select_across": "1"}
    confirm(client, "activate", people[0], expected=1_200, **everybody)
    url = links_after(confirm(client, "lock", people[0], expected=1_200, **everybody))["Undo"]

    undo(client, url, expected=1_200)

    records = UserStateAudit.objects.filter(transition="unlock")
    assert records.count() == 1_200
    assert records.values("request_id").distinct().count() == 1


def test_the_permission_of_the_opposite_operation_is_asked_for_and_the_refusal_kept(client, three):
    staff = make_staff("staff", "lock_userfsm", "view_userstateaudit")
    client.force_login(staff)
    links = links_after(confirm(client, "lock", *three, expected=3))
    assert "Undo" not in links
    url = links["Show them"].replace("user/?", "user/undo/?operation=lock&")

    for response in (client.get(url), undo(client, url, expected=3)):
        assert response.status_code == 403
    assert all(truth(user).state == State.LOCKED for user in three)
    assert RefusedTransition.objects.filter(transition="unlock", actor_id=staff.pk).exists()


def test_nobody_undoes_without_permission_to_see_people(client, three):
    client.force_login(make_superuser("root"))
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]
    staff = make_staff("staff", "unlock_userfsm")
    staff.user_permissions.set(staff.user_permissions.filter(codename="unlock_userfsm"))
    client.force_login(staff)

    assert client.get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_superusers_stay_protected_from_an_undo(client, admin):
    other = make_superuser("other", is_active=False)
    url = links_after(confirm(client, "reactivate", other, expected=1))["Undo"]
    client.force_login(make_staff("staff", "deactivate_userfsm"))

    assert client.get(url).context["tally"].left == {"protected: only superusers may do this": 1}
    undo(client, url, expected=0)
    assert truth(other).state == State.ACTIVE


def test_after_some_time_nothing_is_undone(client, admin, three, settings):
    settings.USERS_UNDO_MAX_AGE = timedelta(hours=2)
    url = links_after(confirm(client, "lock", *three, expected=3))["Undo"]

    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1)):
        client.force_login(admin)
        response = undo(client, url, expected=3)

    assert response.url == reverse(LIST)
    assert [str(message) for message in get_messages(response.wsgi_request)][-1] == "This can no longer be undone."
    assert all(truth(user).state == State.LOCKED for user in three)


@pytest.mark.parametrize("parameters", ["", "?operation=activate", "?operation=made-up&request=x", "?operation=%01"])
def test_an_operation_without_an_opposite_is_not_found(client, admin, parameters):
    assert client.get(reverse(UNDO) + parameters).status_code == 404


@pytest.mark.parametrize("trace", ["", "unknown", "a%01b", "%FF", "x" * 5000, "’ OR 1=1"])
def test_an_id_that_is_none_undoes_nothing(client, admin, three, trace):
    confirm(client, "lock", *three, expected=3)

    assert undo(client, f"{reverse(UNDO)}?operation=lock&request={trace}", expected=3).url == reverse(LIST)
    assert all(truth(user).state == State.LOCKED for user in three)


def test_the_list_finds_nobody_by_an_unknown_id_and_drops_what_is_none(client, admin):
    assert not client.get(f"{reverse(LIST)}?request=unknown").context["cl"].result_list

    dropped = client.get(f"{reverse(LIST)}?request=not+an+id", follow=True)
    assert "“request” was left out" in dropped.content.decode()


def test_operations_without_a_record_offer_neither(client, admin):
    person = make_user("person")
    Client().force_login(person)

    assert links_after(confirm(client, "end_sessions", person, expected=1)) == {}
    assert links_after(press(client, "activate", make_user("invited", state=State.INVITED))) == {}
    assert act(client, "lock", person).context["tally"].changed == 1
