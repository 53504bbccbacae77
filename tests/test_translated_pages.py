"""
Every page and mail is Chinese for who reads Chinese: nothing that people see was forgotten when texts were marked.

People have Chinese names here, so that whatever is English is ours.
"""

import re
from functools import cache
from pathlib import Path

import django
import polib
import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from audit.models import UserStateAudit
from tests.browser.visible_text import Attributes, visible_text
from tests.factories import make_superuser, make_user
from tests.staff import LIST, act, button_url, make_staff
from users.mail import composing, kinds, language, queue, untold
from users.models import UserFSM
from users.models.saved_view import Every, SavedView, SavedViewMail
from users.operations import Operation
from users.operations.registry import ALL as OPERATIONS
from users.states import State

ENGLISH = re.compile(r"[A-Za-z]{2,}(?:['’-][A-Za-z]+)*")
NO_ENGLISH = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|/[\w/.:-]+|\d+ failed logins from [\d.]+|is_active|JSON lines|pg_trgm", re.ASCII
)
"""Addresses, the reason of a lock as the record has it, and names of two words."""

NAMES = {"API", "CSV", "Command", "Control", "Django", "Email", "LDAP", "Mac", "StateLog", "UTC", "UTF", "Windows"}
NAMES |= {"OCSF", "PostgreSQL", "django-fsm-log"}
RECORDED = {"CLI", "anonymous", "system", "auditor"}
"""Who acted where it was no user, as the record has it; a group, as the database has it."""

COLUMNS = {"email", "username", "ends"}
"""Of a list of people to invite, as the file has to name them."""

SITE = {"testserver"}

DJANGOS = {"False", "Search", "True"}
"""Descriptions of icons that Django's templates have in English only."""

ALLOWED = NAMES | RECORDED | COLUMNS | SITE | DJANGOS


def is_data(tag: str, attributes: Attributes) -> bool:
    """The language to change to, the hash of a password, groups, and permissions of packages that have no Chinese."""
    permissions = attributes.get("name") in {"groups", "user_permissions"}
    return attributes.get("lang") == "en" or tag == "bdi" or permissions


def english(text: str) -> set[str]:
    return set(ENGLISH.findall(NO_ENGLISH.sub("", text))) - ALLOWED


@cache
def left_in_english() -> re.Pattern[str]:
    """Matches the texts of Django that its own Chinese lacks, as it does those of a new version."""
    texts = []
    for folder in (Path(django.__file__).parent / where for where in ("conf", "contrib/admin", "contrib/auth")):
        english_of, chinese_of = (
            polib.pofile(folder / f"locale/{language}/LC_MESSAGES/django.po") for language in ("en", "zh_Hans")
        )
        translated = {entry.msgid for entry in chinese_of.translated_entries()}
        texts += [entry.msgid for entry in english_of if entry.msgid not in translated]
    named = re.compile(r"(?:\\ )?%\\\(\w+\\\)s(?:\\ )?")  # as `re.escape` leaves a placeholder
    patterns = [named.sub(".*", re.escape(text)) for text in texts if ENGLISH.search(re.sub(r"%\(\w+\)s", "", text))]
    return re.compile("|".join(patterns))


def assert_chinese(html: str) -> None:
    text = visible_text(html, is_data)
    assert re.search("[\u4e00-\u9fff]", text)
    assert [line for line in text.splitlines() if english(line) and not left_in_english().fullmatch(line.strip())] == []


@pytest.fixture
def anyone(db):
    return Client(headers={"accept-language": "zh-hans"})


def logged_in(user):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    return client


@pytest.fixture
def person(db):
    person = make_user("李雷", email="li@example.com", password="correct horse")
    with untold():
        person.fsm.lock(by=make_user("韩梅梅"), description="被盗")
        person.fsm.unlock(by="system", description="已核实")
    return person


@pytest.fixture
def admin(db):
    return make_superuser("管理员", email="root@example.com")


@pytest.fixture
def invitation(django_capture_on_commit_callbacks):
    with translation.override("zh-hans"), django_capture_on_commit_callbacks(execute=True):
        return UserFSM.objects.invite(email="new@example.com", username="新人", by="system")


def guess(client, username, times=5):
    for _ in range(times):
        page = client.post(reverse("user_lifecycle:login"), {"username": username, "password": "wrong"})
    return page


def link_in(message, part):
    (link,) = re.findall(rf"{part}\S+", str(message.body))
    return link


@pytest.mark.parametrize(
    "name",
    [
        "user_lifecycle:login",
        "admin:login",
        "user_lifecycle:password_reset",
        "user_lifecycle:password_reset_done",
        "user_lifecycle:password_reset_complete",
        "user_lifecycle:ask_for_invitation",
        "user_lifecycle:asked_for_invitation",
        "user_lifecycle:ask_for_unlock_link",
        "user_lifecycle:asked_for_unlock_link",
    ],
)
def test_pages_for_anyone_are_chinese(anyone, name):
    assert_chinese(anyone.get(reverse(name)).text)


def test_refusals_are_chinese(anyone, person):
    assert_chinese(guess(anyone, "李雷", times=1).text)
    assert_chinese(anyone.post(reverse("user_lifecycle:ask_for_invitation"), {"email": "nobody"}).text)
    for name, given in {
        "accept_invitation": ["no-token"],
        "unlock": ["no-token"],
        "password_reset_confirm": ["x", "y"],
    }.items():
        assert_chinese(anyone.get(reverse(f"user_lifecycle:{name}", args=given)).text)


def test_an_address_that_has_to_wait_is_told_in_chinese(anyone, settings):
    settings.USERS_LOCKOUT_ADDRESS_LIMIT = 1
    anyone.defaults["REMOTE_ADDR"] = "203.0.113.99"

    page = guess(anyone, "谁", times=2)

    assert page.status_code == 429
    assert_chinese(page.text)


def test_invitation_and_its_mail_are_chinese(anyone, invitation):
    (message,) = mail.outbox
    assert_mail_is_chinese(message)
    link = link_in(message, "/accounts/invitation/")

    assert_chinese(anyone.get(link).text)
    assert_chinese(anyone.post(link, {"new_password1": "a", "new_password2": "b"}).text)


def test_unlocking_and_its_mail_are_chinese(anyone, person, django_capture_on_commit_callbacks):
    language.remember(person, "zh-hans")
    with django_capture_on_commit_callbacks(execute=True):
        guess(anyone, "李雷")
    (message,) = mail.outbox
    assert_mail_is_chinese(message)
    link = link_in(message, "/accounts/unlock/")

    assert_chinese(anyone.get(link).text)
    assert_chinese(anyone.post(link, follow=True).text)


def view_of(person):
    """A view of the record that this person, now an administrator, gets by email."""
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    view = SavedView.objects.create(owner=person, name="锁定", page="user_audit.userstateaudit")
    SavedViewMail.objects.create(view=view, user=person, every=Every.DAY)
    return view


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_email_is_chinese(person, settings, kind):
    settings.USERS_LANGUAGE_OF = lambda user: "zh-hans"
    fsm, now = person.fsm, timezone.now()
    if kind == "invitation":
        person = make_user("新人", email="new@example.com", state=State.INVITED)
        UserFSM._base_manager.filter(user=person).update(invited_at=now)
    if kind == "coming_back":
        person.set_unusable_password()
        person.save()
    facts = {"moment": now, "until": now, "invited_at": now, "deactivated_at": now, "version": fsm.version}
    facts |= {"count": 5, "addresses": [], "address": "192.0.2.1", "browser": "", "to_former_address": False}
    facts |= {"username": "李雷", "view": view_of(person).pk, "every": Every.DAY}
    about = {"kind": kind, "user": person.pk, "to": person.email, "facts": queue.stored(facts)}

    said = f"{composing.render('subject', about)}\n{composing.render('text', about)}"
    assert english(said) == set()
    assert_chinese(composing.render("html", about))
    with translation.override("zh-hans"):
        assert english(str(kinds.label_of(kind))) == set()


def assert_mail_is_chinese(message):
    assert english(f"{message.subject}\n{message.body}") == set()
    for html, _ in getattr(message, "alternatives", ()):
        assert_chinese(html)


@pytest.mark.parametrize(
    "name",
    ["user_lifecycle:account", "user_lifecycle:password_change", "user_lifecycle:leave", "user_audit:own_history"],
)
def test_my_pages_are_chinese(person, name):
    logged_in(person)  # elsewhere
    assert_chinese(logged_in(person).get(reverse(name)).text)


def test_what_i_am_told_is_chinese(person):
    client = logged_in(person)
    guess(Client(), "李雷", times=2)
    client.post(reverse("user_lifecycle:login"), {"username": "李雷", "password": "correct horse"})

    assert_chinese(client.get(reverse("user_lifecycle:account")).text)
    assert_chinese(client.post(reverse("user_lifecycle:leave"), {"password": "wrong"}).text)
    assert_chinese(client.post(reverse("user_lifecycle:leave"), {"password": "correct horse"}, follow=True).text)


@pytest.mark.parametrize(
    "name",
    [
        "admin:index",
        "admin:auth_user_add",
        "admin:auth_user_invite",
        LIST,
        "admin:user_audit_userstateaudit_changelist",
        "admin:user_audit_streamcursor_changelist",
        "admin:user_audit_undeliveredevent_changelist",
        "admin:user_audit_refusedtransition_changelist",
        "admin:user_audit_recordread_changelist",
        "admin:user_lifecycle_mail_changelist",
        "admin:user_api_servicetoken_changelist",
        "admin:user_api_servicetoken_add",
        "admin:user_audit_dashboard_changelist",
        "admin:password_change",
    ],
)
def test_pages_of_the_admin_are_chinese(admin, person, invitation, name):
    assert_chinese(logged_in(admin).get(reverse(name)).text)


@pytest.mark.parametrize("state", State)
def test_the_page_of_a_person_in_each_state_is_chinese(admin, state):
    person = make_user("王芳", state=state)

    assert_chinese(logged_in(admin).get(reverse("admin:auth_user_change", args=[person.pk])).text)


def test_the_page_of_a_person_with_failed_logins_and_sessions_is_chinese(admin, anyone, person):
    logged_in(person)
    guess(anyone, "李雷", times=2)
    page = reverse("admin:auth_user_change", args=[person.pk])

    assert_chinese(logged_in(admin).get(page).text)
    guess(anyone, "李雷", times=3)
    assert_chinese(logged_in(admin).get(page).text)
    assert_chinese(logged_in(admin).get(reverse("admin:user_audit_dashboard_changelist")).text)


def test_long_histories_are_chinese(admin, person, monkeypatch):
    monkeypatch.setattr("audit.people.views.PER_PAGE", 1)
    monkeypatch.setattr("audit.administration.timeline.LENGTH", 1)
    monkeypatch.setattr("audit.administration.records.UserStateAuditAdmin.list_per_page", 1)

    assert_chinese(logged_in(person).get(reverse("user_audit:own_history"), {"page": 2}).text)
    assert_chinese(logged_in(admin).get(reverse("admin:auth_user_change", args=[person.pk])).text)
    assert_chinese(logged_in(admin).get(reverse("admin:user_audit_userstateaudit_changelist")).text)


def test_a_record_and_a_list_without_records_are_chinese(admin, person):
    client = logged_in(admin)
    records = reverse("admin:user_audit_userstateaudit_changelist")

    assert_chinese(
        client.get(
            reverse("admin:user_audit_userstateaudit_change", args=[UserStateAudit.objects.transitions().latest().pk])
        ).text
    )
    assert_chinese(client.get(records, {"q": "没有", "by": "user", "days": "7"}).text)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_is_chinese(admin, operation: Operation):
    everybody = [make_user(name, state=state) for name, state in zip("甲乙丙丁", State, strict=True)]
    client = logged_in(admin)

    asked = act(client, operation.name, *everybody, admin)
    changed = str(asked.context["tally"].changed)
    assert_chinese(asked.text)
    assert_chinese(act(client, operation.name, *everybody, admin, confirmed=changed).text)
    done = act(client, operation.name, *everybody, admin, confirmed=changed, own_words="原因")
    assert_chinese(client.get(done.url if done.status_code == 302 else reverse(LIST)).text)


def test_a_list_to_invite_and_what_is_wrong_with_it_is_chinese(admin, person):
    client, url = logged_in(admin), reverse("admin:auth_user_invite")
    rows = ("email,username", "li@example.com,李雷", "1,2", "z@example.com,3 4", "z@example.com,5", "z@example.com,6")
    lines = "\n".join(rows).encode() + b"\n\xff,\xff\n"

    shown = client.post(url, {"file": SimpleUploadedFile("list.csv", lines)})
    assert shown.context["preview"]
    assert_chinese(shown.text)
    invited = client.post(url, {"content": shown.context["preview"].once_more(), "confirmed": "1"})
    assert_chinese(client.get(invited.url).text)
    assert_chinese(client.post(url, {"file": SimpleUploadedFile("list.csv", b"a,b")}).text)
    assert_chinese(client.post(url, {"username": "李雷", "email": "li@example.com"}).text)


def test_what_is_not_there_or_not_allowed_is_said_in_chinese(anyone, person):
    missing = anyone.get("/no/such/page/")
    refused = logged_in(make_staff("小王")).post(button_url("lock", person), {"own_words": "原因"})

    assert (missing.status_code, refused.status_code) == (404, 403)
    assert_chinese(missing.text)
    assert_chinese(refused.text)


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_errors_without_a_request_are_chinese(template):
    with translation.override("zh-hans"):
        assert_chinese(render_to_string(template))
