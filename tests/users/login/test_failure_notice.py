import pytest
from django.contrib.auth import authenticate

from tests.factories import make_superuser, make_user
from users.models import UserFSM

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


def log_in(client, username="ada", path="/accounts/login/"):
    page = client.post(path, {"username": username, "password": PASSWORD}, follow=True)
    client.logout()
    return page.text


def guess(times, username="ada"):
    for _ in range(times):
        authenticate(username=username, password="wrong")


def test_the_page_after_the_login_says_how_many_failed_ones_there_were_and_says_it_once(ada, client):
    guess(1)
    assert "There was 1 failed login" in log_in(client)
    guess(3)
    assert "There were 3 failed logins" in log_in(client)
    assert "failed login" not in log_in(client)


def test_those_that_led_to_a_lock_are_told_too(ada, client):
    guess(5)
    UserFSM.objects.get(user=ada).unlock(by="system")
    guess(1)

    assert "There were 6 failed logins" in log_in(client)


def test_the_admin_tells_it_too(client):
    make_superuser("root", password=PASSWORD)
    guess(2, "root")

    assert "There were 2 failed logins" in log_in(client, "root", "/admin/login/?next=/admin/")


def test_a_password_that_is_checked_without_a_login_does_not_use_it_up(ada, client):
    guess(2)
    assert authenticate(username="ada", password=PASSWORD) == ada
    client.force_login(ada)

    assert "There were 2 failed logins" in log_in(client)


def test_two_logins_at_once_do_not_tell_it_twice(ada, client):
    guess(2)
    first, second = (authenticate(username="ada", password=PASSWORD) for _ in range(2))
    told = [notices_of(user) for user in (first, second)]

    assert told == [1, 0]
    assert UserFSM.objects.get(user=ada).failed_logins_untold == 0


def notices_of(user):
    from django.contrib.messages.storage.cookie import CookieStorage
    from django.test import RequestFactory

    from users.login import arrival

    request = RequestFactory().get("/")
    storage = CookieStorage(request)
    setattr(request, "_messages", storage)  # noqa: B010 - as Django's middleware does
    arrival.welcome(request, user)
    return len([message for message in storage if "failed login" in str(message)])
