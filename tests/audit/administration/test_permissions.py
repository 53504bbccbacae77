"""Nobody writes the record through the admin, and who may see it is asked on every path."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from audit.models import UserStateAudit
from tests.factories import make_user

LIST = "/admin/user_audit/userstateaudit/"
READ = [LIST, f"{LIST}export/", f"{LIST}dashboard/"]


def paths_of_a_record() -> dict[str, str]:
    make_user("ada")
    pk = UserStateAudit.objects.transitions().get(username="ada").pk
    return {"record": f"{LIST}{pk}/change/", "delete": f"{LIST}{pk}/delete/", "history": f"{LIST}{pk}/history/"}


def state_of_the_record() -> list[Any]:
    return list(UserStateAudit.objects.transitions().order_by("pk").values_list())


@pytest.fixture(params=["superuser", "auditor"])
def client(request: pytest.FixtureRequest, root_client: Client, auditor_client: Client) -> Client:
    return {"superuser": root_client, "auditor": auditor_client}[request.param]


def test_a_record_is_shown_without_anything_to_edit_or_delete(client: Client):
    page = client.get(paths_of_a_record()["record"]).content.decode()
    assert "ada" in page
    assert "Valid: the record is unchanged" in page
    assert 'name="_save"' not in page
    assert "deletelink" not in page


@pytest.mark.parametrize("data", [{}, {"username": "eve", "_save": "Save"}, {"_continue": "1"}, {"_saveasnew": "1"}])
def test_a_posted_change_is_forbidden(client: Client, data: dict[str, str]):
    paths, before = paths_of_a_record(), state_of_the_record()
    assert client.post(paths["record"], data).status_code == 403
    assert state_of_the_record() == before


def test_a_deletion_is_forbidden(client: Client):
    paths, before = paths_of_a_record(), state_of_the_record()
    assert client.get(paths["delete"]).status_code == 403
    assert client.post(paths["delete"], {"post": "yes"}).status_code == 403
    assert state_of_the_record() == before


def test_adding_is_forbidden(client: Client):
    before = state_of_the_record()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}add/", {"username": "eve"}).status_code == 403
    assert state_of_the_record() == before


@pytest.mark.parametrize("path", READ)
def test_what_reads_takes_no_post(client: Client, path: str):
    pk = make_user("ada").pk
    before = state_of_the_record()
    action = {"action": "delete_selected", "_selected_action": [pk], "post": "yes", "index": "0"}
    assert client.post(path, action).status_code == 405
    assert state_of_the_record() == before


def test_an_auditor_reads_lists_and_exports(auditor_client: Client):
    assert auditor_client.get("/admin/").status_code == 200
    assert auditor_client.get(paths_of_a_record()["record"]).status_code == 200
    page = auditor_client.get(LIST)
    assert page.status_code == 200
    assert "Export as CSV" in page.content.decode()
    assert auditor_client.get(f"{LIST}export/").status_code == 200


def test_an_auditor_does_nothing_else(auditor: User, auditor_client: Client):
    assert auditor.get_all_permissions() == {"user_audit.view_userstateaudit", "user_audit.export_userstateaudit"}
    for path in ("/admin/auth/user/", f"/admin/auth/user/{auditor.pk}/change/", "/admin/auth/group/"):
        assert auditor_client.get(path).status_code == 403


def test_the_role_is_made_by_a_migration(db: None):
    permissions = Group.objects.get(name="auditor").permissions.values_list("codename", flat=True)
    assert set(permissions) == {"view_userstateaudit", "export_userstateaudit"}


@pytest.mark.parametrize("path", READ)
def test_staff_without_the_permission_is_refused(client: Client, path: str):
    client.force_login(make_user("staff", is_staff=True))
    assert client.get(path).status_code == 403
    for of_a_record in paths_of_a_record().values():
        assert client.get(of_a_record).status_code == 403


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("is_staff", [False, None])
def test_a_person_who_is_not_staff_is_sent_to_the_login(db: None, path: str, is_staff: bool | None):
    client = Client()
    if is_staff is not None:
        client.force_login(make_user("somebody"))
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("codename", "status"), [("view_userstateaudit", 403), ("export_userstateaudit", 403)])
def test_an_export_needs_both_permissions(client: Client, codename: str, status: int):
    user = make_user("staff", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(user)
    assert client.get(f"{LIST}export/").status_code == status
    assert "Export as CSV" not in client.get(LIST).content.decode()


def test_a_record_leads_to_its_person_for_who_may_see_people(root_client: Client, auditor_client: Client):
    path = paths_of_a_record()["record"]
    person = f"/admin/auth/user/{User.objects.get(username='ada').pk}/change/"
    assert person in root_client.get(path).content.decode()
    assert person not in auditor_client.get(path).content.decode()
    User.objects.get(username="ada").delete()
    assert person not in root_client.get(path).content.decode()
