import django

django.setup()

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from tests.abroad.packages import scene
from users.models import UserFSM

User = get_user_model()
root = scene.begin()


def arrive(person, *, process="login", client=None, **said):
    """Come from the other site as this person, and return the browser."""
    client = client or Client(REMOTE_ADDR="198.51.100.1")
    asked = client.post(f"/accounts/dummy/login/?process={process}")
    client.post(asked.headers["Location"], {"id": person, **said}, follow=True)
    return client


def is_in(client):
    """Whether a page knows the person; a session alone is not enough."""
    return client.get("/").content != b" is here"


# Signing up there is a birth with a record, and the person is in.
ada = arrive(1, username="ada", email="ada@example.com", email_verified="on")
assert is_in(ada)
user = User.objects.get(username="ada")
assert (scene.state_of(user), scene.last_record(user).transition) == ("active", "create")
assert scene.last_record(user).ip_address == "198.51.100.1"

# Whoever leaves the state active is out, and stays out on every way back.
for leave, come_back in (("lock", "unlock"), ("deactivate", "reactivate")):
    assert is_in(ada)
    getattr(user.fsm, leave)(by=root)
    assert not is_in(ada), leave
    assert not is_in(arrive(1, username="ada", email="ada@example.com", email_verified="on")), leave
    assert not is_in(arrive(2, username="eve", email="ada@example.com", email_verified="on")), leave
    assert scene.state_of(user) != "active"
    getattr(user.fsm, come_back)(by=root)
    ada = arrive(1)

# Invited people come in by their invitation, and not by an account elsewhere with the same address.
UserFSM.objects.invite(email="ann@example.com", username="ann", by=root)
assert not is_in(arrive(3, username="ann", email="ann@example.com", email_verified="on"))
assert scene.state_of(User.objects.get(username="ann")) == "invited"
assert User.objects.filter(email="ann@example.com").count() == 1

# Where people start as invited, signing up elsewhere does not let them in either.
with override_settings(USERS_INITIAL_STATE="invited"):
    assert not is_in(arrive(4, username="bea", email="bea@example.com", email_verified="on"))
assert scene.state_of(User.objects.get(username="bea")) == "invited"

# Somebody who has an account here connects one of the other site to it, and comes in with that.
scene.make("cal")
own = scene.browser_of("cal")
arrive(5, process="connect", client=own)
assert SocialAccount.objects.get(uid="5").user.username == "cal"
assert is_in(arrive(5))
scene.end()
