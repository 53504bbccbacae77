"""The examples in the documents are sent, in their order, and answered as they say; every endpoint has one."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import get_resolver, resolve

from project.documents import ROOT
from tests.api import make_service, make_token
from tests.factories import make_user
from users import transitions
from users.api.scim.views import NotFoundView
from users.transitions import permission_of

PAGES = ("docs/api.md", "docs/scim.md")
EXAMPLE = re.compile(r"<!-- example -->\n```http\n(\w+) (\S+)\n(.*?)\n\n(\d{3})\n(.*?)\n```", re.DOTALL)
TABLE = re.compile(r"<!-- examples -->\n\|.*\n\|.*\n((?:\|.*\n)+)")
PERMISSIONS = [
    *map(permission_of, ("view", "invite", *transitions.ABOUT)),
    "user_lifecycle.delete_loginsession",
    "user_audit.view_userstateaudit",
    "user_audit.view_refusedtransition",
    "user_audit.view_schedulingnote",
    "auth.change_user",
    "auth.delete_user",
]
METHODS = ("get", "post", "put", "patch", "delete")


class Example(NamedTuple):
    """A request and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any
    """What the answer contains; None where the page does not show it."""


def examples_of(page: str) -> list[Example]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = EXAMPLE.findall(text)
    assert len(found) == text.count("<!-- example -->") > 0
    assert len(TABLE.findall(text)) == text.count("<!-- examples -->") > 0
    return [*map(of_block, found), *(of_row(row) for rows in TABLE.findall(text) for row in rows.splitlines())]


def of_block(found: tuple[str, ...]) -> Example:
    method, path, request, status, answer = found
    *lines, body = request.split("\n") if "{" in request else [*request.split("\n"), ""]
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Example(method, path, headers, body, int(status), json.loads(answer))


def of_row(row: str) -> Example:
    request, body, status, answer = (cell.strip().strip("`") for cell in row.strip("|").split("|"))
    method, path = request.split()
    return Example(method, path, {}, body, int(status), json.loads(answer) if answer else None)


def contained(part: Any, whole: Any) -> bool:
    """Whether everything that an example shows is in an answer; an answer says more."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and contained(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and len(part) == len(whole) and all(map(contained, part, whole))
    return bool(part == whole)


def filled(text: str, keys: dict[str, str]) -> str:
    for name, key in keys.items():
        text = text.replace(f"{{{name}}}", key)
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_are_answered_as_the_page_says(page):
    machine, ada = make_service(*PERMISSIONS), make_user("ada", email="ada@example.com")
    token = {"Authorization": f"Bearer {make_token(machine, *PERMISSIONS)}"}
    keys = {"ada": str(ada.pk), "machine": str(machine.pk)}

    for each in examples_of(page):
        path, body = filled(each.path, keys), filled(each.body, keys)
        data = {"data": body, "content_type": "application/json"} if body else {}
        response = getattr(Client(), each.method.lower())(path, headers=token | each.headers, **data)
        assert response.status_code == each.status, (path, response.content)
        if each.answer is not None:
            answer = json.loads(filled(json.dumps(each.answer), keys))
            assert contained(answer, response.json()), (path, response.json())
        if each.method == "POST" and response.status_code == 201:
            made = response.json()
            keys["bob" if "username" in made else "change"] = made["id"]


def test_every_endpoint_has_an_example():
    shown = {
        (each.method.lower(), resolve(re.sub(r"\{\w+\}", "1", each.path.partition("?")[0])).route)
        for page in PAGES
        for each in examples_of(page)
    }
    routes = {route for _, route in shown}
    endpoints = list(served())

    assert [each for each in endpoints if each not in shown] == []
    assert len(endpoints) >= 40
    assert {route for route in not_implemented() if route not in routes} == set()


def served() -> Iterator[tuple[str, str]]:
    """The method and route of each endpoint of the API, and of each of SCIM that does something."""
    for route, view in routes():
        handlers = [name for name in METHODS if hasattr(view.view_class, name)]
        if route.startswith("api/"):
            yield from ((name, route) for name in handlers)
        elif route == "scim/v2/Users":
            yield from (("get", route), ("post", route))
        elif route == "scim/v2/Users/<str:uuid>":
            yield from ((name, route) for name in ("get", "put", "patch", "delete"))
        elif view.view_initkwargs.get("implemented", True) and view.view_class is not NotFoundView:
            yield "get", route


def not_implemented() -> set[str]:
    return {route for route, view in routes() if not view.view_initkwargs.get("implemented", True)}


def routes() -> Iterator[tuple[str, Any]]:
    yield from _below(get_resolver().url_patterns, "")


def _below(patterns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _below(each.url_patterns, route)
        elif route.startswith(("api/", "scim/")):
            yield route, each.callback
