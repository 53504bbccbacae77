"""SCIM 2.0 as Okta and Entra ID speak it."""

import json
import re
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail as sent
from django.test import Client

from audit.models import UserStateAudit
from tests.api import make_service, make_token
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record, truth
from tests.users.api.scim import scim_shapes as shapes
from users import invitations
from users.exceptions import MailNotComposed
from users.invitations.coming_back import coming_back
from users.models import Mail
from users.states import State

pytestmark = pytest.mark.django_db

LIFE = tuple(f"user_lifecycle.{name}_userfsm" for name in ("view", "invite", "activate", "deactivate", "reactivate"))
EVERYTHING = (*LIFE, "auth.change_user", "auth.delete_user")


class Provider:
    """An identity provider."""

    def __init__(self, *permissions, user=None):
        self.user = user or make_service(*permissions, username="okta")
        self.token = make_token(self.user, *permissions, name="Okta")

    def send(self, method, path, body=None):
        options = {} if body is None else {"data": json.dumps(body), "content_type": "application/scim+json"}
        headers = {"Authorization": f"Bearer {self.token}"}
        response = getattr(Client(), method)(f"/scim/v2/{path}", headers=headers, **options)
        if response.status_code >= 400:
            error = response.json()
            assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
            assert error["status"] == str(response.status_code)
        if response.content:
            assert response.headers["Content-Type"] == "application/scim+json"
        return response


@pytest.fixture
def provider():
    return Provider(*EVERYTHING)


@pytest.fixture
def ada():
    return make_user("ada@example.com", email="ada@example.com", first_name="Ada", last_name="Byron")


def last_record(user):
    return UserStateAudit.objects.of(user).last()


# Coming


@pytest.mark.parametrize("body", [shapes.OKTA_CREATE, shapes.ENTRA_CREATE], ids=["Okta", "Entra ID"])
def test_a_user_comes_and_is_open_at_once(provider, body):
    response = provider.send("post", "Users", body)

    assert response.status_code == 201
    user = User.objects.get(username=body["userName"])
    made = response.json()
    assert response.headers["Location"] == made["meta"]["location"] == f"http://testserver/scim/v2/Users/{user.pk}"
    for attribute in ("userName", "externalId", "active"):
        assert made[attribute] == body[attribute]
    assert (made["name"]["familyName"], made["emails"][0]["value"]) == (user.last_name, user.email)
    assert user.email.lower() == body["emails"][0]["value"].lower()
    assert not user.has_usable_password()
    assert not Mail.objects.filter(kind="invitation").exists()
    assert assert_true_record(user).state == State.ACTIVE
    record = last_record(user)
    assert (record.cause, record.initiated_by, record.actor_kind) == ("provisioning", "okta", "machine")
    assert provider.send("get", f"Users/{user.pk}").json() == made


def test_a_user_comes_by_an_invitation_where_the_settings_say_so(provider, settings):
    settings.USERS_SCIM_ACTIVATION = "invite"

    made = provider.send("post", "Users", shapes.OKTA_CREATE).json()

    user = User.objects.get(pk=made["id"])
    assert (truth(user).state, made["active"]) == (State.INVITED, True)
    assert Mail.objects.get().user_id == user.pk
    provider.send("patch", f"Users/{user.pk}", shapes.REACTIVATIONS["Okta"])
    assert truth(user).state == State.INVITED


def test_a_user_can_come_closed(provider):
    made = provider.send("post", "Users", shapes.OKTA_CREATE | {"active": False}).json()

    assert made["active"] is False
    assert truth(User.objects.get(pk=made["id"])).state == State.DEACTIVATED


@pytest.mark.parametrize(
    "change",
    [{"userName": "ada@example.com"}, {"userName": "ADA@example.com"}, {"emails": [{"value": "ada@example.com"}]}],
)
def test_a_person_who_exists_is_not_created_again(provider, ada, change):
    response = provider.send("post", "Users", shapes.OKTA_CREATE | change)

    assert (response.status_code, response.json()["scimType"]) == (409, "uniqueness")
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"userName": ""},
        {"userName": None},
        {"userName": 7},
        {"emails": "x"},
        {"active": "maybe"},
        {"name": {"givenName": 7}},
        {"userName": "x" * 300},
        {"userName": "a\x00b"},
    ],
)
def test_a_user_who_makes_no_sense_does_not_come(provider, change):
    response = provider.send("post", "Users", shapes.OKTA_CREATE | change)

    assert (response.status_code, response.json()["scimType"]) == (400, "invalidValue")
    assert User.objects.count() == 1


# Changing


@pytest.mark.parametrize("body", shapes.DEACTIVATIONS.values(), ids=shapes.DEACTIVATIONS)
def test_active_false_deactivates(provider, ada, body):
    response = provider.send("patch", f"Users/{ada.pk}", body)

    assert (response.status_code, response.json()["active"]) == (200, False)
    assert assert_true_record(ada).state == State.DEACTIVATED
    record = last_record(ada)
    assert (record.cause, record.initiated_by, record.actor_kind) == ("provisioning", "okta", "machine")
    again = provider.send("patch", f"Users/{ada.pk}", body)
    assert (again.status_code, truth(ada).version) == (200, 2)


@pytest.mark.parametrize("body", shapes.REACTIVATIONS.values(), ids=shapes.REACTIVATIONS)
def test_active_true_reactivates(provider, ada, body):
    ada.fsm.deactivate(by="system")

    response = provider.send("patch", f"Users/{ada.pk}", body)

    assert (response.status_code, response.json()["active"]) == (200, True)
    assert (assert_true_record(ada).state, last_record(ada).transition) == (State.ACTIVE, "reactivate")


def test_a_person_who_comes_back_without_a_password_gets_a_link_to_choose_one(
    provider, settings, client, django_capture_on_commit_callbacks
):
    settings.USERS_SCIM_ACTIVATION = "invite"
    made = provider.send("post", "Users", shapes.OKTA_CREATE).json()
    user = User.objects.get(pk=made["id"])
    provider.send("patch", f"Users/{user.pk}", shapes.DEACTIVATIONS["Okta"])
    sent.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        provider.send("patch", f"Users/{user.pk}", shapes.REACTIVATIONS["Okta"])

    assert assert_true_record(user).state == State.ACTIVE
    (letter,) = [each for each in sent.outbox if "waiting for you" in each.subject]
    (url,) = {each for each in re.findall(r"https?://[^\s\">]+", str(letter.body)) if "reset" in each}
    page = client.get(urlsplit(url).path, follow=True)
    chosen = {"new_password1": "a chosen one 7", "new_password2": "a chosen one 7"}
    assert client.post(page.redirect_chain[-1][0], chosen).status_code == 302
    assert client.login(username=user.username, password="a chosen one 7")


@pytest.mark.parametrize(("choice", "password"), [("invite", True), ("reactivate", False)])
def test_nobody_else_who_comes_back_is_sent_one(provider, settings, ada, choice, password):
    settings.USERS_SCIM_ACTIVATION = choice
    ada.set_password("a known one 7" if password else None)
    ada.save()
    ada.fsm.deactivate(by="system")

    provider.send("patch", f"Users/{ada.pk}", shapes.REACTIVATIONS["Okta"])

    assert truth(ada).state == State.ACTIVE
    assert not Mail.objects.filter(kind="coming_back").exists()


def test_a_link_to_come_back_is_not_sent_once_the_account_is_closed_or_has_a_password(ada):
    ada.set_unusable_password()
    ada.save()
    invitations.welcome_back(ada)
    (kept,) = Mail.objects.filter(kind="coming_back")

    ada.set_password("chosen meanwhile 7")
    ada.save()
    with pytest.raises(MailNotComposed):
        coming_back(ada, {})
    ada.set_unusable_password()
    ada.fsm.lock(by="system")
    with pytest.raises(MailNotComposed):
        coming_back(ada, {})
    assert kept.user_id == ada.pk


def test_a_lock_is_not_the_providers_to_lift(provider, ada):
    ada.fsm.lock(by="system")

    response = provider.send("patch", f"Users/{ada.pk}", shapes.REACTIVATIONS["Okta"])

    assert (response.status_code, response.json()["active"]) == (200, True)
    assert truth(ada).state == State.LOCKED


@pytest.mark.parametrize("body", shapes.RENAMINGS.values(), ids=shapes.RENAMINGS)
def test_names_and_addresses_change(provider, ada, body):
    response = provider.send("patch", f"Users/{ada.pk}", body)

    assert response.status_code == 200
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name, ada.email) == ("Ada", "Lovelace", "new@example.com")
    assert truth(ada).version == 1


@pytest.mark.parametrize(("body", "kind"), shapes.NONSENSE.values(), ids=shapes.NONSENSE)
def test_a_patch_that_makes_no_sense_changes_nothing(provider, ada, body, kind):
    response = provider.send("patch", f"Users/{ada.pk}", body)

    assert (response.status_code, response.json().get("scimType", kind)) == (400, kind)
    ada.refresh_from_db()
    assert (ada.username, ada.email, truth(ada).version) == ("ada@example.com", "ada@example.com", 1)


def test_a_patch_is_carried_out_as_a_whole_or_not_at_all(provider, ada):
    make_user("taken")
    body = shapes.patch(
        {"op": "replace", "path": "name.givenName", "value": "Augusta"},
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "userName", "value": "taken"},
    )

    assert provider.send("patch", f"Users/{ada.pk}", body).status_code == 409
    ada.refresh_from_db()
    assert (ada.first_name, truth(ada).state) == ("Ada", State.ACTIVE)


def test_the_address_of_somebody_else_is_refused(provider, ada):
    make_user("bob", email="bob@example.com")
    body = shapes.patch({"op": "replace", "path": "emails", "value": [{"value": "BOB@example.com"}]})

    response = provider.send("patch", f"Users/{ada.pk}", body)

    assert (response.status_code, response.json()["scimType"]) == (409, "uniqueness")
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


@pytest.mark.parametrize("body", shapes.ADDRESSES_THAT_ARE_NOT_KEPT.values(), ids=shapes.ADDRESSES_THAT_ARE_NOT_KEPT)
def test_an_address_beside_the_one_for_work_changes_nothing(provider, ada, body):
    assert provider.send("patch", f"Users/{ada.pk}", body).status_code == 200
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


@pytest.mark.parametrize("body", shapes.ADDRESSES_THAT_ARE_KEPT.values(), ids=shapes.ADDRESSES_THAT_ARE_KEPT)
def test_the_address_for_work_is_found_among_others(provider, ada, body):
    assert provider.send("patch", f"Users/{ada.pk}", body).status_code == 200
    ada.refresh_from_db()
    assert ada.email == "new@example.com"


def test_a_name_that_differs_from_another_in_case_alone_is_refused(provider, ada):
    make_user("bob")
    taken = shapes.patch({"op": "replace", "path": "userName", "value": "BOB"})
    own = shapes.patch({"op": "replace", "path": "userName", "value": "Ada@example.com"})

    response = provider.send("patch", f"Users/{ada.pk}", taken)
    assert (response.status_code, response.json()["scimType"]) == (409, "uniqueness")
    assert provider.send("patch", f"Users/{ada.pk}", own).json()["userName"] == "Ada@example.com"


def test_a_name_is_removed_in_parts_or_as_a_whole(provider, ada):
    provider.send("patch", f"Users/{ada.pk}", shapes.patch({"op": "remove", "path": "name.familyName"}))
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name) == ("Ada", "")

    provider.send("patch", f"Users/{ada.pk}", shapes.patch({"op": "Remove", "path": "name"}))
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name) == ("", "")


def test_a_put_replaces(provider, ada):
    body = shapes.OKTA_CREATE | {"userName": "ada@example.com", "name": {"familyName": "Lovelace"}, "active": False}

    response = provider.send("put", f"Users/{ada.pk}", body)

    assert response.status_code == 200
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name, truth(ada).state) == ("", "Lovelace", State.DEACTIVATED)
    assert response.json()["externalId"] == body["externalId"]


@pytest.mark.parametrize("empty", [[], None])
@pytest.mark.parametrize("attribute", ["userName", "emails", "active", "name", "externalId", "displayName"])
def test_an_attribute_that_is_empty_is_as_good_as_not_given(provider, ada, attribute, empty):
    body = shapes.OKTA_CREATE | {"userName": "ada@example.com", "emails": [{"value": "ada@example.com"}]}

    response = provider.send("put", f"Users/{ada.pk}", body | {attribute: empty})

    assert (response.status_code, response.json()["active"]) == (200, True)
    ada.refresh_from_db()
    assert (ada.username, ada.email, truth(ada).state) == ("ada@example.com", "ada@example.com", State.ACTIVE)


@pytest.mark.parametrize("empty", [[], None])
def test_a_leaver_goes_although_other_attributes_are_empty(provider, ada, empty):
    values = {"active": False, "emails": empty, "userName": empty, "name": {"givenName": empty}, "externalId": empty}
    body = shapes.patch({"op": "replace", "value": values})

    assert provider.send("patch", f"Users/{ada.pk}", body).status_code == 200
    ada.refresh_from_db()
    assert (ada.email, ada.first_name, truth(ada).state) == ("ada@example.com", "", State.DEACTIVATED)


@pytest.mark.parametrize("empty", [[], None])
def test_to_replace_by_nothing_is_to_remove(provider, ada, empty):
    def replace(path):
        body = shapes.patch({"op": "replace", "path": path, "value": empty})
        return provider.send("patch", f"Users/{ada.pk}", body)

    assert replace("name.givenName").status_code == 200
    for path in ("active", "userName", "emails"):
        assert (replace(path).status_code, replace(path).json()["scimType"]) == (400, "mutability")
    ada.refresh_from_db()
    assert (ada.first_name, ada.email) == ("", "ada@example.com")


# Going


def test_delete_deactivates(provider, ada):
    assert provider.send("delete", f"Users/{ada.pk}").status_code == 204
    assert truth(ada).state == State.DEACTIVATED
    assert provider.send("delete", f"Users/{ada.pk}").status_code == 204


def test_delete_deletes_where_the_settings_say_so(provider, ada, settings):
    settings.USERS_SCIM_DELETE = "delete"
    key = ada.pk

    assert provider.send("delete", f"Users/{key}").status_code == 204

    assert provider.send("get", f"Users/{key}").status_code == 404
    record = UserStateAudit.objects.filter(user_id=key).latest()
    assert (record.transition, record.cause, record.initiated_by) == ("delete", "provisioning", "okta")


# Who may do what


@pytest.mark.parametrize("path", ["Users", "Users/1", "ServiceProviderConfig", "Schemas", "Groups"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_nobody_gets_in_without_a_token(path, header):
    response = Client().get(f"/scim/v2/{path}", headers=header)

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["status"] == "401"


def test_a_session_is_no_token(client, admin):
    assert client.get("/scim/v2/Users").status_code == 401


@pytest.mark.parametrize(
    ("method", "body", "lacking"),
    [
        ("get", None, "user_lifecycle.view_userfsm"),
        ("post", shapes.OKTA_CREATE, "user_lifecycle.invite_userfsm"),
        ("patch", shapes.DEACTIVATIONS["Okta"], "user_lifecycle.deactivate_userfsm"),
        ("patch", shapes.RENAMINGS["Entra ID, paths"], "auth.change_user"),
        ("delete", None, "user_lifecycle.deactivate_userfsm"),
    ],
)
def test_nobody_does_without_the_permission(ada, method, body, lacking):
    provider = Provider(*(permission for permission in EVERYTHING if permission != lacking))
    path = "Users" if method == "post" else f"Users/{ada.pk}"

    assert provider.send(method, path, body).status_code == 403
    ada.refresh_from_db()
    assert (ada.email, truth(ada).state, User.objects.count()) == ("ada@example.com", State.ACTIVE, 2)


def test_deleting_needs_its_own_permission(ada, settings):
    settings.USERS_SCIM_DELETE = "delete"

    assert Provider(*LIFE).send("delete", f"Users/{ada.pk}").status_code == 403
    assert User.objects.filter(pk=ada.pk).exists()


@pytest.mark.parametrize("delete", ["deactivate", "delete"])
def test_superusers_and_the_providers_own_account_are_protected(provider, settings, delete):
    settings.USERS_SCIM_DELETE = delete
    root = make_superuser()

    for user in (root, provider.user):
        assert provider.send("delete", f"Users/{user.pk}").status_code == 403
        assert provider.send("patch", f"Users/{user.pk}", shapes.DEACTIVATIONS["Okta"]).status_code == 403
        assert truth(user).state == State.ACTIVE
    assert provider.send("patch", f"Users/{root.pk}", shapes.RENAMINGS["Okta, an object"]).status_code == 403


def test_a_member_of_the_protected_group_is_renamed_by_members(provider, settings):
    settings.USERS_PROTECTED_GROUP = "board"
    board = Group.objects.create(name="board")
    chair = make_user("chair")
    chair.groups.add(board)
    rename = partial(provider.send, "patch", f"Users/{chair.pk}", shapes.RENAMINGS["Okta, an object"])

    assert rename().status_code == 403
    provider.user.groups.add(board)
    assert rename().status_code == 200


# Finding


def found(response):
    assert response.status_code == 200, response.content
    return [each["userName"] for each in response.json()["Resources"]]


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ada@example.com"',
        'userName eq "ADA@example.com"',
        'username Eq "ada@example.com"',
        'externalId eq "00u1"',
        'emails[type eq "work"].value eq "ada@example.com"',
        'emails.value eq "ada@example.com"',
        'name.familyName sw "By"',
        'userName co "ada" and active eq true',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com"',
        'not (userName eq "okta")',
    ],
)
def test_the_filters_of_providers_find(provider, ada, text):
    provider.send("patch", f"Users/{ada.pk}", shapes.patch({"op": "add", "path": "externalId", "value": "00u1"}))

    assert found(provider.send("get", f"Users?filter={text.replace(' ', '+')}")) == ["ada@example.com"]


def test_active_is_a_filter(provider, ada):
    ada.fsm.deactivate(by="system")

    assert found(provider.send("get", "Users?filter=active+eq+false")) == ["ada@example.com"]
    assert found(provider.send("get", "Users?filter=active+eq+true")) == ["okta"]


def test_a_filter_that_finds_nobody_gives_an_empty_list(provider):
    body = provider.send("get", 'Users?filter=userName+eq+"nobody"').json()

    assert (body["totalResults"], body["Resources"]) == (0, [])


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "userName",
        'userName eq "x',
        'password eq "x"',
        'userName eq "ada@example.com" or title pr',
        "(" * 400 + "userName pr" + ")" * 400,
        "%01",
        "userName eq " + '"' + "x" * 1001 + '"',
        'id gt "x"',
        'active co "x"',
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(provider, text):
    response = provider.send("get", f"Users?filter={text.replace(' ', '+')}")

    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["scimType"] == "invalidFilter"
    else:
        assert response.json()["totalResults"] == 0 or text.startswith("(")


@pytest.mark.parametrize("text", ['active eq "True"', 'not (active eq "x")', "emails[primary eq 1]"])
def test_what_is_true_or_false_is_compared_with_nothing_else(provider, ada, text):
    response = provider.send("get", f"Users?filter={text.replace(' ', '+')}")

    assert (response.status_code, response.json().get("scimType")) == (400, "invalidFilter")


def test_pages(provider):
    for number in range(4):
        make_user(f"person{number}")

    names = [found(provider.send("get", f"Users?startIndex={start}&count=2")) for start in (1, 3, 5, 7)]

    assert names == [["okta", "person0"], ["person1", "person2"], ["person3"], []]
    body = provider.send("get", "Users?count=0").json()
    assert (body["totalResults"], body["itemsPerPage"], body["Resources"]) == (5, 0, [])
    assert provider.send("get", "Users?startIndex=0&count=-1").json()["startIndex"] == 1
    assert provider.send("get", "Users?count=x").status_code == 400


@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("attributes=userName", {"userName"}),
        ("attributes=USERNAME,active", {"userName", "active"}),
        ("attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName", {"userName"}),
        ("attributes=password", set()),
        ("excludedAttributes=name,emails,meta,displayName,id,schemas", {"userName", "active"}),
    ],
)
def test_a_provider_gets_the_attributes_that_it_asks_for(provider, ada, query, attributes):
    expected = {"schemas", "id"} | attributes

    assert set(provider.send("get", f"Users/{ada.pk}?{query}").json()) == expected
    for each in provider.send("get", f"Users?{query}").json()["Resources"]:
        assert set(each) == expected
    changed = provider.send("patch", f"Users/{ada.pk}?{query}", shapes.DEACTIVATIONS["Okta"])
    assert set(changed.json()) == expected


def test_parts_of_attributes_are_attributes(provider, ada):
    asked = provider.send("get", f"Users/{ada.pk}?attributes=name.givenName,emails.value").json()
    assert (asked["name"], asked["emails"]) == ({"givenName": "Ada"}, [{"value": "ada@example.com"}])
    others = provider.send("get", f"Users/{ada.pk}?excludedAttributes=name.formatted,emails.type").json()
    assert others["name"] == {"givenName": "Ada", "familyName": "Byron"}
    assert others["emails"] == [{"value": "ada@example.com", "primary": True}]


@pytest.mark.parametrize("key", ["0", "999999", "x", "99999999999999999999", "-1"])
@pytest.mark.parametrize("method", ["get", "patch", "put", "delete"])
def test_nobody_is_found_by_a_key_of_nobody(provider, key, method):
    body = None if method in ("get", "delete") else shapes.DEACTIVATIONS["Okta"]

    assert provider.send(method, f"Users/{key}", body).status_code == 404


# The server


def test_the_server_says_what_it_can(provider):
    config = provider.send("get", "ServiceProviderConfig").json()
    assert (config["patch"]["supported"], config["filter"]["supported"]) == (True, True)
    assert config["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    (schema,) = provider.send("get", "Schemas").json()["Resources"]
    assert provider.send("get", f"Schemas/{schema['id']}").json() == schema
    types = provider.send("get", "ResourceTypes").json()
    assert (types["totalResults"], types["Resources"][0]["schema"]) == (1, schema["id"])
    assert provider.send("get", "ResourceTypes/User").status_code == 200


@pytest.mark.parametrize("path", ["Groups", "Groups/1", "Bulk", "Me", ".search", "Users/.search", ""])
def test_what_is_not_there_says_so(provider, path):
    assert provider.send("get", path).status_code == 501


@pytest.mark.parametrize("path", ["Schemas/x", "ResourceTypes/Group", "Nothing", "Users/", "users", "Users/1/x"])
def test_what_is_not_known_is_not_found(provider, path):
    assert provider.send("get", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("delete", "ServiceProviderConfig"),
        ("put", "Users"),
        ("patch", "Users"),
        ("delete", "Users"),
        ("post", "Users/1"),
    ],
)
def test_a_method_that_is_none_is_refused(provider, method, path):
    body = None if method == "delete" else shapes.DEACTIVATIONS["Okta"]

    assert provider.send(method, path, body).status_code == 405


@pytest.mark.parametrize(
    "path", ["Users/%00", "%00", "Users?filter=%00", 'Users?filter=userName+eq+"%00"', "Schemas/a%00"]
)
def test_a_request_that_cannot_be_read_is_answered_as_any_error_is(provider, path):
    assert provider.send("get", path).status_code == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(provider, ada, body):
    headers = {"Authorization": f"Bearer {provider.token}"}
    for method, path in (("post", "Users"), ("put", f"Users/{ada.pk}"), ("patch", f"Users/{ada.pk}")):
        send = getattr(Client(), method)
        response = send(f"/scim/v2/{path}", data=body, content_type="application/scim+json", headers=headers)
        assert (response.status_code, response.json()["scimType"]) == (400, "invalidSyntax")
