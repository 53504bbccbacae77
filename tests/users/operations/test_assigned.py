"""Pages of other packages, which write `user.is_active` and save, are bound to the rule for protected accounts too."""

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.urls import path

from audit.models import RefusedTransition, UserStateAudit
from tests.factories import make_superuser, make_user
from tests.truth import truth
from users.causes import Cause
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def box(request, key, value):
    """As the forms, imports and actions of packages do that know nothing of us."""
    user = User.objects.get(pk=key)
    user.is_active, user.first_name = bool(value), "Ada"
    user.save()
    return HttpResponse("saved")


def demotion(request, key):
    user = User.objects.get(pk=key)
    user.is_active = user.is_superuser = False
    user.save()
    return HttpResponse("saved")


urlpatterns = [path("box/<int:key>/<int:value>/", box), path("demotion/<int:key>/", demotion)]


def last_record(user):
    return UserStateAudit.objects.of(user).latest()


def assert_refused(response, user, transition, by):
    assert response.status_code == 403
    assert User.objects.get(pk=user.pk).first_name == ""
    assert last_record(user).transition != transition
    noted = RefusedTransition.objects.latest("pk")
    assert (noted.username, noted.transition, noted.reason) == (user.username, transition, "protected")
    assert noted.initiated_by == by


@pytest.mark.parametrize("page", ["box/{}/0/", "demotion/{}/"])
@pytest.mark.parametrize("by", ["root", "staff", "anonymous"])
def test_the_last_active_superuser_stays(client, page, by):
    root, staff = make_superuser(), make_user("staff", is_staff=True)
    make_superuser("gone").fsm.deactivate()
    if by != "anonymous":
        client.force_login({"root": root, "staff": staff}[by])

    assert client.post("/" + page.format(root.pk)).status_code == 403

    assert truth(root).state == State.ACTIVE
    assert User.objects.get(pk=root.pk).is_superuser
    assert RefusedTransition.objects.get().initiated_by == by


@pytest.mark.parametrize(("before", "value", "transition"), [("", 0, "deactivate"), ("lock", 1, "unlock")])
def test_only_superusers_move_superusers(client, before, value, transition):
    root, other, staff = make_superuser(), make_superuser("other"), make_user("staff", is_staff=True)
    if before:
        getattr(other.fsm, before)()
    client.force_login(staff)

    assert_refused(client.post(f"/box/{other.pk}/{value}/"), other, transition, "staff")

    client.force_login(root)
    assert client.post(f"/box/{other.pk}/{value}/").status_code == 200
    assert (last_record(other).transition, last_record(other).initiated_by) == (transition, "root")


def test_only_members_and_superusers_move_members_of_the_protected_group(client, settings):
    settings.USERS_PROTECTED_GROUP = "guards"
    guards = Group.objects.create(name="guards")
    members = [make_user(name) for name in ("ada", "bob")]
    for member in members:
        member.groups.add(guards)
    client.force_login(make_user("staff", is_staff=True))

    assert_refused(client.post(f"/box/{members[0].pk}/0/"), members[0], "deactivate", "staff")

    client.force_login(members[1])
    assert client.post(f"/box/{members[0].pk}/0/").status_code == 200
    assert_refused(client.post(f"/box/{members[1].pk}/0/"), members[1], "deactivate", "bob")


def test_people_close_their_own_account_on_pages_of_others(client):
    make_superuser()
    for user in (make_superuser("other"), make_user("ada")):
        client.force_login(user)

        assert client.post(f"/box/{user.pk}/0/").status_code == 200

        assert (last_record(user).transition, last_record(user).cause) == ("deactivate", Cause.IS_ACTIVE)


def test_a_value_that_the_account_has_is_no_move(client):
    root = make_superuser()
    client.force_login(make_user("staff", is_staff=True))

    assert client.post(f"/box/{root.pk}/1/").status_code == 200

    assert User.objects.get(pk=root.pk).first_name == "Ada"


def test_code_outside_of_requests_decides_for_itself():
    root = make_superuser()

    root.is_active = False
    root.save()

    assert last_record(root).transition == "deactivate"


def test_other_accounts_cost_one_query(client, django_assert_max_num_queries):
    make_superuser()
    ada = make_user("ada")
    with django_assert_max_num_queries(100) as before:
        ada.is_active = False
        ada.save()
    bob = make_user("bob")

    with django_assert_max_num_queries(len(before) + 2):  # and the view reads the user
        client.post(f"/box/{bob.pk}/0/")
