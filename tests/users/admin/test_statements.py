"""What pages and actions of the admin cost the database, without BEGIN and COMMIT."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.factories import make_user
from tests.statements import statements_of
from users import operations
from users.models import UserFSM
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("admin")]

LIST = "/admin/auth/user/"


def chosen(people, **more):
    return {"action": "lock", "_selected_action": [person.pk for person in people], **more}


def confirmed(people, action="lock"):
    return chosen(people, action=action, confirmed=len(people), own_words="a measure")


def test_an_action_on_three_people_takes_fourteen_at_most_and_none_over_the_whole_table(client):
    people = [make_user(f"person{number}") for number in range(5)]
    client.post(LIST, chosen(people[3:]))

    sent = statements_of(lambda: client.post(LIST, confirmed(people[:3])))

    assert UserFSM.objects.in_state(State.LOCKED).count() == 3
    assert len(sent) == (12 if connection.vendor == "postgresql" else 14), sent
    of_users = [text for text in sent if 'FROM "auth_user"' in text]
    # The administrator, and the selection inside questions about accounts.
    assert all("WHERE" in text for text in of_users), of_users
    assert not [text for text in sent if "COUNT(" in text]


def people_for(operation, count, number):
    """People whom this operation changes, with an address each and, if they are active, with a session."""
    (state, *_) = sorted(operation.sources)
    people = [make_user(f"{number}-{each}", state=state, email=f"{number}-{each}@example.com") for each in range(count)]
    for person in people if operation.name == "keep_locked" else ():
        person.fsm.unlock(by="system")
        person.fsm.lock(by="system", until=timezone.now() + timedelta(days=1))
    for person in people if state == State.ACTIVE else ():
        Client().force_login(person)
    return people


@pytest.mark.parametrize("operation", operations.ALL.values(), ids=operations.ALL)
def test_an_action_takes_the_same_for_twelve_people_as_for_two(client, settings, operation):
    settings.USERS_MAIL_DELIVERY = "worker"

    def act_on(people):
        page = client.post(LIST, confirmed(people, operation.name), follow=True)
        (changed,) = re.findall(r'<li class="success">\D*(\d+)', page.text)
        assert int(changed) == len(people)

    few, again, many = (people_for(operation, count, number) for number, count in enumerate((2, 2, 12)))
    act_on(few)  # builds the queries

    of_few = statements_of(lambda: act_on(again))
    of_many = statements_of(lambda: act_on(many))
    assert len(of_many) == len(of_few), of_many


def test_the_page_before_an_action_names_everybody_who_is_selected_with_or_without_a_row(client):
    people = [make_user(f"person{number}") for number in range(2)]
    found = User.objects.bulk_create([User(username="found")])

    page = client.post(LIST, chosen([*people, *found]))

    assert "Lock 3 accounts" in page.text
    assert UserFSM.objects.get(user=found[0]).current_state == State.ACTIVE


def test_the_page_of_a_person_takes_twelve_however_many_operations_fit(client):
    ada = make_user()
    page = f"{LIST}{ada.pk}/change/"
    client.get(page)

    # Of these are 2 for who asks, 5 for Django's own form, and 1 each for the history, the StateLog, the schedule, the
    # sessions and the emails.
    sent = statements_of(lambda: client.get(page))
    assert len(sent) == 12, sent


def test_an_action_without_a_selection_shows_the_list_or_leads_back_to_it(client):
    make_user("person")

    assert "person" in client.post(LIST, {"action": "lock"}).text
    assert client.post(LIST, {"action": "lock", "index": 0}).headers["Location"] == LIST
