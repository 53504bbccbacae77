"""The examples in the documents are sent, in their order, and answered as they say."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from project.documents import ROOT
from tests.api import make_service, make_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db

EXAMPLE = re.compile(r"<!-- example -->\n```http\n(\w+) (\S+)\n(.*?)\n\n(\d{3})\n(.*?)\n```", re.DOTALL)
PERMISSIONS = [
    *(
        f"user_lifecycle.{name}_userfsm"
        for name in ("view", "invite", "activate", "lock", "unlock", "deactivate", "reactivate")
    ),
    "user_audit.view_userstateaudit",
    "user_audit.view_refusedtransition",
    "user_audit.view_schedulingnote",
    "auth.change_user",
]


def contained(part: Any, whole: Any) -> bool:
    """Whether everything that an example shows is in an answer; an answer says more."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and contained(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and len(part) == len(whole) and all(map(contained, part, whole))
    return bool(part == whole)


@pytest.mark.parametrize("page", ["docs/api.md", "docs/scim.md"])
def test_the_examples_are_answered_as_the_page_says(page):
    machine, ada = make_service(*PERMISSIONS), make_user("ada", email="ada@example.com")
    headers = {"Authorization": f"Bearer {make_token(machine, *PERMISSIONS)}"}
    text = (ROOT / page).read_text(encoding="utf-8").replace("{ada}", str(ada.pk)).replace("{machine}", str(machine.pk))

    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("<!-- example -->") > 0
    for method, path, request, status, answer in examples:
        *lines, body = request.split("\n") if "{" in request else [*request.split("\n"), ""]
        sent = headers | dict(line.split(": ", 1) for line in lines if ": " in line)
        data = {"data": body, "content_type": "application/json"} if body else {}
        response = getattr(Client(), method.lower())(path, headers=sent, **data)
        assert response.status_code == int(status), (path, response.content)
        assert contained(json.loads(answer), response.json()), (path, response.json())
