"""A link to set a password that many use at the same moment, against a threaded server."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Barrier

import httpx
import pytest
from django.contrib.auth.models import User

from tests.factories import make_user
from tests.servers import web
from users.links import password
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

VISITORS = 20


@pytest.fixture
def site(environment):
    command = ("gunicorn", "--bind", "fd://{fd}", "--workers", "2", "--threads", str(VISITORS), "project.wsgi")
    with web.server(*command, environment=environment, backlog=VISITORS) as url:
        yield url


def send(client, form, together, number):
    """Send the form when all are ready, and return the status."""
    new = f"battery staple {number}"
    fields = {"new_password1": new, "new_password2": new, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    together.wait(30)
    return client.post(form, data=fields).status_code


def at_the_same_moment(site, link, meanwhile=None):
    """The statuses of those who have all opened the link and then send its form together."""
    together = Barrier(VISITORS)
    with ExitStack() as clients, ThreadPoolExecutor(VISITORS) as threads:
        # The server may close a connection that waits.
        alone = httpx.Limits(max_keepalive_connections=0)
        visitors = [
            clients.enter_context(httpx.Client(base_url=site, timeout=120, limits=alone)) for _ in range(VISITORS)
        ]
        forms = [client.get(link, follow_redirects=True).url for client in visitors]
        if meanwhile:
            meanwhile()
        calls = [
            threads.submit(send, client, form, together, number)
            for number, (client, form) in enumerate(zip(visitors, forms, strict=True))
        ]
        return [call.result(60) for call in calls]


def path_of(user):
    return "/accounts/" + password.url(User.objects.get(pk=user.pk)).split("/accounts/")[1]


def test_one_of_them_sets_the_password(site):
    ada = make_user("ada", password="correct horse", email="ada@example.com")

    statuses = at_the_same_moment(site, path_of(ada))

    assert sorted(statuses) == [302] + [410] * (VISITORS - 1)
    assert User.objects.get(pk=ada.pk).check_password(f"battery staple {statuses.index(302)}")


def test_none_of_them_does_when_the_account_is_locked_meanwhile(site):
    ada = make_user("ada", password="correct horse", email="ada@example.com")

    statuses = at_the_same_moment(site, path_of(ada), partial(UserFSM.objects.get(user=ada).lock, by="system"))

    assert statuses == [410] * VISITORS
    assert User.objects.get(pk=ada.pk).check_password("correct horse")
