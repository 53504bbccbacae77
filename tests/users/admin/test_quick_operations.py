"""The buttons above the list of people: each carries out an operation for those who are selected."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from tests.factories import make_user
from tests.staff import LIST, make_staff
from tests.truth import truth
from users.states import State

pytestmark = pytest.mark.django_db


def press(client, button, *users):
    """Send what the browser sends: the button comes before the menu, in which nothing is chosen."""
    data = {"index": "0", "action": [button, ""], "select_across": "0"}
    return client.post(reverse(LIST), data | {ACTION_CHECKBOX_NAME: [user.pk for user in users]}, follow=True)


def test_a_button_leads_to_the_page_before_the_operation(client, admin):
    ada = make_user("ada")

    page = press(client, "lock", ada, make_user("iris", state=State.LOCKED))

    assert page.status_code == 200
    assert "account will be changed" in page.text
    assert truth(ada).state == State.ACTIVE  # nobody is changed without a reason


def test_without_a_selection_the_list_says_so(client, admin):
    ada = make_user("ada")

    page = press(client, "lock")

    assert "Items must be selected" in page.text
    assert truth(ada).state == State.ACTIVE


def test_only_those_transitions_have_a_button_that_one_may_make(client):
    client.force_login(make_staff("staff", "unlock_userfsm"))
    ada = make_user("ada")

    page = client.get(reverse(LIST)).text

    assert '<button type="submit" class="button" name="action" value="unlock"' in page
    assert 'name="action" value="lock"' not in page
    assert press(client, "lock", ada).status_code == 403
    assert truth(ada).state == State.ACTIVE


def test_somebody_without_any_permission_sees_no_buttons(client):
    client.force_login(make_staff("staff"))

    assert "quick-operations" not in client.get(reverse(LIST)).text
