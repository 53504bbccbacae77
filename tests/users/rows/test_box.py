"""Pages of others that write `is_active`: what somebody touched counts, and what a stale page shows does not."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.forms import modelform_factory, modelformset_factory
from django.test import override_settings
from django.urls import path

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record
from users.states import State

pytestmark = pytest.mark.django_db


class PlainUserAdmin(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """As projects have it that do not use our mixin."""

    actions = ["deactivate"]

    def deactivate(self, request, queryset):
        for user in queryset:
            user.is_active = False
            user.save()
        self.message_user(request, f"{len(queryset)} user deactivated")


site = admin.AdminSite(name="plain")
site.register(User, PlainUserAdmin)
urlpatterns = [path("plain/", site.urls)]


@pytest.fixture
def user():
    return make_user()


def form_of(user, data=None, **kwargs):
    form_class = modelform_factory(User, fields=["first_name", "is_active"])  # as views do, once per request
    return form_class(data, instance=User.objects.get(pk=user.pk), **kwargs)


def sent(page: str, **changes: str | None) -> dict[str, str]:
    """What a browser sends of this page, with these inputs changed; None for a box without a tick."""
    values = {}
    for tag in re.findall(r"<input[^>]*>", str(page)):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in found and (found["type"] != "checkbox" or " checked" in tag):
            values[found["name"]] = found.get("value", "on" if found["type"] == "checkbox" else "")
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


@pytest.mark.parametrize("prefix", [None, "person"])
def test_a_stale_page_opens_nobody(user, prefix):
    page = form_of(user, prefix=prefix).as_p()
    user.fsm.lock()

    form = form_of(user, sent(page), prefix=prefix)
    assert form.is_valid()
    form.save()

    assert form.changed_data == []
    assert assert_true_record(user).state == State.LOCKED


def test_a_stale_page_shuts_nobody(user):
    user.fsm.lock()
    page = form_of(user).as_p()
    user.fsm.unlock()

    form = form_of(user, sent(page, first_name="Ada"))
    form.save()

    assert form.changed_data == ["first_name"]
    assert assert_true_record(user).state == State.ACTIVE


def test_a_box_that_was_touched_on_a_stale_page_counts(user):
    user.fsm.lock()
    page = form_of(user).as_p()
    user.fsm.deactivate()

    form_of(user, sent(page, is_active="on")).save()

    assert assert_true_record(user).state == State.ACTIVE


@pytest.mark.parametrize(("state", "box", "end"), [("active", None, "deactivated"), ("locked", "on", "active")])
def test_a_box_is_ticked_or_not_as_ever(state, box, end):
    user = make_user(state=State(state))

    form_of(user, sent(form_of(user).as_p(), is_active=box)).save()

    assert assert_true_record(user).state == end


def test_a_page_that_is_shown_again_with_an_error_still_carries_what_it_showed_first(user):
    page = form_of(user).as_p()
    user.fsm.lock()

    page = form_of(user, sent(page, first_name="x" * 200)).as_p()
    form_of(user, sent(page, first_name="Ada")).save()

    assert assert_true_record(user).state == State.LOCKED


def test_a_page_rendered_by_hand_says_what_is_ticked(user):
    form_of(user, {"first_name": "Ada", "is_active": "on"}).save()
    assert assert_true_record(user).state == State.ACTIVE

    form_of(user, {"first_name": "Ada"}).save()
    assert assert_true_record(user).state == State.DEACTIVATED


def test_an_empty_form_of_a_set_that_is_rendered_by_hand_makes_nobody():
    forms = modelformset_factory(User, fields=["username", "is_active"], extra=1)
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-username": "", "form-0-is_active": "on"}

    formset = forms(data, queryset=User.objects.none())

    assert formset.is_valid()
    assert formset.save() == []


@override_settings(ROOT_URLCONF=__name__)
def test_djangos_own_admin_has_the_box_too(client, user):
    client.force_login(make_superuser())
    url = f"/plain/auth/user/{user.pk}/change/"
    page = client.get(url).content.decode()
    user.fsm.lock()

    client.post(url, sent(page, first_name="Ada"))
    assert User.objects.get(pk=user.pk).first_name == "Ada"
    assert assert_true_record(user).state == State.LOCKED

    client.post(url, sent(client.get(url).content.decode(), is_active="on"))
    assert assert_true_record(user).state == State.ACTIVE
    record = UserStateAudit.objects.of(user).latest()
    assert (record.transition, record.initiated_by, record.cause) == ("unlock", "root", "is_active")


@override_settings(ROOT_URLCONF=__name__)
def test_an_action_that_says_it_has_deactivated_somebody_has(client, user):
    client.force_login(make_superuser())

    page = client.post("/plain/auth/user/", {"action": "deactivate", ACTION_CHECKBOX_NAME: [str(user.pk)]}, follow=True)

    assert "1 user deactivated" in page.content.decode()
    assert assert_true_record(user).state == State.DEACTIVATED
    assert UserStateAudit.objects.of(user).latest().initiated_by == "root"
