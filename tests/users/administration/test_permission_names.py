"""Permissions are named in the reader's language where forms offer them."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import translation

from tests.factories import make_superuser
from users.administration.permission_names import name_of

pytestmark = pytest.mark.django_db

FORMS = {
    "token": ("admin:user_api_servicetoken_add", ()),
    "person": ("admin:auth_user_change", None),
    "group": ("admin:auth_group_add", ()),
}


def permission(code):
    return Permission.objects.select_related("content_type").get(codename=code)


@pytest.mark.parametrize("name", FORMS)
def test_forms_offer_permissions_in_the_language_of_the_page(client, name):
    root = make_superuser()
    client.force_login(root)
    page, args = FORMS[name]
    url = reverse(page, args=[root.pk] if args is None else args)

    english = client.get(url).text
    chinese = client.get(url, headers={"Accept-Language": "zh-hans"}).text

    assert all(text in english for text in ("Can lock accounts", "Can view refused transition", "Can view user"))
    assert "可以锁定账户" in chinese
    assert "Can lock accounts" not in chinese
    assert "Can view" not in chinese


def test_every_permission_is_called_in_english_as_it_is_stored():
    with translation.override("en"):
        assert {each.codename: name_of(each) for each in Permission.objects.select_related("content_type")} == dict(
            Permission.objects.values_list("codename", "name")
        )


def test_a_permission_that_no_model_names_keeps_its_stored_name():
    kept = permission("lock_userfsm")
    kept.codename, kept.name = "juggle_userfsm", "Can juggle"
    gone = Permission(
        codename="view_gone", name="Can view gone", content_type=ContentType(app_label="gone", model="gone")
    )

    with translation.override("zh-hans"):
        assert (name_of(kept), name_of(gone)) == ("Can juggle", "Can view gone")


@pytest.mark.parametrize(
    ("name", "field"), [("person", "user_permissions"), ("person", "groups"), ("group", "permissions")]
)
def test_a_key_that_no_database_holds_is_no_choice(client, name, field):
    root = make_superuser()
    client.force_login(root)
    page, args = FORMS[name]
    url = reverse(page, args=[root.pk] if args is None else args)

    answer = client.post(url, {"username": "root", "name": "staff", field: "9" * 20})

    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def test_the_list_of_groups_drops_what_it_cannot_read(client):
    client.force_login(make_superuser())
    answer = client.get(reverse("admin:auth_group_changelist"), {"user": "9" * 20, "id__in": "9" * 20}, follow=True)

    assert len(answer.redirect_chain) >= 1
    assert len([*answer.context["messages"]]) >= 1
