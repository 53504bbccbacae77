"""Fifty people at once on a real ASGI server: nobody's name stands on the record of what another did."""

import asyncio

import httpx
import pytest
from django.test import Client

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.servers import web
from tests.site.views import ASYNC, SYNC
from tests.truth import assert_true_record
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 50
WAYS = [*(f"sync/{way}" for way in SYNC), *(f"async/{way}" for way in [*ASYNC, "stream"])]


@pytest.fixture
def base_url(environment):
    """The address of a running server."""
    environment = environment | {"DJANGO_SETTINGS_MODULE": "tests.site.settings"}
    command = ("uvicorn", "--fd", "{fd}", "project.asgi:application")
    with web.server(*command, environment=environment, backlog=PEOPLE) as url:
        yield url


def session_of(person):
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


async def lock_all_at_once(base_url, visits):
    """Each visit is a way, the account to lock, and the session of who locks it."""
    async with httpx.AsyncClient(base_url=base_url, timeout=120) as browser:

        async def visit(number, way, subject, session):
            headers = {"Cookie": f"sessionid={session}", "User-Agent": f"browser {number}", "X-Request-ID": str(number)}
            return await browser.get(f"/{way}/{subject.pk}/", headers=headers)

        return await asyncio.gather(*[visit(number, *each) for number, each in enumerate(visits)])


def test_the_names_of_fifty_people_at_once_never_mix(base_url):
    subjects = [make_user(f"subject{number}") for number in range(PEOPLE)]
    people = [make_user(f"person{number}") for number in range(PEOPLE)]
    visits = [
        (WAYS[number % len(WAYS)], subject, session_of(person))
        for number, (subject, person) in enumerate(zip(subjects, people, strict=True))
    ]

    responses = asyncio.run(lock_all_at_once(base_url, visits))

    assert [response.text[-6:] for response in responses] == ["locked"] * PEOPLE
    for number, subject in enumerate(subjects):
        assert assert_true_record(subject).state == State.LOCKED
        record = UserStateAudit.objects.transitions().of(subject).latest()
        assert (record.initiated_by, record.ip_address, record.user_agent) == (
            f"person{number}",
            "127.0.0.1",
            f"browser {number}",
        )
