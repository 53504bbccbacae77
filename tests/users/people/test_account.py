import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from users.models import LoginSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    user = User.objects.create_user("alice", "alice@example.com", "correct horse")
    user.fsm.activate()
    return user


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/password/change/"])
def test_strangers_are_sent_to_the_login(client, path):
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"


def test_my_account_shows_my_state_and_lets_me_out(client, alice):
    client.force_login(alice)

    page = client.get("/accounts/")

    assert "alice@example.com" in page.text
    assert "Active" in page.text
    assert 'action="/accounts/logout/"' in page.text


def test_my_account_shows_my_address_whatever_its_field_is_called(client, alice, monkeypatch):
    monkeypatch.setattr(User, "EMAIL_FIELD", "last_name")
    User.objects.filter(pk=alice.pk).update(last_name="mine@example.com")
    client.force_login(alice)

    assert "<dd><bdi>mine@example.com</bdi></dd>" in client.get("/accounts/").text


def test_names_are_shown_as_text(client):
    user = User.objects.create_user("<b>bob</b>")
    user.fsm.activate()
    client.force_login(user)

    page = client.get("/accounts/")

    assert "&lt;b&gt;bob&lt;/b&gt;" in page.text
    assert "<b>bob</b>" not in page.text


def test_a_changed_password_keeps_this_session_and_is_said(client, alice):
    client.login(username="alice", password="correct horse")

    page = client.post(
        "/accounts/password/change/",
        {"old_password": "correct horse", "new_password1": "battery staple", "new_password2": "battery staple"},
        follow=True,
    )

    assert page.redirect_chain == [("/accounts/", 302)]
    assert "Your password has been changed." in page.text
    alice.refresh_from_db()
    assert alice.check_password("battery staple")


def test_guessing_at_the_old_password_locks_the_account(client, alice):
    client.login(username="alice", password="correct horse")

    for _ in range(5):
        page = client.post(
            "/accounts/password/change/",
            {"old_password": "a guess", "new_password1": "battery staple", "new_password2": "battery staple"},
        )
        assert "That is not your password." in page.text

    alice = User.objects.get(pk=alice.pk)
    assert alice.fsm.current_state == "locked"
    assert alice.check_password("correct horse")
    assert client.get("/accounts/password/change/").status_code == 302


def test_the_language_follows_the_browser_and_then_the_switch(client):
    assert '<html lang="zh-hans">' in client.get("/accounts/login/", headers={"Accept-Language": "zh-CN"}).text

    client.post("/accounts/language/", {"language": "zh-hans", "next": "/accounts/login/"})

    assert '<html lang="zh-hans">' in client.get("/accounts/login/").text


def logged_in(username, password="correct horse", **headers):
    """Another browser of this person."""
    browser = Client(**headers)
    assert browser.login(username=username, password=password)
    return browser


def end_of(session):
    return reverse("user_lifecycle:end_session", args=[session.pk])


def test_my_account_lists_my_open_sessions_and_lets_me_end_each(client, alice):
    here = logged_in("alice", REMOTE_ADDR="198.51.100.4")
    there = Client(REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "<i>Elsewhere</i>"})
    there.post("/accounts/login/", {"username": "alice", "password": "correct horse"})

    page = here.get("/accounts/").text
    assert "203.0.113.9" in page
    assert "&lt;i&gt;Elsewhere&lt;/i&gt;" in page
    assert page.count("/end/") == 2

    answer = here.post(end_of(LoginSession.objects.get(ip_address="203.0.113.9")), follow=True)
    assert "The session has been ended." in answer.text
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


def test_a_session_from_nowhere_says_so_also_to_who_cannot_see_the_page(client, alice):
    client.force_login(alice)
    LoginSession.objects.update(ip_address="")

    page = client.get("/accounts/").text

    assert "<p>An unknown address" in page
    assert 'aria-label="End the session from An unknown address, last used' in page


def test_the_session_that_is_in_use_can_be_ended_too(alice):
    here = logged_in("alice", REMOTE_ADDR="198.51.100.4")

    answer = here.post(end_of(LoginSession.objects.get(user=alice)), follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert here.get("/accounts/").status_code == 302


def test_nobody_ends_the_sessions_of_others(client, alice):
    bob = User.objects.create_user("bob", password="correct horse")
    bob.fsm.activate()
    hers = logged_in("alice")
    session = LoginSession.objects.get(user=alice)

    assert logged_in("bob").post(f"/accounts/sessions/{session.pk}/end/").status_code == 404
    assert hers.get("/accounts/").status_code == 200


def test_a_session_is_ended_by_post_alone_and_from_this_site(client, alice):
    hers = logged_in("alice")
    session = LoginSession.objects.get(user=alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = hers.cookies

    assert hers.get(f"/accounts/sessions/{session.pk}/end/").status_code == 405
    assert strict.post(f"/accounts/sessions/{session.pk}/end/").status_code == 403
    assert hers.post("/accounts/sessions/99999999999999999999999/end/").status_code == 404
    assert LoginSession.objects.filter(pk=session.pk).exists()
