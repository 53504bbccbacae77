"""What a request costs the database."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api import Machine, make_service, make_token
from tests.factories import make_user
from users.api.models import ScimIdentity

pytestmark = pytest.mark.django_db

LOCK, UNLOCK = "user_lifecycle.lock_userfsm", "user_lifecycle.unlock_userfsm"
NO_STATEMENTS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def statements(call):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        call()
    texts = [str(each["sql"]) for each in captured]  # "None" for those that psycopg puts together itself
    return [text for text in texts if not text.upper().startswith(NO_STATEMENTS)]


@pytest.mark.parametrize("name", ["lock", "unlock"])
def test_a_transition_costs_at_most_half_as_much_again_as_by_the_method_beside_authentication(name):
    machine, people = Machine(LOCK, UNLOCK), [make_user(f"person{number}") for number in range(4)]
    for person in people if name == "unlock" else ():
        person.fsm.lock(by="system")
    warm, first, second, third = people
    getattr(warm.fsm, name)(by="system")  # builds the queries
    machine.post(f"/users/{first.pk}/{name}", {"description": "x"})

    by_method = statements(lambda: getattr(second.fsm, name)(by=machine.user, description="x"))
    by_api = statements(lambda: machine.post(f"/users/{third.pk}/{name}", {"description": "x"}))

    authentication = [sql for sql in by_api if "user_api_servicetoken" in sql or "auth_permission" in sql]
    assert len(authentication) == 3  # the token with its account, its permissions and those of its groups
    assert len(by_api) - len(authentication) <= 1.5 * len(by_method), by_api


def test_the_list_of_people_costs_the_same_for_any_number():
    machine = Machine("user_lifecycle.view_userfsm")
    machine.get("/users")  # notes the use of the token
    few = len(statements(lambda: machine.get("/users")))
    for number in range(20):
        make_user(f"person{number}")

    assert len(statements(lambda: machine.get("/users"))) == few


def scim(user, path):
    token = make_token(user, "user_lifecycle.view_userfsm")
    return lambda: Client().get(f"/scim/v2/{path}", headers={"Authorization": f"Bearer {token}"})


def test_a_page_of_scim_costs_the_same_for_any_number_and_is_not_counted_where_it_is_the_last():
    service = make_service("user_lifecycle.view_userfsm")
    everybody, two = scim(service, "Users"), scim(service, "Users?count=2")
    for call in (everybody, two):
        call()  # notes the use of the token
    few = len(statements(everybody))
    for number in range(20):
        ScimIdentity.objects.create(user=make_user(f"person{number}"), external_id=f"00u{number}")

    assert {each.get("externalId") for each in everybody().json()["Resources"]} == {
        None,
        *(f"00u{number}" for number in range(20)),
    }
    assert len(statements(everybody)) == few
    assert not any("COUNT(" in text for text in statements(everybody))
    assert sum("COUNT(" in text for text in statements(two)) == 1
