"""An operation is shown first, done when a reason is given, and reported with the same numbers."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audit.models import UserStateAudit
from tests.factories import make_invited, make_user
from tests.staff import LIST, act, confirm, press
from tests.truth import assert_true_record, truth
from users.models import UserFSM
from users.operations import tally
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_in_each_state():
    return [make_user(state.value, state=state) for state in State]


ELSEWHERE = [state for state in State if state not in {State.ACTIVE, State.LOCKED}]
"""From there, nobody is locked."""


def said(response):
    """The messages, without the links behind them."""
    return [strip_tags(str(message).partition(" <a")[0]) for message in get_messages(response.wsgi_request)]


def test_the_page_says_how_many_are_changed_how_many_are_left_and_why(client, admin, one_in_each_state):
    tally = act(client, "lock", admin, *one_in_each_state).context["tally"]

    assert tally.changed == 1
    assert tally.left == {
        "yourself": 1,
        "already locked": 1,
        **{f"not allowed from {state.value}": 1 for state in ELSEWHERE},
    }
    assert [truth(user).state for user in one_in_each_state] == list(State)


def test_the_page_names_twenty_of_each_with_the_reason_and_the_others_when_it_is_opened(client, admin):
    for number in range(25):
        make_user(f"active{number:02}")
        make_user(f"locked{number:02}", state=State.LOCKED)

    page = act(client, "lock", *User.objects.exclude(pk=admin.pk))

    content = page.content.decode()
    assert content.count("<summary>and 5 more</summary>") == 2
    for names, prefix in (("changed_names", "active"), ("left_names", "locked")):
        listed = page.context[names]
        assert [each.username for each in listed.first] == [f"{prefix}{number:02}" for number in range(20)]
        assert [each.username for each in listed.others] == [f"{prefix}{number:02}" for number in range(20, 25)]
        assert {each.why for each in listed.first} == {"already locked" if prefix == "locked" else ""}
    assert reverse("admin:auth_user_change", args=[User.objects.get(username="locked24").pk]) in content


@pytest.mark.parametrize(
    ("name", "changed", "left"),
    [
        ("keep_locked", "ends", {"lasts": "already locked indefinitely", "active": "not allowed from active"}),
        ("resend_invitation", "invited", {"nowhere": "without an email address", "active": "not allowed from active"}),
        ("end_sessions", "here", {"admin": "yourself", "active": "not logged in", "lasts": "not logged in"}),
    ],
)
def test_operations_beyond_transitions_name_them_too(client, admin, name, changed, left):
    for username in ("ends", "active", "here"):
        make_user(username)
    make_user("lasts", state=State.LOCKED)
    User.objects.get(username="ends").fsm.lock(by="system", until=timezone.now() + timedelta(hours=1))
    make_user("invited", state=State.INVITED, email="invited@example.com")
    make_user("nowhere", state=State.INVITED)
    Client().force_login(User.objects.get(username="here"))

    page = act(client, name, *User.objects.filter(username__in=[changed, *left]))

    assert [each.username for each in page.context["changed_names"].first] == [changed]
    assert {each.username: each.why for each in page.context["left_names"].first} == left


def test_more_than_can_be_named_are_counted(client, admin, monkeypatch):
    monkeypatch.setattr(tally, "MOST_NAMED", 22)
    people = [make_user(f"person{number:02}", state=State.INVITED) for number in range(25)]

    content = act(client, "deactivate", *people).content.decode()

    assert "and 5 more" in content
    assert "person21" in content
    assert "person22" not in content
    assert "3 more accounts are not listed here." in content


def test_what_was_said_is_done_and_reported(client, admin, one_in_each_state):
    response = confirm(client, "lock", admin, *one_in_each_state, expected=1, reason="under attack")

    assert response.status_code == 302
    done, left = said(response)
    assert done == "1 account was locked."
    beginning = f"{len(ELSEWHERE) + 2} accounts were left as they are: "
    assert left.startswith(beginning)
    assert set(left.removeprefix(beginning).rstrip(".").split(", ")) == {
        "1 yourself",
        "1 already locked",
        *(f"1 not allowed from {state.value}" for state in ELSEWHERE),
    }
    (record,) = UserStateAudit.objects.transitions().of(User.objects.get(username="active")).filter(transition="lock")
    assert (record.initiated_by, record.actor_id, record.description) == ("admin", admin.pk, "under attack")
    assert record.ip_address == "127.0.0.1"


@pytest.mark.parametrize("given", [{}, {"own_words": "  "}, {"own_words": "x" * 1001}, {"own_words": "a\0b"}])
@pytest.mark.parametrize(
    "send", [press, lambda client, name, user, **data: act(client, name, user, confirmed="1", **data)]
)
def test_nothing_is_done_without_a_reason_that_can_be_kept(client, admin, given, send):
    person = make_user("person")

    response = send(client, "lock", person, **{"own_words": "", **given})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert truth(person).state == State.ACTIVE


def test_a_reason_that_is_not_on_the_list_cannot_be_chosen(client, admin):
    person = make_user("person")

    assert press(client, "lock", person, "", common="made up").status_code == 200
    assert truth(person).state == State.ACTIVE


def test_a_common_reason_is_enough_and_goes_before_words_of_ones_own(client, admin):
    one, two = make_user("one"), make_user("two")

    press(client, "lock", one, "", common="Reported stolen")
    press(client, "lock", two, "phoned at nine", common="Reported stolen")

    descriptions = (
        UserStateAudit.objects.transitions()
        .filter(transition="lock")
        .order_by("pk")
        .values_list("description", flat=True)
    )
    assert list(descriptions) == ["Reported stolen", "Reported stolen: phoned at nine"]


def test_when_the_accounts_have_changed_meanwhile_the_page_is_shown_again(client, admin):
    one, two = make_user("one"), make_user("two")
    two.fsm.lock(by="somebody else")

    response = confirm(client, "lock", one, two, expected=2, reason="under attack")

    assert response.context["has_changed"]
    assert response.context["tally"].changed == 1
    assert response.context["form"].reason == "under attack"
    assert truth(one).state == State.ACTIVE


def test_the_whole_list_is_taken_by_its_filter_and_carries_one_key(client, admin):
    for number in range(120):
        make_user(f"wanted{number}")
    spared = make_user("spared")
    url = f"{reverse(LIST)}?q=wanted&state=active"
    selected = list(User.objects.filter(username__startswith="wanted")[:100])

    page = act(client, "lock", *selected, url=url, select_across="1")
    assert page.context["tally"].changed == 120
    assert [name for name, _ in page.context["hidden"]].count("_selected_action") == 1

    response = client.post(url, {**dict(page.context["hidden"]), "own_words": "under attack"})

    assert said(response) == ["120 accounts were locked."]
    assert UserFSM.objects.in_state(State.LOCKED).count() == 120
    assert truth(spared).state == State.ACTIVE


def test_thousands_are_moved_in_one_record_each_under_one_id(client, admin, settings):
    settings.USERS_BULK_BATCH_SIZE = 500
    make_invited(f"person{number}" for number in range(1_800))
    url = f"{reverse(LIST)}?q=person"
    page = act(client, "deactivate", User.objects.get(username="person0"), url=url, select_across="1")
    assert "<strong>1,800</strong> accounts will be changed" in page.content.decode()

    response = client.post(url, {**dict(page.context["hidden"]), "own_words": "closing down"})

    assert said(response) == ["1,800 accounts were deactivated."]
    records = UserStateAudit.objects.transitions().filter(transition="deactivate")
    assert records.count() == 1_800
    assert records.values("user").distinct().count() == 1_800
    assert records.values("request_id").distinct().count() == 1


def test_users_who_came_without_signals_are_counted_too(client, admin):
    (person,) = User.objects.bulk_create([User(username="imported")])

    tally = act(client, "lock", person).context["tally"]

    assert tally.changed + tally.left_in_all == 1


def test_users_who_came_without_signals_and_are_not_selected_are_not_looked_for(client, admin):
    person, other = User.objects.bulk_create([User(username="imported"), User(username="other")])

    act(client, "lock", person, url=f"{reverse(LIST)}?q=imported")

    assert UserFSM.objects.filter(user=person).exists()
    assert not UserFSM.objects.filter(user=other).exists()


def test_a_button_pressed_too_late_changes_nothing_and_says_so(client, admin):
    person = make_user("person")
    person.fsm.lock(by="somebody else")

    response = press(client, "lock", person)

    assert response.status_code == 302
    assert said(response) == ["1 account was left as it is: 1 already locked."]
    assert truth(person).version == 2


def test_an_automatic_lock_is_made_one_without_end_by_two_records(client, admin, locked_for_a_while):
    press(client, "keep_locked", locked_for_a_while, "under attack")

    told = assert_true_record(locked_for_a_while)
    assert told.state == State.LOCKED
    assert told.records[-2:] == ((3, State.LOCKED, State.ACTIVE), (4, State.ACTIVE, State.LOCKED))
    assert UserFSM.objects.get(user=locked_for_a_while).locked_until is None
    last_two = UserStateAudit.objects.transitions().of(locked_for_a_while).filter(sequence__gt=2)
    assert [record.description for record in last_two] == ["under attack"] * 2


@pytest.fixture
def locked_for_a_while():
    person = make_user("guessed")
    person.fsm.lock(by="system", until=timezone.now() + timedelta(hours=1))
    return person


def test_a_lock_without_end_is_left_as_it_is(client, admin, locked_for_a_while):
    lasting = make_user("lasting", state=State.LOCKED)
    active = make_user("active")

    tally = act(client, "keep_locked", lasting, active, locked_for_a_while).context["tally"]

    assert tally.changed == 1
    assert tally.left == {"already locked indefinitely": 1, "not allowed from active": 1}


def test_invitations_are_sent_again_and_stand_in_the_admins_log(client, admin, django_capture_on_commit_callbacks):
    invited = make_user("invited", state=State.INVITED, email="invited@example.com")
    nowhere = make_user("nowhere", state=State.INVITED)
    active = make_user("active", email="active@example.com")

    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(client, "resend_invitation", invited, nowhere, active, expected=1, reason="lost")

    assert said(response)[0] == "1 invitation was sent again."
    assert [message.to for message in mail.outbox] == [["invited@example.com"]]
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.user_id) == (str(invited.pk), admin.pk)
    assert entry.get_change_message() == "Sent the invitation again: lost"


def test_anything_that_somebody_writes_as_a_reason_is_escaped(client, admin):
    person = make_user("person")
    press(client, "lock", person, "<script>alert(1)</script>")

    for url in (reverse(LIST), reverse("admin:auth_user_change", args=(person.pk,))):
        page = client.get(url).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


def test_the_sessions_of_others_are_ended_and_the_administrators_own_is_not(client, admin):
    person, elsewhere, absent = make_user("person"), Client(), make_user("absent")
    elsewhere.force_login(person)
    assert elsewhere.get(reverse("user_lifecycle:account")).status_code == 200

    response = confirm(client, "end_sessions", admin, person, absent, expected=1, reason="a device was lost")

    assert said(response) == [
        "The sessions of 1 account were ended.",
        "2 accounts were left as they are: 1 yourself, 1 not logged in.",
    ]
    assert elsewhere.get(reverse("user_lifecycle:account")).status_code == 302
    assert client.get(reverse(LIST)).status_code == 200
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.get_change_message()) == (str(person.pk), "Ended all sessions: a device was lost")


def test_a_session_whose_cookie_has_ended_is_none_to_end(client, admin):
    person = make_user("person")
    with time_machine.travel(timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)):
        Client().force_login(person)

    assert act(client, "end_sessions", person).context["tally"].left == {"not logged in": 1}


def test_open_sessions_and_their_end_are_on_the_persons_page(client, admin):
    person = make_user("person")
    url = reverse("admin:auth_user_change", args=(person.pk,))
    offered = [offer.operation.name for offer in client.get(url).context["account"].offers]
    assert "end_sessions" not in offered

    Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Netscape <4>").force_login(person)
    Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Netscape <4>").force_login(person)

    page = client.get(url)
    offered = [offer.operation.name for offer in page.context["account"].offers]
    assert "end_sessions" in offered
    assert len(page.context["account"].sessions) == 2
