"""Within a request no account gets the mailbox of another one, whatever view saves it."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import path

from tests.factories import make_user
from users.exceptions import MailboxTaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def sign_up(request):
    """As packages do whose serializers and forms know nothing of our field."""
    User.objects.create_user(request.POST["name"], request.POST["email"])
    return HttpResponse("welcome")


def move(request):
    user = User.objects.get(username=request.POST["name"])
    user.email = request.POST["email"]
    user.save(update_fields=["email"] if "only" in request.POST else None)
    return HttpResponse("moved")


def careful(request):
    try:
        with transaction.atomic():
            User.objects.create_user("bob", request.POST["email"])
    except IntegrityError as error:
        return HttpResponse(f"caught {type(error).__name__}")
    return HttpResponse("welcome")


def untouched(request):
    user = User.objects.get(username=request.POST["name"])
    user.first_name = "A"
    user.save()
    return HttpResponse("saved")


urlpatterns = [path(f"{view.__name__}/", view) for view in (sign_up, move, careful, untouched)]


@pytest.fixture
def ada():
    return make_user("ada", email="Ada@bücher.example")


@pytest.mark.parametrize("address", ["Ada@bücher.example", "ada@xn--bcher-kva.example", "ADA@BÜCHER.example"])
def test_a_sign_up_with_the_address_of_somebody_else_is_refused(client, ada, address):
    response = client.post("/sign_up/", {"name": "bob", "email": address})

    assert response.status_code == 409
    assert "An account with this address already exists." in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not User.objects.filter(username="bob").exists()


def test_a_client_that_reads_no_html_is_answered_in_json(client, ada):
    response = client.post("/sign_up/", {"name": "bob", "email": ada.email}, headers={"accept": "application/json"})

    assert (response.status_code, response.json()) == (
        409,
        {"detail": "An account with this address already exists."},
    )


@pytest.mark.parametrize("only", [{}, {"only": "on"}])
def test_nobody_moves_to_the_address_of_somebody_else(client, ada, only):
    make_user("bob", email="bob@example.com")
    make_user("eve")

    for name in ("bob", "eve"):
        assert client.post("/move/", {"name": name, "email": "ada@bücher.example", **only}).status_code == 409
    assert User.objects.get(username="bob").email == "bob@example.com"
    assert User.objects.get(username="eve").email == ""


def test_code_that_expects_a_unique_column_catches_it(client, ada):
    assert client.post("/careful/", {"email": ada.email}).content == b"caught MailboxTaken"


def test_an_address_of_ones_own_is_accepted_and_so_is_none(client, ada):
    make_user("bob", email="")

    assert client.post("/sign_up/", {"name": "eve", "email": "eve@example.com"}).content == b"welcome"
    assert client.post("/sign_up/", {"name": "dan", "email": ""}).content == b"welcome"
    assert client.post("/move/", {"name": "ada", "email": "ADA@bücher.example"}).content == b"moved"
    assert client.post("/move/", {"name": "eve", "email": ""}).content == b"moved"


def test_accounts_that_share_a_mailbox_already_are_saved_as_before(client, ada):
    make_user("bob", email=ada.email)

    assert client.post("/untouched/", {"name": "bob"}).content == b"saved"


def test_they_may_spell_it_in_another_way(client, ada):
    """Forms give the normal form to what was stored before, and whoever corrects the case changes no mailbox."""
    make_user("bob", email=ada.email)
    User.objects.filter(username="bob").update(email="Ada@BÜCHER.example")

    assert client.post("/move/", {"name": "bob", "email": "ada@xn--bcher-kva.example"}).content == b"moved"
    assert User.objects.get(username="bob").email == "ada@xn--bcher-kva.example"


def test_people_share_a_mailbox_where_the_setting_says_so(client, ada, settings):
    settings.USERS_SHARED_MAILBOXES = True

    assert client.post("/sign_up/", {"name": "bob", "email": ada.email}).content == b"welcome"


def test_outside_of_a_request_code_decides_for_itself(ada):
    assert User.objects.create_user("bob", ada.email).email == ada.email


@pytest.mark.parametrize("typed", ["ada@BÜCHER.example", "ADA@xn--bcher-kva.example"])
def test_createsuperuser_refuses_the_address_of_somebody_else(ada, typed, monkeypatch):
    with pytest.raises(CommandError, match="already exists"):
        call_command("createsuperuser", username="root", email=typed, interactive=False)

    # At the prompt it is asked again.
    said, answers = StringIO(), iter([typed, "root@example.com"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "correct horse battery staple")
    call_command("createsuperuser", username="root", interactive=True, stdin=_Terminal(), stdout=said, stderr=said)
    assert "An account with this address already exists." in said.getvalue()
    assert User.objects.get(username="root").email == "root@example.com"


class _Terminal:
    def isatty(self):
        return True


def test_it_is_one_kind_of_integrity_error():
    assert issubclass(MailboxTaken, IntegrityError)
