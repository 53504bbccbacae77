"""The life of an account in a project that nobody here wrote, over HTTP and by command; prints what went wrong."""

import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import django

django.setup()

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db.models import IntegerField
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import NoReverseMatch, reverse

User = get_user_model()
NAME = User.USERNAME_FIELD
REQUIRED = dict.fromkeys({"date_of_birth"} & {*User.REQUIRED_FIELDS}, "1815-12-10")

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


def named(name):
    """The name of this person in the form that the user model has for names."""
    if isinstance(User._meta.get_field(NAME), IntegerField):
        return crc32(name.encode())
    return f"{name}@example.com" if NAME == "email" else name


def make(name):
    return User.objects.create_user(**{NAME: named(name), "password": "right and long"}, **REQUIRED)


def log_in(client, name):
    typed = NAME if NAME == "email" else "username"
    assert client.login(**{typed: str(named(name)), "password": "right and long"})


def state_of(user):
    return UserFSM.objects.get(user=user.pk).current_state


call_command("check", fail_level="ERROR")
for alias in settings.DATABASES:
    call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
call_command("check", databases=[*settings.DATABASES], fail_level="ERROR")
setup_test_environment()

from audit.models import UserStateAudit
from users.models import UserFSM
from users.rows.user_model import has_field

root = User.objects.create_superuser(**{NAME: named("root"), "password": "right and long"}, **REQUIRED)
root = User.objects.get(pk=root.pk)
assert root.fsm.current_state == "active", root.fsm.current_state
ada = make("ada")
ada.fsm.activate(by=root, description="welcome")


def administer():
    """What administrators do on the pages of the admin."""
    office = Client(REMOTE_ADDR="192.0.2.1")
    log_in(office, "root")
    of_users = f"admin:{User._meta.app_label}_{User._meta.model_name}"
    people = address(f"{of_users}_changelist")
    expect(office, address("admin:index"), 200)
    assert str(named("ada")) in expect(office, people, 200)
    expect(office, address(f"{of_users}_download"), 200)
    expect(office, address(f"{of_users}_change", ada.pk), 200)
    operation = address(f"{of_users}_operation", ada.pk, "lock")
    expect(office, operation, 302, data={"own_words": "suspicious"}, method="post")
    assert state_of(ada) == "locked"
    assert str(named("ada")) in expect(office, people, 200)
    expect(office, operation.replace("lock", "unlock"), 302, data={"own_words": "fine"}, method="post")
    page = expect(office, people, 200, data={"action": "lock", "_selected_action": [str(ada.pk)]}, method="post")
    assert "will be changed" in page, page[-500:]
    if has_field("email"):
        invite(office, of_users)
    else:
        invitation = address(f"{of_users}_invite")
        assert invitation not in expect(office, people, 200)
        expect(office, invitation, 403)
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


def invite(office, of_users):
    """Invite somebody, at first with mistakes."""
    wrong = {"username": "not anybody's name, a@b", "email": "not an address"}
    invitation = address(f"{of_users}_invite")
    assert "Enter a valid email address." in expect(office, invitation, 200, data=wrong, method="post")
    invited = {"username": str(named("ann")), "email": "ann@example.com"}
    if REQUIRED:
        assert "This field is required." in expect(office, invitation, 200, data=invited, method="post")
    expect(office, invitation, 302, data=invited | REQUIRED, method="post")
    assert state_of(User._base_manager.get(**{NAME: named("ann")})) == "invited"


if apps.is_installed("django.contrib.admin"):
    administer()

login = address("user_lifecycle:login") or address("admin:login")
stranger = Client(REMOTE_ADDR="198.51.100.7")
for _ in range(6):
    expect(stranger, login, 200, data={"username": getattr(ada, NAME), "password": "wrong"}, method="post")
assert state_of(ada) == "locked", state_of(ada)
for name in ("1" * 40, "\0", "\u0663"):  # no number is this long, and the last one is a digit
    expect(stranger, login, 200, data={"username": name, "password": "wrong"}, method="post")
for _ in range(60):
    status = stranger.post(login, {"username": "nobody", "password": "wrong"}).status_code
assert status == 429, status

own = Client()
bob = make("bob")
bob.fsm.activate()
log_in(own, "bob")
if (ours := address("user_lifecycle:login")) and address("user_lifecycle:account"):
    typed = {"username": str(named("bob")), "password": "right and long"}
    at_last = Client(REMOTE_ADDR="203.0.113.5").post(ours, typed, follow=True)
    assert at_last.redirect_chain, at_last.content[-600:]
    assert at_last.status_code == 200, at_last.redirect_chain
for name in PAGES:
    if path := address(name):
        expect(own, path, 200)

call_command("unlock", str(named("ada")))
call_command("transition", "lock", "--username", str(named("ada")), "--description", "by command", "--by", "payroll")
assert state_of(ada) == "locked"
with TemporaryDirectory() as folder:
    of_people = Path(folder) / "people.csv"
    columns = {"email": "eve@example.com", "username": named("eve")} | REQUIRED
    of_people.write_text(f"{','.join(columns)}\n{','.join(map(str, columns.values()))}\n")
    if has_field("email"):
        call_command("invite", of_people)
        assert state_of(User._base_manager.get(**{NAME: named("eve")})) == "invited"
    else:
        told = StringIO()
        with suppress(CommandError):  # it says how many were skipped
            call_command("invite", of_people, stderr=told)
        assert "no email address" in told.getvalue(), told.getvalue()
if ours := address("user_lifecycle:login"):
    linked = expect(stranger, ours, 200)
    for page in ("password_reset", "ask_for_unlock_link"):  # which email a link
        assert (address(f"user_lifecycle:{page}") in linked) == has_field("email"), page
for page in ("password_reset", "ask_for_invitation", "ask_for_unlock_link"):
    if path := address(f"user_lifecycle:{page}"):
        expect(stranger, path, 302, data={"email": "ada@example.com"}, method="post")
call_command("run_due")
if User._meta.get_field("is_active").null:  # neither true nor false is not true
    [lou] = User.objects.bulk_create([User(**{NAME: named("lou"), "is_active": None}, **REQUIRED)])
    assert User.objects.get(pk=lou.pk).fsm.current_state == "deactivated"
    assert User.objects.get(pk=lou.pk).is_active is False
call_command("unlock_expired")
call_command("audit_verify")
print("told", file=sys.stderr)
