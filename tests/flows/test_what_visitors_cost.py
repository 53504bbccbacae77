"""
What every visitor costs the database: the statements of real requests, without BEGIN and COMMIT.

Django alone takes 2 for a request of somebody who is logged in, 5 for a login, 1 for a failed one, 4 for a logout, and
1 and 4 for a new user and a deletion.
"""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from tests.factories import make_user
from tests.statements import statements_of
from users.models import LoginSession, UserFSM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

PASSWORD = "correct horse"
OF_THE_ADDRESS = 1
"""The question whether the address has to wait. Django has no such limit."""


def name(request):
    return HttpResponse(request.user.get_username())


async def name_async(request):
    return HttpResponse((await request.auser()).get_username())


urlpatterns = [path("", include("project.urls")), path("name/", name), path("name/async/", name_async)]


@pytest.fixture(autouse=True)
def ada():
    return make_user("ada", password=PASSWORD)


def log_in(client, password=PASSWORD):
    page = client.post("/accounts/login/", {"username": "ada", "password": password})
    assert page.status_code == (302 if password == PASSWORD else 200)


def test_a_request_takes_two_statements_and_the_one_after_a_login_too(client):
    log_in(client)
    for _ in range(2):
        sent = statements_of(lambda: client.get("/name/"))

        assert len(sent) == 2, sent
        assert "user_lifecycle_userfsm" in sent[1]
        assert "user_lifecycle_loginsession" in sent[1]


@pytest.mark.parametrize(
    ("engine", "of_the_session"), [("db", 1), ("cached_db", 0), ("cache", 0), ("signed_cookies", 0), ("file", 0)]
)
def test_the_user_takes_one_statement_whichever_engine_keeps_the_session(
    client, async_client, settings, engine, of_the_session
):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    log_in(client)
    async_client.cookies = client.cookies

    assert len(statements_of(lambda: client.get("/name/"))) == of_the_session + 1
    assert len(statements_of(lambda: async_to_sync(async_client.get)("/name/async/"))) == of_the_session + 1


def test_a_session_that_is_saved_at_every_request_takes_one_more(client, settings):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    log_in(client)

    assert len(statements_of(lambda: client.get("/name/"))) == 3


def test_a_logout_takes_five(client):
    log_in(client)

    assert len(statements_of(lambda: client.post("/accounts/logout/"))) == 5
    assert not LoginSession.objects.exists()


def test_a_login_takes_seven_the_first_and_the_next_and_the_one_after_a_failure(client):
    for failures in (0, 0, 2):
        for _ in range(failures):
            log_in(Client(), "wrong")
        sent = statements_of(lambda: log_in(client))
        client.post("/accounts/logout/")

        # On SQLite, the notes of the login and the row of its session are two statements of one transaction.
        assert len(sent) == (7 if connection.vendor == "postgresql" else 8) + OF_THE_ADDRESS, sent
        of_the_state = [text for text in sent if 'UPDATE "user_lifecycle_userfsm"' in text]
        assert len(of_the_state) == 2  # the password counts, and the notes of the login
    assert UserFSM.objects.get().failed_logins_untold == 0


def test_a_failed_login_takes_two_and_three_to_count_its_address(client):
    log_in(client, "wrong")

    sent = statements_of(lambda: log_in(client, "wrong"))
    assert len(sent) == 2 + 3, sent


def test_a_new_user_takes_four():
    sent = statements_of(lambda: User.objects.create_user("grace", password=PASSWORD))

    # Django's own, the question for a record of whoever had the key before, the birth, and the state.
    assert [text.split()[0] for text in sent] == ["INSERT", "SELECT", "INSERT", "INSERT"], sent


def test_the_deletion_of_a_user_takes_sixteen(ada):
    sent = statements_of(ada.delete)

    assert len(sent) == 16, sent
    ours = [text for text in sent if "user_lifecycle_userfsm" in text or "userstateaudit" in text]
    # Django reads the state, which is locked, recorded and deleted.
    assert [text.split()[0] for text in ours] == ["SELECT", "SELECT", "INSERT", "DELETE"], ours


def test_a_login_that_locks_takes_as_many_as_a_failed_one_and_the_lock(client):
    for _ in range(4):
        log_in(client, "wrong")
    sent = statements_of(lambda: log_in(client, "wrong"))

    # The lock reads under the row lock, and writes in one statement or, on SQLite, in four.
    assert len(sent) == 2 + 3 + (2 if connection.vendor == "postgresql" else 5), sent
    assert UserFSM.objects.get().locked_by_failed_logins
