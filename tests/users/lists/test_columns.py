"""The columns of the two large lists can be chosen, and links, saved views and forms keep the choice."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests.factories import make_superuser, make_user
from users.administration.saved_views import reading
from users.lists import columns
from users.models import SavedView
from users.states import State

pytestmark = pytest.mark.django_db

RECORDS, PEOPLE = "/admin/user_audit/userstateaudit/", "/admin/auth/user/"
FIRST = {RECORDS: "when", PEOPLE: "account"}
USUAL = {
    RECORDS: ["when", "who", "change", "reason"],
    PEOPLE: ["account", "account_state", "since", "why", "last_seen"],
}
MORE = {RECORDS: ["transition_name", "browser", "request"], PEOPLE: ["date_joined", "is_staff", "is_superuser"]}
LISTS = pytest.mark.parametrize("path", [RECORDS, PEOPLE], ids=["records", "people"])


@pytest.fixture(autouse=True)
def root(client):
    root = make_superuser()
    make_user("lena", state=State.LOCKED)
    client.force_login(root)
    return root


def shown(page):
    """The columns of the first row, by the class of each cell."""
    _, body = page.text.split("<tbody", 1)
    row = body.split("</tr>", 1)[0]
    return re.findall(r'class="(?:field|column)-(\w+)', row)


def offered(page):
    """The boxes of the form, and whether each is checked."""
    return {name: bool(checked) for name, checked in re.findall(r'name="columns" value="(\w+)"( checked)?>', page.text)}


def said(page):
    return [unescape(str(message)) for message in page.context["messages"]]


@LISTS
def test_a_list_offers_its_columns_and_more(client, path):
    page = client.get(path)

    assert shown(page) == USUAL[path]
    assert offered(page) == {name: name in USUAL[path] for name in [*USUAL[path][1:], *MORE[path]]}
    assert "<legend>Show beside the first column</legend>" in page.text


@LISTS
def test_what_is_checked_is_shown_and_the_link_says_so(client, path):
    last, more = USUAL[path][-1], MORE[path][0]
    page = client.get(path, {"columns": ["", more, last]}, follow=True)

    assert page.redirect_chain == [(f"{path}?columns={more}%2C{last}", 302)]
    assert shown(page) == [FIRST[path], last, more]
    assert offered(page)[more]
    assert not offered(page)[USUAL[path][1]]


@LISTS
def test_without_any_box_the_first_column_stays(client, path):
    assert shown(client.get(path, {"columns": ""})) == [FIRST[path]]


@LISTS
@pytest.mark.parametrize("nonsense", ["x" * 1000, "💥", "password", "__class__", "action_checkbox", "when.x"])
def test_unknown_names_are_dropped_and_named_and_the_others_stay(client, path, nonsense):
    known = USUAL[path][1]
    page = client.get(path, {"columns": f"{known},{nonsense},,{known}"}, follow=True)

    assert page.redirect_chain == [(f"{path}?columns={known}", 302)]
    assert shown(page) == [FIRST[path], known]
    (message,) = said(page)
    assert message.startswith("“columns” was left out: ")
    assert message.endswith("”.")


@LISTS
def test_search_filters_pages_and_the_permanent_link_keep_the_columns(client, path):
    known = USUAL[path][1]
    page = client.get(path, {"columns": known, "q": "l"})

    assert f'<input type="hidden" name="columns" value="{known}">' in page.text
    assert page.context["cl"].get_query_string({"x": "y"}) == f"?columns={known}&q=l&x=y"
    if path == RECORDS:
        assert f"columns={known}" in page.context["cl"].permanent_link


def test_the_choice_keeps_search_and_filters_and_begins_with_the_first_page(client):
    page = client.get(PEOPLE, {"q": "l", "state": "locked", "o": "-1", "columns": "why"})
    _, form = page.text.split('<details class="choice-of-columns">')
    form = form.split("</form>")[0]

    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', form) == [
        ("q", "l"),
        ("state", "locked"),
        ("columns", ""),
    ]
    assert '<a href="?q=l&amp;state=locked">' in form


def test_an_order_counts_the_columns_that_are_shown(client):
    page = client.get(PEOPLE, {"columns": "last_seen", "o": "2"}, follow=True)
    assert page.context["cl"].get_ordering_field_columns() == {2: "asc"}
    assert not said(page)

    page = client.get(PEOPLE, {"columns": "last_seen", "o": "5"}, follow=True)
    assert "“o” was left out" in said(page)[0]


def test_a_saved_view_keeps_the_columns_on_the_page_and_in_its_email(client, root):
    answer = client.post(
        reverse("admin:user_lifecycle_savedview_save"),
        {"name": "Lean", "page": "auth.user", "query": "columns=why&state=locked"},
    )

    assert answer.url == f"{PEOPLE}?columns=why&state=locked"
    assert shown(client.get(answer.url)) == ["account", "why"]
    told = reading.contents(reading.read(SavedView.objects.get(), root))
    ((first, others),) = told.rows
    assert first.startswith("lena")
    assert "state:" not in others.lower()


def test_the_lists_of_records_can_be_saved_as_views(client):
    page = client.get(RECORDS, {"to": "locked", "columns": "request"})

    assert '<details class="saved-views">' in page.text
    assert 'value="to=locked&amp;columns=request"' in page.text


@pytest.mark.parametrize("url", [f"{RECORDS}export/", f"{PEOPLE}download/"])
def test_an_export_has_its_full_form_whatever_the_columns(client, url):
    def heading(**parameters):
        return b"".join(client.get(url, parameters)).splitlines()[0]

    assert heading(columns="") == heading()
    assert heading().count(b",") > 5


@pytest.mark.parametrize("path", ["/admin/user_audit/refusedtransition/", "/admin/user_lifecycle/mail/"])
def test_other_lists_have_no_choice(client, path):
    page = client.get(path, {"columns": "when"}, follow=True)

    assert said(page) == ["“columns” was left out: this page does not offer it."]
    assert "choice-of-columns" not in page.text


def test_columns_that_are_edited_in_the_list_always_stay():
    class Editing:
        chooses_columns = True
        list_editable = ("email",)

        def get_more_columns(self):
            return ()

    own = ["action_checkbox", "username", "email", "why"]
    assert columns.shown(Editing(), {"columns": ""}, own) == ["action_checkbox", "username", "email"]


@LISTS
def test_the_choice_is_offered_in_chinese(client, path):
    page = client.get(path, headers={"Accept-Language": "zh-hans"}).text

    assert "<legend>Show beside" not in page
    assert "在第一列之外显示" in page
