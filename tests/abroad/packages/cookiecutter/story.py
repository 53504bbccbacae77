import re

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment

from tests.abroad.packages import scene
from users.models import UserFSM

User = get_user_model()
call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
call_command("check", databases=["default"], fail_level="WARNING")
setup_test_environment()
User.objects.create_superuser("root@example.com", scene.PASSWORD)


def login(client, email, password=scene.PASSWORD):
    """Log in on the page of allauth, and say whether it worked."""
    client.post("/accounts/login/", {"login": email, "password": password})
    return "_auth_user_id" in client.session


def state(email):
    return UserFSM.objects.get(user__email=email).current_state


# Signing up and confirming the address works as before, and the person is in.
visitor = Client(REMOTE_ADDR="198.51.100.1")
fields = {"email": "ada@example.com", "password1": scene.PASSWORD, "password2": scene.PASSWORD}
assert visitor.post("/accounts/signup/", fields).status_code == 302
assert not login(Client(), "ada@example.com"), "the address is not confirmed"
# Signing up sends a link and the early login may send another: allauth's links carry the second they were made in.
confirm = [found for each in mail.outbox for found in re.findall(r"/accounts/confirm-email/\S+", str(each.body))][-1]
assert visitor.post(confirm).status_code == 302
assert login(visitor, "Ada@Example.com")
ada = User.objects.get(email="ada@example.com")
assert visitor.get("/users/~redirect/", follow=True).content == b"person ada@example.com"
assert scene.last_record(ada).transition == "create"

# Wrong passwords count on every way in, although requests are rolled back; the right one is refused like a wrong one.
for way, guess in (
    ("allauth", lambda client: client.post("/accounts/login/", {"login": "ada@example.com", "password": "wrong"})),
    ("token", lambda client: client.post("/api/auth-token/", {"username": "ada@example.com", "password": "wrong"})),
):
    guesser = Client(REMOTE_ADDR="198.51.100.2")
    for _ in range(5):
        guess(guesser)
    assert state("ada@example.com") == "locked", way
    assert not login(Client(REMOTE_ADDR="198.51.100.3"), "ada@example.com"), way
    assert visitor.get("/users/~redirect/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/"), way
    User.objects.get(pk=ada.pk).fsm.unlock(by="system")
    assert login(visitor, "ada@example.com"), way

# A token ends with the state.
api = Client(REMOTE_ADDR="198.51.100.4")
given = api.post("/api/auth-token/", {"username": "ada@example.com", "password": scene.PASSWORD}).json()["token"]
assert api.get("/api/users/me/", headers={"authorization": f"Token {given}"}).json() == {"email": "ada@example.com"}

# Their admin shows and changes people; its login is allauth's.
assert Client().get("/admin/login/").headers["Location"].startswith("/accounts/login/")
office = Client(REMOTE_ADDR="192.0.2.1")
office.force_login(User.objects.get(email="root@example.com"))
for path in ("", "?q=ada", "add/", f"{ada.pk}/change/"):
    assert office.get(f"/admin/users/user/{path}").status_code == 200, path
added = {
    "email": "eve@example.com",
    "usable_password": "true",
    "password1": scene.PASSWORD,
    "password2": scene.PASSWORD,
}
assert office.post("/admin/users/user/add/", added).status_code == 302
assert state("eve@example.com") == "active"
assert office.post(f"/admin/users/user/{ada.pk}/account/end_sessions/", {"own_words": "tidy"}).status_code == 302
form = office.get(f"/admin/users/user/{ada.pk}/change/").context["adminform"].form
assert "is_active" not in form.fields, "the state is changed by operations"
fields = {"email": ada.email, "name": "Ada", "last_login_0": "", "last_login_1": ""}
fields |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
assert office.post(f"/admin/users/user/{ada.pk}/change/", fields).status_code == 302
assert User.objects.get(pk=ada.pk).name == "Ada"
User.objects.filter(pk=ada.pk)[0].fsm.lock(by="system")
assert api.get("/api/users/me/", headers={"authorization": f"Token {given}"}).status_code == 403
scene.end()
