"""What pages and actions of the admin cost the database, without BEGIN and COMMIT."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.factories import make_user
from tests.statements import statements_of
from users.models import UserFSM
from users.states import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("admin")]

LIST = "/admin/auth/user/"


def chosen(people, **more):
    return {"action": "lock", "_selected_action": [person.pk for person in people], **more}


def confirmed(people):
    return chosen(people, confirmed=len(people), own_words="a measure")


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
