"""Pages show the sessions that were used last, however many there are."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_user
from tests.statements import statements_of
from users import sessions
from users.models import LoginSession
from users.sessions.shown import MOST_SHOWN

pytestmark = pytest.mark.django_db

SCRIPT = "192.0.2.9"


@pytest.fixture
def ada():
    return make_user("ada")


def log_in_by_script(user, times):
    """Begin so many sessions, each a second after the one before."""
    now = timezone.now() + timedelta(seconds=1)
    LoginSession.objects.bulk_create(
        LoginSession(
            user=user,
            version=user.fsm.version,
            digest=f"script {number}",
            auth_hash=user.get_session_auth_hash(),
            last_seen=now + timedelta(seconds=number),
            expires=now + timedelta(days=1),
            ip_address=SCRIPT,
        )
        for number in range(times)
    )


def test_all_are_shown_where_they_are_few(ada):
    log_in_by_script(ada, MOST_SHOWN)

    shown, others = sessions.shown(ada)
    assert shown == list(sessions.open_sessions(ada))
    assert others == 0


def test_of_many_those_are_shown_that_were_used_last_and_the_readers_own_first_of_all(ada):
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(ada)
    this = LoginSession.objects.get()
    log_in_by_script(ada, MOST_SHOWN + 5)

    newest = list(sessions.open_sessions(ada))
    assert sessions.shown(ada) == (newest[:MOST_SHOWN], 6)
    assert sessions.shown(ada, this=this) == ([this, *newest[: MOST_SHOWN - 1]], 6)


def test_the_own_page_says_how_many_others_there_are(ada):
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(ada)
    assert "more session" not in client.get("/accounts/").text
    log_in_by_script(ada, MOST_SHOWN)

    page = client.get("/accounts/").text
    assert page.count(f"<p>{SCRIPT}") == MOST_SHOWN - 1
    assert "1 more session was used longer ago." in page


def test_the_admins_page_costs_the_same_for_any_number(client, admin, ada):
    url = f"/admin/auth/user/{ada.pk}/change/"
    log_in_by_script(ada, 3)
    client.get(url)  # builds the queries
    few = statements_of(lambda: client.get(url))
    LoginSession.objects.filter(user=ada).delete()
    log_in_by_script(ada, MOST_SHOWN + 300)

    pages = []
    many = statements_of(lambda: pages.append(client.get(url).text))

    assert len(many) == len(few) + 1  # the number of the others
    assert pages[0].count(f"<strong>{SCRIPT}</strong>") == MOST_SHOWN
    assert "300 more sessions were used longer ago." in pages[0]
