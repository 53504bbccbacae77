from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.contrib.auth import aauthenticate, alogin, authenticate, login
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core import checks
from django.db import connections, transaction
from django.http import HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import include, path

from tests.factories import make_superuser, make_user
from users import sessions
from users.models import LoginSession, UserFSM
from users.sessions.lifetime import TOKEN_KEY
from users.states import State

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAYS_OUT_AND_BACK = {"lock": "unlock", "deactivate": "reactivate"}


async def who(request):
    user = await request.auser()
    return JsonResponse({"username": user.get_username()})


async def log_in_asynchronously(request):
    user = await aauthenticate(request, username="ada", password=PASSWORD)
    assert user is not None
    await alogin(request, user)
    return HttpResponse()


def name(request):
    return HttpResponse(request.user.get_username())


def remember(request):
    """Log in for as long as the request says, as "remember me" of other packages does: behind the login."""
    user = authenticate(request, username="ada", password=PASSWORD)
    login(request, user)
    request.session.set_expiry(int(request.POST["seconds"]))
    return HttpResponse()


def indifferent(request):
    return HttpResponse("to everybody")


def issue_a_token(request):
    """Announce a login that no session holds, as knox and djoser do."""
    user = authenticate(request, username="ada", password=PASSWORD)
    user_logged_in.send(sender=type(user), request=request, user=user)
    return HttpResponse("a token")


urlpatterns = [
    path("", include("project.urls")),
    path("who/", who),
    path("login/", log_in_asynchronously),
    path("name/", name),
    path("indifferent/", indifferent),
    path("remember/", remember),
    path("token/", issue_a_token),
]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def ada():
    return make_user("ada", password=PASSWORD)


@pytest.fixture(params=["db", "cache", "cached_db", "signed_cookies", "file"])
def engine(request, settings, tmp_path):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)


def logged_in(user, **headers):
    client = Client(**headers)
    client.force_login(user)
    assert is_logged_in(client)
    return client


def is_logged_in(client):
    return client.get("/accounts/").status_code == 200


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("transition", WAYS_OUT_AND_BACK)
def test_leaving_active_ends_every_session_and_none_comes_back_to_life(ada, transition):
    clients = [logged_in(ada), logged_in(ada)]
    cookies = [client.cookies.copy() for client in clients]
    fsm = UserFSM.objects.get(user=ada)

    getattr(fsm, transition)(by="system")
    assert not is_logged_in(clients[0])

    getattr(fsm, WAYS_OUT_AND_BACK[transition])(by="system")
    for client, kept in zip(clients, cookies, strict=True):
        # As somebody would who copied the cookie.
        client.cookies = kept
        assert not is_logged_in(client)
    assert is_logged_in(logged_in(ada))


def test_many_at_once_lose_their_sessions_too(ada):
    grace = make_user("grace")
    clients = [logged_in(ada), logged_in(grace)]

    UserFSM.objects.all().bulk_transition("lock", by="system")
    UserFSM.objects.all().bulk_transition("unlock", by="system")

    assert not any(is_logged_in(client) for client in clients)


def test_a_rollback_ends_none(ada):
    client = logged_in(ada)
    with transaction.atomic():
        UserFSM.objects.get(user=ada).lock(by="system")
        transaction.set_rollback(True)

    assert is_logged_in(client)


def test_the_session_of_an_administrator_ends_in_the_admin(ada):
    root = make_superuser()
    client = logged_in(root)
    assert client.get("/admin/").status_code == 200
    fsm = UserFSM.objects.get(user=root)
    fsm.lock(by="system")
    fsm.unlock(by="system")

    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"


@pytest.mark.django_db(transaction=True)
async def test_the_session_ends_in_asynchronous_views(ada):
    client = AsyncClient()
    await client.get("/login/")
    assert (await client.get("/who/")).json() == {"username": "ada"}
    fsm = await UserFSM.objects.aget(user=ada)
    await sync_to_async(fsm.lock)(by="system")
    await sync_to_async(fsm.unlock)(by="system")

    assert (await client.get("/who/")).json() == {"username": ""}
    await sync_to_async(connections.close_all)()


def test_a_session_that_ended_is_logged_out_and_not_asked_again(ada):
    client = logged_in(ada)
    sessions.end_all(ada)
    client.get("/accounts/")

    assert not client.session.keys()


def test_a_session_from_before_is_nobodys(ada):
    client = logged_in(ada)
    session = client.session
    del session[TOKEN_KEY]
    session.save()

    assert not is_logged_in(client)


def test_the_token_of_another_person_opens_nothing(ada):
    client, other = logged_in(ada), logged_in(make_user("grace"))
    session = client.session
    session[TOKEN_KEY] = other.session[TOKEN_KEY]
    session.save()

    assert not is_logged_in(client)


def test_the_table_holds_no_token(ada):
    client = logged_in(ada)
    row = LoginSession.objects.values().get()

    assert client.session[TOKEN_KEY] not in map(str, row.values())


def test_open_sessions_say_from_where_with_what_and_since_when(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        logged_in(ada, REMOTE_ADDR="192.0.2.1", HTTP_USER_AGENT="First/1.0\0")
        clock.shift(timedelta(minutes=1))
        client = Client(REMOTE_ADDR="192.0.2.2", HTTP_USER_AGENT="x" * 10_000)
        client.login(username="ada", password=PASSWORD)
        client.post("/accounts/login/", {"username": "ada", "password": PASSWORD})

        newest, oldest = sessions.open_sessions(ada)

    assert (newest.started, newest.ip_address, newest.user_agent) == (
        NOON + timedelta(minutes=1),
        "192.0.2.2",
        "x" * 500,
    )
    assert oldest.started == NOON
    assert str(newest) == "ada: 2026-03-01 12:01 192.0.2.2"


def test_one_session_can_be_ended_and_the_others_go_on(ada):
    first, second = logged_in(ada), logged_in(ada)
    newest, oldest = sessions.open_sessions(ada)
    sessions.end(oldest)

    assert list(sessions.open_sessions(ada)) == [newest]
    assert (is_logged_in(first), is_logged_in(second)) == (False, True)


def test_all_can_be_ended_but_the_current_one(ada):
    clients = [logged_in(ada) for _ in range(3)]
    other = logged_in(make_user("grace"))
    current = sessions.current(clients[1].get("/accounts/").wsgi_request)

    assert current is not None
    assert sessions.end_all(ada, but=current) == 2
    assert [is_logged_in(client) for client in (*clients, other)] == [False, True, False, True]
    assert sessions.end_all(ada) == 1


def test_a_logout_closes_its_session_alone(ada):
    first, second = logged_in(ada), logged_in(ada)
    first.post("/accounts/logout/")

    assert sessions.open_sessions(ada).count() == 1
    assert is_logged_in(second)


def test_a_password_that_is_changed_closes_the_other_sessions(ada):
    here, elsewhere = logged_in(ada), logged_in(ada)
    new = "battery staple"
    here.post("/accounts/password/change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    ada.refresh_from_db()

    assert is_logged_in(here)
    assert sessions.open_sessions(ada).count() == 1
    assert not is_logged_in(elsewhere)


def test_a_session_not_used_for_as_long_as_its_cookie_lives_is_not_open(ada, settings):
    with time_machine.travel(NOON, tick=False) as clock:
        logged_in(ada)
        clock.shift(timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))

        assert not sessions.open_sessions(ada).exists()


def test_a_login_clears_the_persons_sessions_whose_cookie_has_ended(ada, settings):
    with time_machine.travel(NOON, tick=False) as clock:
        logged_in(ada)
        logged_in(make_user("grace"))
        clock.shift(timedelta(seconds=settings.SESSION_COOKIE_AGE))
        in_use = logged_in(ada)
        clock.shift(timedelta(seconds=1))
        logged_in(ada)

        assert is_logged_in(in_use)
        assert LoginSession.objects.filter(user=ada).count() == 2
        assert LoginSession.objects.count() == 3


def test_a_shut_account_has_no_open_sessions_and_the_next_login_clears_what_is_left(ada):
    logged_in(ada)
    fsm = UserFSM.objects.get(user=ada)
    fsm.lock(by="system")
    assert not sessions.open_sessions(ada).exists()

    fsm.unlock(by="system")
    logged_in(ada)
    assert LoginSession.objects.filter(user=ada).count() == 1


@pytest.mark.parametrize("state", [State.INVITED, State.LOCKED, State.DEACTIVATED])
def test_nobody_is_logged_in_whose_account_is_shut(state):
    user = make_user("grace", state=state)
    client = Client()
    client.force_login(user)

    assert not is_logged_in(client)
    assert not LoginSession.objects.exists()


def test_last_seen_is_written_every_five_minutes(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        client = logged_in(ada)
        for minutes, seen in ((4, 0), (5, 5), (9, 5), (10, 10)):
            clock.move_to(NOON + timedelta(minutes=minutes))
            client.get("/accounts/")
            assert LoginSession.objects.get().last_seen == NOON + timedelta(minutes=seen)


def test_a_user_who_is_not_asked_for_costs_nothing_and_others_cost_as_much_as_in_django(ada, django_assert_num_queries):
    client = logged_in(ada)

    with django_assert_num_queries(0):
        client.get("/indifferent/")
    with django_assert_num_queries(2):  # Django's session, the user with the state and the row
        assert client.get("/name/").text == "ada"


def test_a_login_without_a_session_is_no_session(ada, rf):
    user_logged_in.send(sender=type(ada), request=rf.get("/"), user=ada)
    user_logged_out.send(sender=type(ada), request=rf.get("/"), user=ada)

    assert not LoginSession.objects.exists()


def test_a_missing_middleware_is_said_at_start(settings):
    assert "users.E010" not in {message.id for message in checks.run_checks(tags=["users"])}

    django_s = "django.contrib.auth.middleware.AuthenticationMiddleware"
    settings.MIDDLEWARE = [django_s if path.startswith("users.") else path for path in settings.MIDDLEWARE]

    assert "users.E010" in {message.id for message in checks.run_checks(tags=["users"])}


def listed(user):
    return sessions.open_sessions(User.objects.get(pk=user.pk)).count()


def test_sessions_stay_listed_after_a_rotation_of_the_key(ada, settings):
    used, unused = logged_in(ada), logged_in(ada)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]

    assert listed(ada) == 2
    assert is_logged_in(used)
    assert listed(ada) == 2
    assert is_logged_in(unused)

    settings.SECRET_KEY_FALLBACKS = []
    assert listed(ada) == 2  # both have been used since, and signed anew


def test_a_session_that_the_new_key_does_not_know_is_not_listed(ada, settings):
    logged_in(ada)
    settings.SECRET_KEY = "a new key"

    assert listed(ada) == 0


@pytest.mark.usefixtures("engine")
def test_another_person_in_the_same_browser_ends_the_session_before(ada):
    grace = make_user("grace", password=PASSWORD)
    client = Client()
    for name in ("ada", "grace"):
        assert client.post("/accounts/login/", {"username": name, "password": PASSWORD}).status_code == 302

    assert (listed(ada), listed(grace)) == (0, 1)
    assert not LoginSession.objects.filter(user=ada).exists()


@pytest.mark.django_db(transaction=True)
async def test_another_person_in_the_same_browser_ends_the_session_before_asynchronously_too():
    await sync_to_async(make_user)("ada", password=PASSWORD)
    grace = await sync_to_async(make_user)("grace", password=PASSWORD)
    client = AsyncClient()
    await client.aforce_login(grace)
    assert (await client.get("/who/")).json() == {"username": "grace"}
    await client.post("/login/")

    assert (await client.get("/who/")).json() == {"username": "ada"}
    assert not await LoginSession.objects.filter(user=grace).aexists()
    await sync_to_async(connections.close_all)()


@pytest.mark.parametrize(("seconds", "days"), [(365 * 24 * 3600, 365), (24 * 3600, 1)])
def test_a_session_is_listed_for_as_long_as_it_was_asked_for(ada, seconds, days):
    with time_machine.travel(NOON, tick=False) as clock:
        remembered = Client()
        remembered.post("/remember/", {"seconds": seconds})
        assert listed(ada) == 1

        clock.move_to(NOON + timedelta(days=days, seconds=-1))
        assert listed(ada) == 1
        logged_in(ada)  # which clears away what has ended
        assert is_logged_in(remembered)

        clock.shift(timedelta(days=days, seconds=2))
        assert not is_logged_in(remembered)


def test_an_expiry_chosen_later_is_noted_at_the_next_use(ada):
    client = logged_in(ada)
    session = client.session
    session.set_expiry(3600)
    session.save()
    assert is_logged_in(client)

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert listed(ada) == 0


@pytest.mark.parametrize("age", [20, 60, 300, 900])
def test_a_short_session_that_each_request_prolongs_stays_listed_and_open(ada, settings, age):
    settings.SESSION_COOKIE_AGE, settings.SESSION_SAVE_EVERY_REQUEST = age, True
    with time_machine.travel(NOON, tick=False) as clock:
        client = logged_in(ada)
        for _ in range(8):
            clock.shift(age * 3 // 4)
            assert is_logged_in(client)
            assert listed(ada) == 1
        logged_in(ada)  # which clears what has ended

        assert is_logged_in(client)
        clock.shift(age + 1)
        assert not is_logged_in(client)
        assert not listed(ada)


def test_a_row_of_before_is_listed_for_the_default_age(ada):
    logged_in(ada)
    LoginSession.objects.update(expires=None)

    assert listed(ada) == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(days=15)):
        assert listed(ada) == 0


@pytest.mark.parametrize("closing", WAYS_OUT_AND_BACK)
def test_a_borrowed_session_ends_with_the_account_of_whoever_borrowed_it(ada, monkeypatch, closing):
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name == "hijack")
    root, client = make_superuser("root"), logged_in(ada)
    session = client.session
    session["hijack_history"] = [str(root.pk)]
    session.save()
    assert is_logged_in(client)

    getattr(root.fsm, closing)(by="system")

    assert not is_logged_in(client)


def test_a_token_is_no_session(client, ada):
    response = client.post("/token/")

    assert not LoginSession.objects.exists()
    assert "sessionid" not in response.cookies
    assert UserFSM.objects.get(user=ada).last_login_at is not None


def test_a_token_leaves_the_session_that_asks_for_it(ada):
    client = logged_in(ada)

    client.post("/token/")

    assert is_logged_in(client)
    assert sessions.open_sessions(ada).count() == 1
