"""The life of an account in a project that nobody here wrote, over HTTP and by command; prints what went wrong."""

import sys

import django

django.setup()

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import NoReverseMatch, reverse

User = get_user_model()
NAME = User.USERNAME_FIELD

PAGES = [
    "user_audit:own_history",
    *(
        f"user_lifecycle:{name}"
        for name in ("account", "password_change", "leave", "password_reset", "ask_for_invitation")
    ),
]


def address(name, *args):
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


def expect(client, path, *statuses, data=None, method="get"):
    response = getattr(client, method)(path, data or {})
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code in statuses, (path, response.status_code, body[-600:])
    return body.decode()


def make(name, **kwargs):
    email = f"{name}@example.com"
    given = {NAME: email if NAME == "email" else name, "password": "right and long"}
    return User.objects.create_user(**given, **kwargs)


call_command("check", fail_level="ERROR")
for alias in settings.DATABASES:
    call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
call_command("check", databases=[*settings.DATABASES], fail_level="ERROR")
setup_test_environment()

from audit.models import UserStateAudit
from users.models import UserFSM

root_name = "root@example.com" if NAME == "email" else "root"
root = User.objects.create_superuser(**{NAME: root_name, "password": "right and long"})
root = User.objects.get(pk=root.pk)
assert root.fsm.current_state == "active", root.fsm.current_state
ada = make("ada")
ada.fsm.activate(by=root, description="welcome")

office = Client(REMOTE_ADDR="192.0.2.1")
assert office.login(**{NAME if NAME == "email" else "username": root_name, "password": "right and long"})
opts = User._meta
people = address(f"admin:{opts.app_label}_{opts.model_name}_changelist")
expect(office, address("admin:index"), 200)
expect(office, people, 200)
person = address(f"admin:{opts.app_label}_{opts.model_name}_change", ada.pk)
expect(office, person, 200)
operation = address(f"admin:{opts.app_label}_{opts.model_name}_operation", ada.pk, "lock")
expect(office, operation, 302, data={"own_words": "suspicious"}, method="post")
assert UserFSM.objects.get(user=ada).current_state == "locked"
expect(office, operation.replace("lock", "unlock"), 302, data={"own_words": "fine"}, method="post")
page = expect(office, people, 200, data={"action": "lock", "_selected_action": [str(ada.pk)]}, method="post")
assert "will be changed" in page, page[-500:]
records = address("admin:user_audit_userstateaudit_changelist")
for path in (
    records,
    f"{records}?days=7",
    f"{records}?to=locked",
    address("admin:user_audit_userstateaudit_export"),
    address("admin:user_audit_dashboard_changelist"),
    address("admin:user_audit_userstateaudit_change", UserStateAudit.objects.latest().pk),
    address("admin:user_audit_refusedtransition_changelist"),
):
    expect(office, path, 200)

login = address("user_lifecycle:login") or address("admin:login")
stranger = Client(REMOTE_ADDR="198.51.100.7")
for _ in range(6):
    expect(stranger, login, 200, data={"username": getattr(ada, NAME), "password": "wrong"}, method="post")
locked = UserFSM.objects.get(user=ada)
assert locked.current_state == "locked", locked.current_state
for _ in range(60):
    status = stranger.post(login, {"username": "nobody", "password": "wrong"}).status_code
assert status == 429, status

own = Client()
bob = make("bob")
bob.fsm.activate()
assert own.login(**{NAME if NAME == "email" else "username": getattr(bob, NAME), "password": "right and long"})
for name in PAGES:
    if path := address(name):
        expect(own, path, 200)
call_command("unlock_expired")
call_command("audit_verify")
print("told", file=sys.stderr)
