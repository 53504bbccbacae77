import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", "text/plain"])
def test_what_browsers_send_passes(client, db, content_type):
    assert client.generic("POST", "/accounts/login/", b"username=a", content_type=content_type).status_code == 200


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16", "latin-1", "nonsense"])
def test_forms_in_another_encoding_are_refused(client, charset):
    answer = client.generic("POST", "/accounts/login/", b"x=1", content_type=f"{FORM}; charset={charset}")

    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/accounts/%00/", "/?%00", "/accounts/login/?next=%00"])
def test_nul_in_an_address_is_refused(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("cookie", ["sessionid=a\x00bcdefgh", r'sessionid="abcdefgh\000"', 'x\x00="a"'])
def test_nul_in_a_cookie_is_refused(client, cookie):
    assert client.get("/accounts/login/", headers={"Cookie": cookie}).status_code == 400


@pytest.mark.parametrize("headers", [{}, {"HTTP_REFERER": "https://testserver/accounts/login/"}])
@pytest.mark.parametrize("secure", [False, True])
def test_a_form_that_cannot_be_read_is_refused_where_tokens_are_checked_too(db, headers, secure):
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/", secure=secure)
    assert "csrftoken" in client.cookies

    answer = client.generic(
        "POST", "/accounts/login/", b"a=b", content_type=f"{FORM}; charset=utf-16", secure=secure, **headers
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("page", "query", "status"),
    [
        ("changelist", "id__range=3", 400),
        ("changelist", "id__range=1,2,3", 400),
        ("changelist", "username__range=3", 400),
        ("changelist", "id__range=1,2", 302),  # Django finds that this lookup takes no text
        ("changelist", "_to_field=fsm", 400),
        ("changelist", "_to_field=login_sessions&_popup=1", 400),
        ("changelist", "_to_field=", 400),
        ("changelist", "_to_field=id&_popup=1", 200),
        ("change", "_to_field=fsm", 400),
        ("change", "_to_field=", 400),
        ("change", "_to_field=id", 200),
        ("delete", "_to_field=login_sessions", 400),
        ("delete", "_to_field=", 400),
    ],
)
@pytest.mark.django_db
def test_odd_addresses_of_the_admin_are_refused(client, admin, page, query, status):
    group = Group.objects.create(name="interns")
    for model, pk in (("auth_user", admin.pk), ("auth_group", group.pk)):
        if model == "auth_group" and "username" in query:
            continue
        path = reverse(f"admin:{model}_{page}", args=() if page == "changelist" else (pk,))
        drops_it = (page, status) == ("changelist", 400)  # and says so: see `users.lists`
        assert client.get(f"{path}?{query}").status_code == (302 if drops_it else status), model


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/", "/nothing/", "/accounts/%00/"])
def test_every_page_has_a_policy_that_allows_nothing_inline(client, db, path):
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=|javascript:")


def test_no_template_of_ours_has_anything_inline():
    folders = [folder for app in ("users", "audit", "project") for folder in Path(app).glob("templates")]
    mails = "user_lifecycle/mail/"  # mail programs know no other style
    found = {
        str(template)
        for folder in folders
        for template in folder.rglob("*.*")
        if mails not in str(template) and INLINE.search(template.read_text())
    }

    # As a picture of its own, outside of the site, the diagram brings its style along.
    assert found <= {"users/templates/user_lifecycle/state_diagram.svg"}


@pytest.mark.django_db
def test_pages_as_they_are_sent_have_nothing_inline(client, admin):
    make_user("ada").fsm.lock(by="system")
    paths = ["/accounts/", "/accounts/login/", "/admin/", reverse("admin:user_audit_dashboard_changelist")]
    paths += [reverse(f"admin:auth_user_{page}", args=(admin.pk,)) for page in ("change", "delete", "history")]
    paths += [reverse("user_api:docs")] if apps.is_installed("users.api") else []
    paths += [reverse("admin:auth_user_changelist"), reverse("admin:auth_user_invite"), reverse("admin:index")]

    assert {path: found[0] for path in paths if (found := INLINE.search(client.get(path).text))} == {}


def test_the_page_to_try_the_api_takes_its_script_from_a_file(client, db):
    if not apps.is_installed("users.api"):
        pytest.skip("the packages of the API are not installed")

    page = client.get(reverse("user_api:docs"))
    (script,) = re.findall(r'src="(/api/[^"]*script=[^"]*)"', page.text)
    answer = client.get(script)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "application/javascript")
    assert "SwaggerUIBundle" in answer.text
