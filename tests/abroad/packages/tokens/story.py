import django

django.setup()

from django.test import Client

from tests.abroad.adding import block
from tests.abroad.packages import scene

scene.begin()
ada, bob, eve = map(scene.make, ("ada", "bob", "eve"))
api = Client(REMOTE_ADDR="198.51.100.7")


def ask(name, password, url, client=api):
    return client.post(url, {"username": name, "password": password}, content_type="application/json")


# Wrong passwords count, although the request is rolled back.
for user, url, address in ((ada, "/token/", "198.51.100.1"), (bob, "/jwt/", "198.51.100.2")):
    client = Client(REMOTE_ADDR=address)
    for _ in range(5):
        assert ask(user.username, "wrong", url, client).status_code in (400, 401)
    assert scene.state_of(user) == "locked", (url, scene.state_of(user))
    assert scene.last_record(user).ip_address == address
    assert ask(user.username, scene.PASSWORD, url, client).status_code in (400, 401)

# Tokens of an account that is not active are refused.
token = ask("eve", scene.PASSWORD, "/token/").json()["token"]
jwt = ask("eve", scene.PASSWORD, "/jwt/").json()["access"]
for credentials in (f"Token {token}", f"Bearer {jwt}"):
    assert api.get("/me/", headers={"authorization": credentials}).json() == {"name": "eve"}
eve.fsm.lock(by="system")
for credentials in (f"Token {token}", f"Bearer {jwt}"):
    assert api.get("/me/", headers={"authorization": credentials}).status_code in (401, 403)
eve.fsm.unlock(by="system")

# allauth's pages: who signs up can log in, and wrong passwords count there too.
visitor = Client(REMOTE_ADDR="198.51.100.3")
fields = {"username": "new", "email": "new@example.com", "password1": scene.PASSWORD, "password2": scene.PASSWORD}
assert visitor.post("/accounts/signup/", fields).status_code == 302
assert visitor.get("/accounts/login/").status_code in (200, 302)
assert "_auth_user_id" in visitor.session
other = Client(REMOTE_ADDR="198.51.100.4")
assert other.post("/accounts/login/", {"login": "eve", "password": scene.PASSWORD}).status_code == 302
guesser = Client(REMOTE_ADDR="198.51.100.5")
for _ in range(5):
    assert guesser.post("/accounts/login/", {"login": "eve", "password": "wrong"}).status_code == 200
assert scene.state_of(eve) == "locked"
assert "_auth_user_id" not in guesser.session

# Its page knows addresses in lower case alone, and the address of somebody else is refused all the same.
type(eve).objects.create_user("idn", "Idn@b\u00fccher.example")
taken = fields | {"username": "second", "email": "idn@b\u00fccher.example"}
assert Client(REMOTE_ADDR="198.51.100.6").post("/accounts/signup/", taken).status_code == 409
assert not type(eve).objects.filter(username="second").exists()


# Without the receivers of docs/tokens.md, tokens live again after a lock; with them, they have ended.
def pair_of(name):
    return ask(name, scene.PASSWORD, "/jwt/").json()["refresh"], ask(name, scene.PASSWORD, "/token/").json()["token"]


def refreshed(refresh):
    return api.post("/jwt/refresh/", {"refresh": refresh}, content_type="application/json")


def knows(token):
    return api.get("/me/", headers={"authorization": f"Token {token}"}).status_code == 200


dan = scene.make("dan")
refresh, token = pair_of("dan")
for there, back in (("lock", "unlock"), ("deactivate", "reactivate")):
    getattr(dan.fsm, there)(by="system")
    assert refreshed(refresh).status_code == 401
    assert not knows(token)
    getattr(dan.fsm, back)(by="system")
    refresh = refreshed(refresh).json()["refresh"]
    assert knows(token)
exec(block("End tokens with the account", "tokens.md"))  # noqa: S102 - what the page tells people to copy
exec(block("End refresh tokens of simplejwt", "tokens.md"))  # noqa: S102
for there, back in (("lock", "unlock"), ("deactivate", "reactivate")):
    refresh, token = pair_of("dan")
    rotated = refreshed(refresh).json()["refresh"]
    getattr(dan.fsm, there)(by="system")
    getattr(dan.fsm, back)(by="system")
    assert refreshed(refresh).status_code == refreshed(rotated).status_code == 401
    assert not knows(token)
    assert refreshed(pair_of("dan")[0]).status_code == 200
scene.end()
