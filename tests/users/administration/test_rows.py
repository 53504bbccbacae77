"""Cells of lists and fields of dates in the admin say what they are."""

import pytest
from django.urls import reverse

from tests.factories import make_user
from tests.staff import LIST

pytestmark = pytest.mark.django_db


def test_each_cell_says_the_heading_of_its_column_and_the_table_its_roles(client, admin):
    make_user("ada")

    page = client.get(reverse(LIST)).text

    assert '<table id="result_list" role="table" class="result-list">' in page
    assert '<td role="cell" data-label="Last login" class="field-last_seen' in page
    assert '<th role="rowheader" data-label="Account" class="field-account' in page
    assert '<td role="cell" data-label="" class="action-checkbox"' in page


def test_the_box_for_all_rows_is_found_by_the_scripts_of_themes(client, admin):
    assert '<input type="checkbox" id="action-toggle" class="action-toggle"' in client.get(reverse(LIST)).text


def test_a_heading_is_escaped(client, admin, monkeypatch):
    monkeypatch.setattr("users.admin.StateUserAdmin.account.short_description", '"><b>')

    page = client.get(reverse(LIST)).text

    assert 'data-label="&quot;&gt;&lt;b&gt;"' in page
    assert 'data-label=""><b>' not in page


def test_the_two_fields_of_a_date_say_which_date_they_are(client, admin):
    page = client.get(reverse("admin:auth_user_change", args=(make_user("ada").pk,))).text

    for label in ("Last login – Date", "Last login – Time", "Date joined – Date", "Date joined – Time"):
        assert f'aria-label="{label}"' in page


def test_names_from_right_to_left_leave_what_is_around_them_where_it_is(client, admin):
    person = make_user("layla", first_name="ليلى", last_name="حداد")
    person.fsm.lock(by="عمر")

    page = client.get(reverse(LIST)).text

    assert "<bdi>ليلى حداد</bdi>" in page
    assert "by <bdi>عمر</bdi>" in page


@pytest.mark.parametrize(
    "name",
    ["auth_user", "user_lifecycle_mail", "user_lifecycle_scheduledchange", "user_audit_userstateaudit",
     "user_audit_refusedtransition", "user_audit_recordread"],
)  # fmt: skip
def test_the_search_box_of_each_list_has_a_label_that_can_be_seen(client, admin, name):
    page = client.get(reverse(f"admin:{name}_changelist")).text

    assert '<label for="searchbar">Search</label>' in page
