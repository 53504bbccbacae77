import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import reverse

from audit.models import UserStateAudit
from tests.abroad.packages import scene
from users.models import UserFSM

User = get_user_model()
scene.begin()
ada = scene.make("ada")
own, office = scene.browser_of("ada"), scene.browser_of("root")


def account():
    """Read the account as pages of the project do, which fills the cache."""
    return UserFSM.objects.get(user=ada.pk)


def as_cached():
    """What queries that were asked before say now."""
    return User.objects.get(username="ada").is_active, account().current_state, UserStateAudit.objects.of(ada).count()


def is_in():
    return own.get(reverse("user_lifecycle:account")).status_code == 200


# One transition, many at once, and failed logins: none is served from the cache afterwards, and the person is out.
records = as_cached()[-1]
guesser = Client(REMOTE_ADDR="198.51.100.1")
for close in (
    lambda: account().lock(by="system"),
    lambda: UserFSM.objects.filter(user=ada.pk).bulk_transition("lock", by="system", description="many"),
    lambda: [guesser.post(reverse("admin:login"), {"username": "ada", "password": "wrong"}) for _ in range(5)],
):
    assert as_cached() == (True, "active", records)
    assert is_in()
    close()
    records += 1
    assert as_cached() == (False, "locked", records)
    assert not is_in()
    assert not Client().login(username="ada", password=scene.PASSWORD)
    account().unlock(by="system")
    records += 1
    own = scene.browser_of("ada")
assert "lock" in office.get(reverse("admin:user_audit_userstateaudit_changelist")).text

# A cache that does not look at SQL would go on serving the person, and the check says so.
with override_settings(CACHALOT_INVALIDATE_RAW=False):
    assert "users.E052" in {message.id for message in run_checks()}
scene.end()
