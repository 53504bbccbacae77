"""Django's own pages of what was done show the record's entries beside those of the admin's log."""

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from audit.administration.history.of_person import History
from audit.models import RecordRead, UserStateAudit
from tests.factories import make_user
from tests.staff import confirm, make_staff, press

pytestmark = pytest.mark.django_db

INDEX = "admin:index"


def history(client, user, **query):
    response = client.get(reverse("admin:auth_user_history", args=[user.pk]), query)
    assert response.status_code == 200
    return response


def entries(response):
    return [
        (action.user.get_username(), " ".join(strip_tags(action.get_change_message()).split()))
        for action in response.context["action_list"]
    ]


def recent(client):
    page = client.get(reverse(INDEX)).content.decode()
    listed = page.partition('<ul class="actionlist">')[2].partition("</ul>")[0]
    return [" ".join(strip_tags(item).split()).partition(" ·")[0] for item in listed.split("</li>")[:-1]]


def test_a_persons_history_has_both_in_the_order_in_which_they_happened(client, admin):
    person = make_user("person")
    press(client, "lock", person, "stolen")
    press(client, "unlock", person, "found")
    Client().force_login(person)
    press(client, "end_sessions", person, "a device was lost")

    assert entries(history(client, person)) == [
        ("CLI", "No account → Invited Account created"),
        ("system", "Invited → Active"),
        ("admin", "Active → Locked stolen"),
        ("admin", "Locked → Active found"),
        ("admin", "Ended all sessions: a device was lost"),
    ]


def test_entries_of_the_record_have_what_themes_of_the_admin_read_from_the_log(client, admin):
    person = make_user("person")
    press(client, "lock", person, "stolen")

    entry = history(client, person).context["action_list"][-1]

    assert " ".join(entry.change_message.split()) == "Active → Locked stolen"
    assert (entry.is_addition(), entry.is_change(), entry.is_deletion()) == (False, True, False)


def test_each_entry_of_the_record_leads_to_it(client, admin):
    person = make_user("person")
    press(client, "lock", person, "<b>stolen</b>")
    record = UserStateAudit.objects.of(person).get(transition="lock")
    url = reverse("admin:user_audit_userstateaudit_change", args=[record.pk])

    page = history(client, person).content.decode()

    assert f'<a href="{url}">' in page
    assert "&lt;b&gt;stolen&lt;/b&gt;" in page
    timeline = client.get(reverse("admin:auth_user_change", args=[person.pk])).content.decode()
    assert f'<a href="{url}" aria-label="Record number 2">#2</a>' in timeline


def test_anyone_without_the_permission_sees_only_the_admins_log(client):
    client.force_login(make_staff("staff", "lock_userfsm", "delete_loginsession"))
    person = make_user("person")
    Client().force_login(person)
    press(client, "end_sessions", person, "a device was lost")
    press(client, "lock", person)

    assert entries(history(client, person)) == [("staff", "Ended all sessions: a device was lost")]


def test_a_history_of_hundreds_has_pages_and_each_reads_its_own_entries(client, admin, django_assert_max_num_queries):
    person = make_user("person")
    for _ in range(60):
        person.fsm.lock(by="a")
        person.fsm.unlock(by="b")

    assert len(history(client, person).context["action_list"]) == 100
    assert len(history(client, person, p=2).context["action_list"]) == 22
    assert history(client, person, p=99).context["action_list"].number == 2
    with django_assert_max_num_queries(3):
        assert len(History(person, site)[5:8]) == 3


def test_reading_a_history_is_noted_where_the_setting_says_so(client, admin, settings):
    settings.AUDIT_LOG_READS = "all"

    history(client, make_user("person"))

    assert list(RecordRead.objects.values_list("what", "rows")) == [("timeline", 2)]


def test_history_is_for_who_may_see_people(client):
    staff = make_staff("staff", "view_userstateaudit")
    staff.user_permissions.set(staff.user_permissions.filter(codename="view_userstateaudit"))
    client.force_login(staff)

    assert client.get(reverse("admin:auth_user_history", args=[make_user("person").pk])).status_code == 403
    assert client.get(reverse("admin:auth_user_history", args=[10**9])).status_code == 302


def test_recent_actions_have_what_the_record_knows_and_one_line_for_an_operation(client, admin):
    people = [make_user(f"person{number}") for number in range(3)]
    confirm(client, "lock", *people, expected=3)
    press(client, "unlock", people[0])
    Client().force_login(people[0])
    press(client, "end_sessions", people[0])

    assert recent(client) == [
        "person0 User: Ended all sessions: because",
        "person0 Unlock",
        "person2 and 2 more Lock",
    ]
    record = UserStateAudit.objects.filter(transition="lock").first()
    assert record is not None
    page = client.get(reverse(INDEX)).content.decode()
    assert f'href="{reverse("admin:auth_user_changelist")}?request={record.request_id}"' in page
    assert f'href="{reverse("admin:auth_user_change", args=[people[0].pk])}"' in page


def test_recent_actions_are_ones_own(client, admin):
    press(client, "lock", make_user("person"))
    client.force_login(make_staff("staff"))

    assert recent(client) == []
    assert "None available" in client.get(reverse(INDEX)).content.decode()


def test_actions_on_a_deleted_person_stay_in_the_list(client, admin):
    person = make_user("person")
    press(client, "lock", person)
    User.objects.get(pk=person.pk).delete()
    LogEntry.objects.all().delete()

    assert recent(client) == ["person Lock"]
