"""The OpenAPI document: it is valid, complete and true, whatever is sent."""

import re
from itertools import cycle

import pytest
import schemathesis
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from tests.api import make_token
from tests.factories import make_superuser, make_user
from users import operations
from users.api.accounts import path_name

pytestmark = pytest.mark.django_db

LIMITS = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


def document(client):
    return client.get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()


def test_the_document_is_openapi_3_1_with_examples(client):
    described = document(client)

    assert described["openapi"] == "3.1.0"
    assert described["components"]["securitySchemes"]["serviceToken"] == {"type": "http", "scheme": "bearer"}
    lock = described["paths"]["/api/v1/users/{key}/lock"]["post"]
    assert lock["requestBody"]["content"]["application/json"]["examples"]
    assert lock["responses"]["409"]["content"]["application/problem+json"]["examples"]
    assert {parameter["name"] for parameter in lock["parameters"]} == {"key", "If-Match", "Idempotency-Key"}


def test_every_operation_is_described(client):
    paths = document(client)["paths"]

    for operation in operations.ALL.values():
        assert f"/api/v1/users/{{key}}/{path_name(operation)}" in paths
        assert f"/api/v1/many/{path_name(operation)}" in paths


def test_the_document_is_made_without_warnings(client, capsys):
    document(client)

    assert "Warning" not in capsys.readouterr().err


def test_there_is_a_page_to_try_it_that_a_strict_policy_lets_work(client):
    page = client.get("/api/v1/docs").content.decode()
    assert "<title>Accounts API</title>" in page

    scripts = re.findall(r'<script src="([^"]+)"></script>', page)
    assert page.count("<script") == len(scripts) == 3
    assert all(source.startswith("/") for source in scripts)
    script = client.get(scripts[-1].replace("&amp;", "&"))
    assert script.status_code == 200
    assert "/api/v1/schema" in script.content.decode()


@pytest.fixture
def api(client, settings):
    settings.USERS_API_RATE = None
    cache.clear()
    root = make_superuser("robot")
    every = [
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    ]
    token = make_token(root, *every)
    people = [make_user(f"person{number}", email=f"person{number}@example.com") for number in range(3)]
    described = schemathesis.openapi.from_dict(document(client))
    described.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    described.app = get_wsgi_application()
    for signal in (request_started, request_finished):  # the connection of the test stays open
        signal.disconnect(close_old_connections)
    yield described, token, [str(person.pk) for person in people]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def probing(seen, headers, checks, keys):
    def probe(case):
        key = next(keys)
        if key and "key" in case.path_parameters:  # every other time somebody who is there
            case.path_parameters["key"] = key
        response = case.call(headers=headers)
        seen.add(response.status_code)
        case.validate_response(response, checks=checks)

    return probe


def test_nothing_that_is_sent_gets_an_answer_that_is_not_described(api):
    described, token, people = api
    checks = [CHECKS.get_one(name) for name in NAMES]
    headers = {"Authorization": f"Bearer {token}", "Host": "testserver"}
    answers: dict[str, set[int]] = {}

    for result in described.get_all_operations():
        operation = result.ok()
        probe = probing(answers.setdefault(operation.label, set()), headers, checks, cycle([None, *people]))
        given(case=operation.as_strategy())(LIMITS(probe))()

    assert all(answers.values())
    assert {200, 400, 404, 409} <= set().union(*answers.values())
