"""The right person, wherever in a request the transition is made, and nobody after it."""

import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import BaseCommand, call_command
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory

from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from tests.factories import make_user
from tests.site.views import ASYNC, SYNC, lock_account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.site.urls")]


@pytest.fixture
def subject():
    return make_user("subject")


@pytest.fixture
def actor():
    return make_user("actor")


def last_actor(subject):
    record = UserStateAudit.objects.transitions().of(subject).latest()
    assert record.end_state == "locked"
    return record.initiated_by


def body_of(response):
    async def collect():
        return b"".join([part async for part in response.streaming_content])

    if not response.streaming:
        return response.content
    return async_to_sync(collect)() if response.is_async else b"".join(response.streaming_content)


def get(client, path, **headers):
    """Fetch the whole page, with the client for WSGI or for ASGI."""
    fetch = async_to_sync(client.get) if isinstance(client, AsyncClient) else client.get
    return body_of(fetch(path, **headers))


@pytest.fixture(params=[Client, AsyncClient], ids=["wsgi", "asgi"])
def client(request):
    return request.param()


WAYS = [*(f"/sync/{way}" for way in SYNC), *(f"/async/{way}" for way in [*ASYNC, "stream"])]


@pytest.mark.parametrize("way", WAYS)
def test_the_person_is_known_in_a_request_and_not_after_it(client, subject, actor, way):
    client.force_login(actor)

    assert get(client, f"{way}/{subject.pk}/").endswith(b"locked")
    assert last_actor(subject) == "actor"

    subject.fsm.unlock()
    lock_account(subject.pk)
    assert RequestContextMiddleware.get_request() is None
    assert last_actor(subject) == "CLI"

    subject.fsm.unlock()
    client.logout()
    get(client, f"{way}/{subject.pk}/")
    assert last_actor(subject) == "anonymous"


def test_the_person_is_known_while_the_body_of_a_response_streams(subject, actor):
    client = Client()
    client.force_login(actor)

    assert get(client, f"/sync/stream/{subject.pk}/") == b"about to lock, locked"

    assert last_actor(subject) == "actor"


def test_nobody_is_known_after_a_view_that_failed(client, subject, actor):
    client.force_login(actor)
    client.raise_request_exception = False

    get(client, f"/fail/{subject.pk}/")

    assert last_actor(subject) == "actor"
    assert RequestContextMiddleware.get_request() is None


def test_nobody_is_known_between_the_parts_of_a_streaming_body(subject, actor):
    client = Client()
    client.force_login(actor)

    response: Any = client.get(f"/sync/stream/{subject.pk}/")
    for _ in response.streaming_content:
        assert RequestContextMiddleware.get_request() is None


def test_a_streaming_body_is_closed_with_its_response():
    closed = threading.Event()

    def parts():
        try:
            yield b"part"
        finally:
            closed.set()

    response = StreamingHttpResponse(parts())
    RequestContextMiddleware(lambda request: response)(RequestFactory().get("/"))
    next(iter(response))
    response.close()

    assert closed.is_set()


def test_a_file_is_still_handed_to_the_server_as_a_file(tmp_path):
    (tmp_path / "file").write_text("content")
    response = FileResponse((tmp_path / "file").open("rb"))

    RequestContextMiddleware(lambda request: response)(RequestFactory().get("/"))

    assert response.file_to_stream is not None
    response.close()


def test_a_thread_started_without_the_context_knows_nobody(subject, actor):
    known = []

    def view(request):
        thread = threading.Thread(target=lambda: known.append(RequestContextMiddleware.get_request()))
        thread.start()
        thread.join()
        return HttpResponse()

    RequestContextMiddleware(view)(RequestFactory().get("/"))

    assert known == [None]


def test_a_command_acts_as_the_command_line(subject):
    class Lock(BaseCommand):
        def handle(self, **options):
            lock_account(subject.pk)

    call_command(Lock())

    assert last_actor(subject) == "CLI"


def test_a_command_that_a_view_calls_acts_for_the_person(subject, actor):
    class Lock(BaseCommand):
        def handle(self, **options):
            lock_account(subject.pk)

    def view(request):
        request.user = actor
        call_command(Lock())
        return HttpResponse()

    RequestContextMiddleware(view)(RequestFactory().get("/"))

    assert last_actor(subject) == "actor"


def test_without_a_request_the_default_is_given():
    assert RequestContextMiddleware.get_request() is None
    assert RequestContextMiddleware.get_request("nobody") == "nobody"
