import pytest
from django.contrib.auth.models import User

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


def test_the_language_follows_the_browser_and_then_the_switch(client):
    assert '<html lang="zh-hans">' in client.get("/accounts/login/", headers={"Accept-Language": "zh-CN"}).text

    client.post("/accounts/language/", {"language": "zh-hans", "next": "/accounts/login/"})

    assert '<html lang="zh-hans">' in client.get("/accounts/login/").text
