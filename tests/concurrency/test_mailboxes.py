"""Two people who want the same address at the same moment."""

from functools import partial

import pytest
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from tests.factories import make_superuser, make_user
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

ROUNDS = 5
PASSWORD = "correct horse battery staple"


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta(UserCreationForm.Meta):
        fields = ("username", "email")


def sign_up(request):
    """As projects write it, with no transaction around it."""
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400)
    form.save()
    return HttpResponse("welcome")


urlpatterns = [path("sign_up/", sign_up), path("", include("project.urls"))]


def owners(address):
    return list(User.objects.filter(email__iexact=address).values_list("username", flat=True))


def post(client, url, data):
    return client.post(url, data).status_code


def test_of_two_who_sign_up_with_one_address_one_does():
    for number in range(ROUNDS):
        address = f"a{number}@example.com"
        fields = {"email": address, "password1": PASSWORD, "password2": PASSWORD}

        statuses = at_once(
            *(
                partial(post, Client(), "/sign_up/", {"username": f"{name}{number}", **fields})
                for name in ("ada", "bob")
            )
        )

        assert sorted(statuses) in ([200, 400], [200, 409])
        assert len(owners(address)) == 1


@pytest.mark.parametrize("stored", ["", "own@example.com"])
def test_of_two_whose_address_administrators_change_to_one_one_gets_it(stored):
    offices = [Client(), Client()]
    for client in offices:
        client.force_login(make_superuser(f"root{offices.index(client)}", email=""))
    for number in range(ROUNDS):
        address = f"new{number}@example.com"
        people = [make_user(f"{name}{number}", email=stored and f"{name}{number}{stored}") for name in ("ada", "bob")]

        statuses = at_once(*(partial(change, *each, address) for each in zip(offices, people, strict=True)))

        assert sorted(statuses) in ([200, 302], [302, 409])
        assert len(owners(address)) == 1


def change(client, user, address):
    url = reverse("admin:auth_user_change", args=[user.pk])
    form = client.get(url).context["adminform"].form
    fields = {name: value for name in form.fields if (value := form[name].value()) not in (None, False, [])}
    fields |= {"email": address, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "is_active": "on"}
    return client.post(url, fields).status_code


def test_of_two_superusers_made_by_command_with_one_address_one_is():
    make = partial(call_command, "createsuperuser", interactive=False, email="root@example.com", verbosity=0)

    make(username="ada")
    outcomes = at_once(partial(make, username="bob"), partial(make, username="eve"))

    assert [type(outcome) for outcome in outcomes] == [CommandError, CommandError]
    assert owners("root@example.com") == ["ada"]
