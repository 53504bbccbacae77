import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from audit.models import StreamCursor, UndeliveredEvent, UserStateAudit
from tests.factories import make_user
from tests.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cursor():
    make_user()
    first = UserStateAudit.objects.earliest("pk")
    cursor = StreamCursor.objects.create(
        name="siem", what="changes", target="https://siem.example.com/", last_id=first.pk, last_error="503 later"
    )
    UndeliveredEvent.objects.create(
        cursor=cursor, key=first.pk, event_id="changes-1-abc", answer="422 no such field", refused_at=timezone.now()
    )
    return cursor


def pages(cursor):
    for model, pk in (("streamcursor", cursor.pk), ("undeliveredevent", cursor.undelivered.get().pk)):
        yield reverse(f"admin:user_audit_{model}_changelist")
        yield reverse(f"admin:user_audit_{model}_change", args=[pk])


def test_the_list_says_how_far_a_stream_is_behind_and_what_went_wrong(admin, client, cursor):
    waiting = UserStateAudit.objects.filter(pk__gt=cursor.pk).filter(pk__gt=cursor.last_id).count()

    page = client.get(reverse("admin:user_audit_streamcursor_changelist")).content.decode()

    assert "503 later" in page
    assert f"{waiting}, for " in page


def test_nobody_can_change_a_stream(admin, client, cursor):
    for page in pages(cursor):
        assert client.get(page).status_code == 200
        client.post(page, {"last_id": 0, "name": "other", "_selected_action": cursor.pk, "action": "delete_selected"})
        client.post(f"{page.removesuffix('change/')}delete/", {"post": "yes"})
    last = cursor.last_id
    cursor.refresh_from_db()
    assert (cursor.name, cursor.last_id) == ("siem", last)
    assert cursor.undelivered.exists()


def test_without_the_permission_no_stream_is_shown(client, cursor):
    staff = make_staff()
    client.force_login(staff)
    for page in pages(cursor):
        assert client.get(page).status_code == 403

    staff.user_permissions.add(*Permission.objects.filter(codename__in=("view_streamcursor", "view_undeliveredevent")))
    for page in pages(cursor):
        assert client.get(page).status_code == 200
