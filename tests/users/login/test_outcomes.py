"""Failed logins count whatever becomes of the transaction around them."""

from base64 import b64encode
from typing import Any

import httpx
import pytest
from django.contrib.auth import authenticate, login
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpResponse, JsonResponse
from django.test import Client
from django.urls import include, path

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.servers import web
from tests.threads import at_once
from users.actors import ActorKind
from users.login import outcomes
from users.models import RecentAttempts, UserFSM
from users.states import State

PASSWORD = "correct horse"


def as_rest_framework(request):
    """A view that rolls back with each refusal, as Django REST framework does with 401 and 400."""
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        return JsonResponse({"detail": "wrong"}, status=401)
    login(request, user)
    return HttpResponse("in")


def with_rest_framework(request):
    """Django REST framework's own authentication and handling of errors, where it is installed."""
    decorators: Any = pytest.importorskip("rest_framework.decorators")
    authentication: Any = pytest.importorskip("rest_framework.authentication")
    permissions: Any = pytest.importorskip("rest_framework.permissions")

    @decorators.api_view(["GET"])
    @decorators.authentication_classes([authentication.BasicAuthentication])
    @decorators.permission_classes([permissions.IsAuthenticated])
    def private(request):
        return HttpResponse("in")

    return private(request)


def failing(request):
    authenticate(request, username="ada", password="wrong")
    raise LookupError("somewhere behind the login")


urlpatterns = [
    path("", include("project.urls")),
    path("token/", as_rest_framework, name="token"),
    path("fail/", failing),
    path("rest/", with_rest_framework),
]


@pytest.fixture
def atomic_requests(settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", value=True)


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


def fsm_of(user):
    return UserFSM.objects.get(user=user)


def guess(password="wrong", path="/token/"):
    return Client(raise_request_exception=False).post(path, {"username": "ada", "password": password}).status_code


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
@pytest.mark.parametrize("path", ["/token/", "/fail/"])
def test_a_failed_login_that_a_view_rolls_back_is_counted_and_locks(ada, path):
    for number in range(1, 5):
        assert guess(path=path) in (401, 500)
        assert fsm_of(ada).failed_logins == number
    guess(path=path)

    fsm = fsm_of(ada)
    assert fsm.locked_by_failed_logins
    (record,) = UserStateAudit.objects.of(ada).into(State.LOCKED)
    assert (record.actor_kind, record.ip_address) == (ActorKind.ANONYMOUS, "127.0.0.1")
    assert record.details == {"count": 5, "addresses": ["127.0.0.1"]}
    assert guess(PASSWORD) == 401
    assert len(RecentAttempts.objects.get().moments) == 6 if path == "/token/" else 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_a_failed_login_that_rest_framework_rolls_back_is_counted(ada):
    def ask(password):
        credentials = b64encode(f"ada:{password}".encode()).decode()
        return Client().get("/rest/", headers={"Authorization": f"Basic {credentials}"}).status_code

    assert ask(PASSWORD) == 200
    for _ in range(5):
        assert ask("wrong") == 401

    assert fsm_of(ada).locked_by_failed_logins
    assert ask(PASSWORD) == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("atomic_requests")
def test_the_transaction_of_a_test_is_none(ada):
    for _ in range(5):
        guess()

    assert fsm_of(ada).locked_by_failed_logins


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_a_right_password_gets_in_and_begins_a_new_count(ada):
    for _ in range(4):
        guess()
    assert guess(PASSWORD) == 200
    assert fsm_of(ada).failed_logins == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_of_a_burst_no_more_than_the_limit_are_answered(ada):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite a failed login counts when its view is over")
    passwords = ["wrong"] * 15
    passwords.insert(12, PASSWORD)
    statuses = at_once(*[lambda password=password: guess(password) for password in passwords])

    (record,) = UserStateAudit.objects.of(ada).into(State.LOCKED)
    assert record.details["count"] == 5
    assert statuses.count(200) <= 1
    assert fsm_of(ada).current_state == State.LOCKED


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_request_a_rollback_undoes_nothing_that_its_own_connection_can_keep(ada):
    with transaction.atomic():
        authenticate(username="ada", password="wrong")
        transaction.set_rollback(True)

    assert fsm_of(ada).failed_logins == (1 if connection.vendor == "postgresql" else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_a_row_that_the_view_itself_holds_is_counted_when_the_view_is_over(ada, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row locks")
    monkeypatch.setattr(outcomes, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setitem(globals(), "authenticate", with_the_row_locked(authenticate))

    assert guess() == 401

    assert fsm_of(ada).failed_logins == 1


def with_the_row_locked(check):
    def locking(request, **credentials):
        if connection.in_atomic_block:
            list(UserFSM.objects.select_for_update())
        return check(request, **credentials)

    return locking


@pytest.mark.django_db(transaction=True)
def test_the_limited_wait_ends_with_the_outcome_for_a_pooler_gives_the_session_to_others():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no lock timeout")

    def waits():
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()[0]

    seen = []

    def look():
        seen.append(waits())
        transaction.on_commit(lambda: seen.append(waits()))

    with transaction.atomic():
        outcomes.committed(look, using="default")

    assert seen == [outcomes.LOCK_TIMEOUT, waits()]


@pytest.mark.django_db(transaction=True)
def test_a_failed_login_stays_counted_where_the_lock_that_follows_fails(ada, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection of its own for an outcome")
    monkeypatch.setattr("users.login.lockout._lock_of", lambda fsm: 1 / 0)

    for _ in range(4):
        authenticate(username="ada", password="wrong")
    with transaction.atomic(), pytest.raises(ZeroDivisionError):
        authenticate(username="ada", password="wrong")

    assert fsm_of(ada).failed_logins == 5


@pytest.mark.django_db(transaction=True)
def test_what_fails_on_its_own_connection_fails_here(ada):
    def fail():
        raise OperationalError("no room")

    with transaction.atomic(), pytest.raises(OperationalError, match="no room"):
        outcomes.committed(fail, using="default")


def test_a_server_in_production_counts_with_atomic_requests_too(environment):
    make_user("ada", password=PASSWORD)
    environment = environment | {"DATABASE_URL": with_atomic_requests(environment["DATABASE_URL"])}
    command = ("gunicorn", "--bind", "fd://{fd}", "--workers", "2", "project.wsgi")
    with web.server(*command, environment=environment) as url, httpx.Client(base_url=url, timeout=120) as client:
        token = client.get("/accounts/login/").cookies["csrftoken"]
        for _ in range(5):
            form = {"username": "ada", "password": "wrong", "csrfmiddlewaretoken": token}
            assert client.post("/accounts/login/", data=form).status_code == 200

    assert UserFSM.objects.get(user__username="ada").locked_by_failed_logins


def with_atomic_requests(url):
    return f"{url}{'&' if '?' in url else '?'}ATOMIC_REQUESTS=true"
