"""
How many clicks an administrator's tasks take.

Clicks are counted by the browser: presses of the mouse, Enter and the space bar outside of texts, and choices from a
menu. Typing and the choice of a file cost none. Each task begins at the index of the admin, or at the page that it is
about.
"""

import re
from datetime import timedelta

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories import make_invited, make_superuser, make_user
from users.causes import Cause
from users.invitations import lists
from users.models import LoginSession, SavedViewMail, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "/admin/auth/user/"
RECORDS = "/admin/user_audit/userstateaudit/"

COUNTING = """
const pressed = ({ key, target }) => key === "Enter" || (key === " " && !/^(INPUT|TEXTAREA)$/.test(target.tagName));
const counted = { pointerdown: () => true, keydown: pressed, change: ({ target }) => target.tagName === "SELECT" };
for (const [kind, counts] of Object.entries(counted))
  addEventListener(kind, (event) => {
    if (counts(event) && event.target.tagName !== "OPTION")
      sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
  }, true);
"""


@pytest.fixture
def admin(page, log_in):
    """An administrator at the start page of the admin, whose clicks are counted from now on."""
    admin = make_superuser("root", email="root@example.com")
    log_in(admin)
    page.add_init_script(COUNTING)
    page.goto("/admin/")
    return admin


def clicks(page):
    return int(page.evaluate("sessionStorage.clicks || 0"))


def begin(page, address):
    """Begin a task at this address."""
    page.goto(address)
    page.evaluate("sessionStorage.clear()")


def test_the_reason_of_a_lock_takes_two_clicks(page, admin):
    make_user("lena").fsm.lock(by=admin, description="laptop reported stolen")
    begin(page, "/admin/")

    page.locator("#content-main").get_by_role("link", name="Users", exact=True).click()
    page.locator("#changelist-filter").get_by_role("link", name="Locked", exact=True).click()

    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("laptop reported stolen")
    expect(rows).to_contain_text("by root")
    assert clicks(page) == 2


def test_locking_one_with_a_reason_takes_four_clicks(page, admin):
    user = make_user("lena")
    begin(page, PEOPLE)

    page.get_by_role("link", name="lena", exact=True).click()
    page.locator(".offer-lock summary").click()
    page.locator(".offer-lock").get_by_text("Reported stolen").click()
    page.locator(".offer-lock input[type=submit]").click()

    expect(page.locator(".messagelist")).to_contain_text("locked")
    assert UserFSM.objects.get(user=user).current_state == State.LOCKED
    assert clicks(page) == 4


def fifty_are_locked(page):
    """Lock fifty people from their list, in four clicks."""
    make_invited(f"person{number:02}" for number in range(50))
    UserFSM.objects.filter(user__username__startswith="person").bulk_transition("activate", by="system")
    begin(page, f"{PEOPLE}?q=person")
    page.wait_for_load_state()

    page.locator("#action-toggle").click()
    page.locator(".quick-operations").get_by_role("button", name="Lock", exact=True).click()
    page.get_by_text("Suspicious activity").click()
    page.get_by_role("button", name="Lock 50 accounts").click()

    expect(page.locator(".messagelist")).to_contain_text("50 accounts were locked. Show them · Undo")


def test_locking_fifty_takes_four_clicks(page, admin):
    fifty_are_locked(page)

    assert clicks(page) == 4
    assert UserFSM.objects.in_state(State.LOCKED).count() == 50


def test_undoing_it_for_fifty_takes_two_clicks_of_three_that_it_may(page, admin):
    fifty_are_locked(page)
    page.evaluate("sessionStorage.clear()")

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Unlock 50 accounts").click()

    expect(page.locator(".messagelist")).to_contain_text("50 accounts were unlocked.")
    assert clicks(page) == 2


def found(page, **fields):
    """Open the form above the list of records, fill it, and find."""
    page.locator("#content-main").get_by_role("link", name="Changes of state", exact=True).click()
    page.get_by_text("Find by time, person").click()
    for name, value in fields.items():
        page.locator(f"#find-{name}").fill(value)
    page.get_by_role("button", name="Find", exact=True).click()
    page.wait_for_url(re.compile(r"[?]"))
    return page.locator("#result_list tbody tr")


def test_an_administrators_week_takes_three_clicks(page, admin):
    olga, lena = make_superuser("olga"), make_user("lena")
    with time_machine.travel(timezone.now() - timedelta(days=20), tick=False):
        make_user("iris").fsm.lock(by=olga, description="long ago")
    lena.fsm.lock(by=olga, description="this week")
    make_user("ivan").fsm.lock(by=admin, description="somebody else's work")
    begin(page, "/admin/")

    rows = found(page, by_name="olga", since=f"{timezone.localtime() - timedelta(days=7):%Y-%m-%dT%H:%M}")

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("this week")
    assert clicks(page) == 3


def test_what_happened_at_a_minute_takes_three_clicks(page, admin):
    with time_machine.travel("2026-02-03 09:53:20Z", tick=False):
        make_user("ada")
    with time_machine.travel("2026-02-03 09:54:20Z", tick=False):
        make_user("iris")
    begin(page, "/admin/")

    rows = found(page, since="2026-02-03T09:53", until="2026-02-03T09:53")

    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("ada")
    expect(rows.last).to_contain_text("ada")
    assert page.url.endswith("?since=2026-02-03T09%3A53&until=2026-02-03T09%3A53")
    assert clicks(page) == 3


def test_the_actor_and_the_address_of_an_unlock_take_two_clicks(page, admin):
    lena = make_user("lena")
    lena.fsm.lock(by="system", cause=Cause.FAILED_LOGINS)
    lena.fsm.unlock(by=lena, cause=Cause.UNLOCK_LINK)
    begin(page, "/admin/")

    page.locator("#content-main").get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("link", name="lena", exact=True).click()

    latest = page.locator(".timeline li").first
    expect(latest).to_contain_text("by lena")
    expect(latest).to_contain_text("CLI")
    assert clicks(page) == 2


def test_ending_one_session_takes_three_clicks(page, admin, browser, live_server):
    person = make_user("person", password="correct horse")
    for _ in range(2):
        elsewhere = browser.new_context(base_url=live_server.url).new_page()
        elsewhere.goto("/accounts/login/")
        elsewhere.get_by_label("Username").fill("person")
        elsewhere.get_by_label("Password").fill("correct horse")
        elsewhere.get_by_role("button", name="Log in").click()
        elsewhere.wait_for_load_state()
    begin(page, f"{PEOPLE}{person.pk}/change/")
    sessions = page.locator(".sessions > li")
    expect(sessions).to_have_count(2)

    sessions.first.locator("summary", has_text="End").click()
    sessions.first.get_by_text("A device was lost").click()
    sessions.first.get_by_role("button", name="End this session").click()

    expect(sessions).to_have_count(1)
    assert LoginSession.objects.filter(user__username="person").count() == 1
    assert clicks(page) == 3
    elsewhere.goto("/accounts/")
    expect(elsewhere).to_have_url(re.compile("/login/"))


def test_inviting_a_list_with_mistakes_takes_three_clicks(page, admin):
    begin(page, PEOPLE)
    content = b"email,username\nann@example.com,ann\nnonsense,bob\ncid@example.com,cid\n"

    page.get_by_role("link", name="Invite people").click()
    page.locator("input[type=file]").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_text("bob").first).to_be_visible()
    page.get_by_role("button", name="Invite 2 people").click()

    expect(page.locator(".messagelist")).to_be_visible()
    assert {fsm.user.username for fsm in UserFSM.objects.in_state(State.INVITED)} == {"ann", "cid"}
    assert lists.read(content)[1].problems
    assert clicks(page) == 3


@pytest.mark.parametrize("address", [f"{PEOPLE}?state=active", f"{RECORDS}?to=active"])
def test_exporting_what_is_seen_takes_one_click(page, admin, address):
    make_user("lena")
    make_user("iris", state=State.INVITED)
    begin(page, address)

    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()

    exported = download.value.path().read_text()
    assert "lena" in exported
    assert "iris" not in exported
    assert clicks(page) == 1


def test_a_view_is_saved_and_ordered_by_email_and_all_of_it_is_accessible(page, admin):
    make_user("lena", state=State.LOCKED)
    outbox.outbox.clear()
    begin(page, f"{PEOPLE}?state=locked")

    page.get_by_text("Saved views", exact=True).last.click()
    page.get_by_label("Save this view as").fill("Who is locked")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("The view “Who is locked” was saved.")
    assert clicks(page) == 2  # the name is typed

    page.goto("/admin/user_lifecycle/savedview/")
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert results.violations_count == 0, results.generate_report()
    page.get_by_label("Email", exact=True).select_option(label="every day")
    page.get_by_role("button", name="Change the email of Who is locked").click()

    expect(page.locator(".messagelist")).to_contain_text("You will get “Who is locked” by email.")
    assert SavedViewMail.objects.get().every == "day"


def test_the_choice_of_a_language_in_the_admin_takes_one_click_and_is_accessible(page, admin):
    begin(page, f"{PEOPLE}?state=locked")

    page.get_by_role("button", name="简体中文").click()

    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith("?state=locked")
    assert clicks(page) == 1
    results = Axe().run(page, context="#header", options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert results.violations_count == 0, results.generate_report()
