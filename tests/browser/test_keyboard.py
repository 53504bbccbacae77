"""Administrators do their tasks by keyboard alone: they see where they are, and Escape closes what opens."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser.keyboard import enter, expect_focus, focused, tab_to
from tests.factories import make_invited, make_superuser, make_user
from users.models import LoginSession, SavedView, SavedViewMail, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "/admin/auth/user/"
RECORDS = "/admin/user_audit/userstateaudit/"
REASONS = {"Reported stolen", "Suspicious activity", "Requested by the person", "Under investigation"}


@pytest.fixture(autouse=True)
def admin(page: Page, log_in: Any) -> User:
    admin = make_superuser("root", email="root@example.com")
    log_in(admin)
    return admin


def state_of(username: str) -> str:
    return str(UserFSM.objects.get(user__username=username).current_state)


def choose(page: Page, reason: str) -> None:
    """Go to the reasons, of which Tab reaches the first, and on to this one with the arrows."""
    while focused(page) not in REASONS:
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    while focused(page) != reason:
        page.keyboard.press("ArrowRight")


def test_one_is_locked_from_the_list_and_unlocked_again(page: Page) -> None:
    make_user("lena")
    page.goto(f"{PEOPLE}?q=lena")
    page.wait_for_load_state()
    tab_to(page, "Select this object for an action - lena")
    page.keyboard.press("Space")
    while focused(page) != "Lock":  # the operations stand above the rows
        page.keyboard.press("Shift+Tab")
    enter(page)

    # Without a reason, the keyboard is where one can be given.
    tab_to(page, "Lock 1 account")
    enter(page)
    expect(page.get_by_text("Give a reason. It becomes part of the audit trail.")).to_be_visible()
    expect_focus(page, "Reported stolen")
    expect(page.get_by_role("group", name="Reason")).to_have_accessible_description(re.compile("Give a reason"))
    choose(page, "Suspicious activity")
    tab_to(page, "In your own words")
    page.keyboard.type("phoned at nine")
    tab_to(page, "Lock 1 account")
    enter(page)
    assert state_of("lena") == State.LOCKED
    expect(page.locator("#result_list")).to_contain_text("Suspicious activity: phoned at nine")

    tab_to(page, "Undo")
    enter(page)
    tab_to(page, "Unlock 1 account")
    enter(page)
    assert state_of("lena") == State.ACTIVE


def test_one_is_locked_from_their_page(page: Page) -> None:
    user = make_user("lena")
    page.goto(f"{PEOPLE}{user.pk}/change/")
    offer = page.locator(".offer-lock")
    tab_to(page, "Lock")
    page.keyboard.press("Space")
    choose(page, "Reported stolen")
    page.keyboard.press("Escape")
    expect(offer).not_to_have_attribute("open", "")
    expect_focus(page, "Lock")
    page.keyboard.press("Enter")
    choose(page, "Under investigation")
    tab_to(page, "Lock")
    enter(page)

    assert state_of("lena") == State.LOCKED


def test_the_names_beyond_twenty_are_opened_and_closed(page: Page) -> None:
    make_invited(f"person{number:02}" for number in range(30))
    page.goto(f"{PEOPLE}?q=person")
    page.wait_for_load_state()
    page.locator("#action-toggle").focus()
    page.keyboard.press("Space")
    while focused(page) != "Activate":
        page.keyboard.press("Shift+Tab")
    enter(page)
    tab_to(page, "and 10 more")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="person29")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="person29")).to_be_hidden()
    expect_focus(page, "and 10 more")


def test_a_session_is_ended(page: Page, live_server: Any) -> None:
    user = make_user("lena", password="correct horse")
    Client(HTTP_HOST=live_server.url.removeprefix("http://")).post(
        "/accounts/login/", {"username": "lena", "password": "correct horse"}
    )
    page.goto(f"{PEOPLE}{user.pk}/change/")
    tab_to(page, "End the session from 127.0.0.1")
    page.keyboard.press("Enter")
    tab_to(page, "In your own words")
    page.keyboard.type("left in a train")
    tab_to(page, "End this session")
    enter(page)

    assert not LoginSession.objects.filter(user=user).exists()


def test_a_view_is_saved_and_ordered_by_email(page: Page) -> None:
    page.goto(f"{PEOPLE}?state=locked")
    tab_to(page, "Skip to main content")  # the sidebar has a page of this name, too
    page.keyboard.press("Enter")
    tab_to(page, "Saved views")
    page.keyboard.press("Enter")
    tab_to(page, "Save this view as")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Save this view as")).to_be_hidden()
    expect_focus(page, "Saved views")
    page.keyboard.press("Enter")
    tab_to(page, "Save this view as")
    page.keyboard.type("Who is locked")
    tab_to(page, "Save")
    enter(page)
    assert SavedView.objects.get().name == "Who is locked"

    tab_to(page, "Saved views (1)")
    page.keyboard.press("Enter")
    tab_to(page, "All saved views, and emails of them")
    enter(page)
    tab_to(page, "Email")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Change the email of Who is locked")
    enter(page)
    assert SavedViewMail.objects.get().every == "day"


def test_records_are_found_and_a_reason_is_opened(page: Page) -> None:
    make_user("lena").fsm.lock(by="system", description="The laptop was stolen on the way home. " * 8)
    page.goto(RECORDS)
    tab_to(page, "Find by time, person, cause, request or reason")
    page.keyboard.press("Enter")
    tab_to(page, "Person")
    page.keyboard.press("Escape")
    expect_focus(page, "Find by time, person, cause, request or reason")
    page.keyboard.press("Enter")
    tab_to(page, "Person")
    page.keyboard.type("lena")
    tab_to(page, "Words of the reason")
    page.keyboard.type("laptop")
    enter(page)

    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list .long > summary")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "button", "wrong"),
    [
        ("invite/", "Invite", "Email"),
        ("invite/", "Check the list", "CSV file"),
        ("{pk}/delete/", "Yes, I’m sure", "Reason"),
    ],
)
def test_after_a_mistake_the_keyboard_is_at_the_first_wrong_field(
    page: Page, path: str, button: str, wrong: str
) -> None:
    page.goto(PEOPLE + path.format(pk=make_user("lena").pk))
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
    tab_to(page, button)
    enter(page)

    expect_focus(page, wrong)


def test_after_a_mistake_in_a_persons_fields_the_keyboard_is_there(page: Page) -> None:
    page.goto(f"{PEOPLE}{make_user('lena').pk}/change/")
    page.get_by_label("Email address").fill("nonsense")
    page.eval_on_selector("#user_form", "form => { form.noValidate = true }")
    enter(page)

    expect_focus(page, "Email address")
