import pytest
from django.contrib.auth.models import User

from tests.factories import make_superuser, make_user
from users.causes import Cause
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_user("alice", state=State.INVITED)


@pytest.fixture
def history(client, alice):
    """Read the page as Alice; gives its rows as lists of words."""

    def read(path="/accounts/history/"):
        client.force_login(User.objects.get(pk=alice.pk))
        return [" ".join(row.split()) for row in client.get(path).text.split("<li>")[1:]]

    return read


def test_strangers_are_sent_to_the_login(client):
    assert client.get("/accounts/history/").headers["Location"] == "/accounts/login/?next=/accounts/history/"


def test_people_read_what_happened_to_them_newest_first_and_by_whom(alice, history, client, rf):
    admin = make_superuser("root")
    alice.fsm.activate(by=alice, description="accepted the invitation")
    alice.fsm.lock(by=admin, description="looked suspicious to me")
    alice.fsm.unlock(by="system", description="lock expired", cause=Cause.LOCK_EXPIRED)
    alice.fsm.lock()  # as from the command line
    alice.fsm.unlock(by=admin)

    rows = history()

    assert len(rows) == 6
    for row, what, who in zip(
        rows,
        ["unlocked", "locked", "unlocked", "locked", "activated", "created"],
        [
            "an administrator",
            "an administrator",
            "the system (Lock expired)",
            "an administrator",
            "you",
            "an administrator",
        ],
        strict=True,
    ):
        assert f"Your account was {what}" in row
        assert f"by {who}" in row


def test_a_lock_by_somebody_guessing_names_nobody_and_no_address(alice, history, client):
    alice.set_password("correct horse")
    alice.save()
    alice.fsm.activate(by=alice)
    for _ in range(5):
        client.post("/accounts/login/", {"username": "alice", "password": "guess"}, REMOTE_ADDR="203.0.113.9")
    alice = User.objects.get(pk=alice.pk)
    assert alice.fsm.current_state == State.LOCKED
    alice.fsm.unlock(by="system")

    rows = history()

    assert "Your account was locked" in rows[1]
    assert "by somebody who was not logged in" in rows[1]
    assert "203.0.113.9" not in " ".join(rows)


def test_a_lock_by_their_own_guesses_names_nobody_elses_address(alice, history, client):
    alice.set_password("correct horse")
    alice.save()
    alice.fsm.activate(by=alice)
    client.post("/accounts/login/", {"username": "alice", "password": "guess"}, REMOTE_ADDR="203.0.113.9")
    client.force_login(User.objects.get(pk=alice.pk))
    for _ in range(4):
        client.post("/accounts/leave/", {"password": "guess"}, REMOTE_ADDR="198.51.100.4")
    User.objects.get(pk=alice.pk).fsm.unlock(by="system")

    rows = history()

    assert "by you, from 198.51.100.4" in rows[1]
    assert "203.0.113.9" not in " ".join(rows)


def test_names_addresses_and_reasons_of_administrators_are_not_shown(alice, history, client):
    alice.fsm.activate(by=alice)
    admin = make_superuser("root")
    alice.fsm.lock(by=admin, description="seen at 203.0.113.9")
    alice.fsm.unlock(by=admin)

    page = " ".join(history())

    assert "root" not in page
    assert "203.0.113.9" not in page


def test_their_own_actions_show_the_address(client):
    user = make_user("bob", state=State.INVITED)
    user.fsm.activate(by="system")
    user = User.objects.get(pk=user.pk)
    user.set_password("correct horse")
    user.save()
    client.force_login(user)
    client.post("/accounts/leave/", {"password": "correct horse"}, REMOTE_ADDR="198.51.100.4")
    User.objects.get(pk=user.pk).fsm.reactivate(by="system")
    client.force_login(User.objects.get(pk=user.pk))

    assert "by you, from 198.51.100.4</p>" in client.get("/accounts/history/").text


def test_nobody_reads_the_history_of_others(alice, history):
    alice.fsm.activate(by=alice)
    make_user("bob")

    assert len(history()) == 2  # created, activated


def test_a_long_history_comes_in_pages(alice, history, monkeypatch):
    monkeypatch.setattr("audit.people.views.PER_PAGE", 2)
    alice.fsm.activate(by=alice)
    for _ in range(2):
        alice.fsm.lock(by="system")
        alice.fsm.unlock(by="system")

    assert len(history()) == 2
    assert len(history("/accounts/history/?page=3")) == 2
    assert len(history("/accounts/history/?page=nonsense")) == 2


def test_my_account_shows_the_latest_and_leads_to_all(alice, history):
    alice.fsm.activate(by=alice)

    page = " ".join(history("/accounts/"))

    assert "Your account was activated" in page
    assert 'href="/accounts/history/"' in page
