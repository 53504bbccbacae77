"""Administrators find people, see their states, and act on one or many, in a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from audit.models import UserStateAudit
from tests.factories import make_invited, make_superuser, make_user
from tests.staff import make_staff
from tests.truth import truth
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

USERS = "/admin/auth/user/"


@pytest.fixture
def admin(transactional_db, log_in):
    admin = make_superuser("admin")
    log_in(admin)
    return admin


@pytest.fixture
def one_in_each_state(transactional_db):
    return {state: make_user(state.value, state=state, email=f"{state.value}@example.com") for state in State}


def choose(page, action, *usernames):
    """Tick these users in the list and choose the action."""
    for username in usernames:
        page.get_by_role("checkbox", name=f"Select this object for an action - {username}", exact=True).check()
    page.get_by_label("Action:").select_option(label=action)
    page.locator(".actions button[name=index]").click()


def test_some_are_locked_from_the_list_with_a_reason(page, admin, one_in_each_state):
    page.goto(USERS)
    choose(page, "Lock selected accounts", "admin", "active", "locked", "invited")

    expect(page.locator(".tally .changes")).to_contain_text("1 account will be changed")
    expect(page.locator(".tally .changes .names")).to_have_text("active")
    expect(page.locator(".tally .leaves")).to_contain_text("3 accounts will be left as they are")
    for reason in ("1 yourself", "1 already locked", "1 not allowed from invited"):
        expect(page.locator(".tally .leaves")).to_contain_text(reason)

    page.get_by_role("button", name="Lock 1 account").click()
    expect(page.get_by_text("Give a reason")).to_be_visible()

    page.get_by_text("Reported stolen").click()
    page.get_by_label("In your own words").fill("phoned at nine")
    page.get_by_role("button", name="Lock 1 account").click()

    expect(page.locator(".messagelist")).to_contain_text("1 account was locked.")
    expect(page.locator(".messagelist")).to_contain_text("3 accounts were left as they are")
    row = page.get_by_role("row", name="active@example.com")
    expect(row.locator(".state-badge")).to_have_text("Locked")
    expect(row).to_contain_text("Reported stolen: phoned at nine")
    expect(row.locator(".field-since")).to_contain_text("by admin")


def test_fifty_are_locked_seen_and_unlocked_again_in_few_clicks(page, admin):
    make_invited(f"person{number:02}" for number in range(50))
    UserFSM.objects.filter(user__username__startswith="person").bulk_transition("activate", by="system")
    page.goto(f"{USERS}?q=person")
    page.wait_for_load_state()
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Lock selected accounts")
    page.locator(".actions button[name=index]").click()

    expect(page.get_by_role("link", name="person19")).to_be_visible()
    expect(page.get_by_role("link", name="person20")).to_be_hidden()
    page.get_by_text("and 30 more").click()
    expect(page.get_by_role("link", name="person49")).to_be_visible()
    page.get_by_text("Suspicious activity").click()
    page.get_by_role("button", name="Lock 50 accounts").click()
    expect(page.locator(".messagelist")).to_contain_text("50 accounts were locked. Show them · Undo")

    page.get_by_role("link", name="Undo").click()  # and one more
    expect(page.get_by_label("In your own words")).to_have_value(re.compile("^Undo of “Lock”"))
    page.get_by_role("button", name="Unlock 50 accounts").click()

    expect(page.locator(".messagelist")).to_contain_text("50 accounts were unlocked.")
    expect(page.locator("#result_list tbody tr")).to_have_count(50)  # those, and nobody else
    assert UserFSM.objects.in_state(State.LOCKED).count() == 0


def test_a_change_is_scheduled_and_cancelled_from_the_persons_page(page, admin):
    person = make_user("person")
    page.goto(f"{USERS}{person.pk}/change/")

    page.locator("summary", has_text="Schedule a change").click()
    page.get_by_label("What:").select_option(label="Deactivate")
    page.get_by_label("When:").fill(f"{timezone.localtime() + timedelta(days=3):%Y-%m-%dT%H:%M}")
    page.get_by_label("Reason:").fill("end of the contract")
    page.get_by_role("button", name="Schedule", exact=True).click()

    expect(page.locator(".scheduled li")).to_contain_text("by admin: end of the contract")
    page.get_by_role("link", name="Cancel the scheduled change: Deactivate").click()
    page.get_by_label("Reason:").fill("stays after all")
    page.get_by_role("button", name="Cancel this change").click()
    expect(page.locator(".scheduled li")).to_contain_text("Cancelled")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_address_in_the_list_is_clipped(page, admin, width):
    make_user("person", email="maximilian.featherstonehaugh-cholmondeley@students.some-university.example.ac.uk")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(USERS)

    assert page.evaluate(
        "() => { const box = document.querySelector('.results'); return box.scrollWidth <= box.clientWidth }"
    )
    expect(page.get_by_text("featherstonehaugh")).to_be_in_viewport()


def test_everybody_behind_a_filter_is_unlocked_across_all_pages(page, admin):
    make_invited(f"person{number:03}" for number in range(130))
    for transition in ("activate", "lock"):
        UserFSM.objects.filter(user__username__startswith="person").bulk_transition(transition, by="system")

    page.goto(USERS)
    page.get_by_role("link", name="Locked", exact=True).click()
    page.wait_for_load_state()  # with the script that the box below is for
    page.locator("#action-toggle").check()
    page.get_by_text("Select everybody in this list, on all pages").click()
    choose(page, "Unlock selected accounts")
    page.get_by_text("Locked by mistake").click()
    page.get_by_role("button", name="Unlock 130 accounts").click()

    expect(page.locator(".messagelist")).to_contain_text("130 accounts were unlocked.")
    assert UserFSM.objects.in_state(State.LOCKED).count() == 0


def test_a_person_is_locked_and_unlocked_from_their_page(page, admin):
    person = make_user("person")
    page.goto(f"{USERS}{person.pk}/change/")
    account = page.get_by_role("region", name="Account")
    expect(account.locator(".standing")).to_have_text("Active")
    expect(account.locator("svg:visible .current")).to_have_text("Active")
    expect(account.locator(".offers summary")).to_have_text(["Lock", "Deactivate"])

    account.locator("summary", has_text="Lock").click()
    account.get_by_text("Suspicious activity").click()
    account.get_by_role("button", name="Lock").click()

    expect(page.locator(".messagelist")).to_contain_text("1 account was locked.")
    expect(account.locator("svg:visible .current")).to_have_text("Locked")
    expect(account.locator(".timeline li").first).to_contain_text("Suspicious activity")
    expect(account.locator(".timeline li").first).to_contain_text("by admin")
    expect(account.locator(".timeline li").first).to_contain_text("127.0.0.1")
    expect(account.locator(".offers summary")).to_have_text(["Unlock", "Deactivate"])

    account.locator("summary", has_text="Unlock").click()
    account.get_by_label("In your own words").nth(0).fill("spoke with them")
    account.get_by_role("button", name="Unlock").click()

    expect(account.locator(".standing")).to_have_text("Active")
    assert truth(person).version == 3


def test_a_reason_is_asked_for_on_a_page_of_its_own_where_it_was_left_out(page, admin):
    person = make_user("person")
    page.goto(f"{USERS}{person.pk}/change/")
    page.locator("summary", has_text="Deactivate").click()
    page.locator(".offer-deactivate").get_by_role("button", name="Deactivate").click()

    expect(page.get_by_text("Give a reason")).to_be_visible()
    page.get_by_text("Left the organisation").click()
    page.get_by_role("button", name="Deactivate 1 account").click()

    expect(page.locator(".standing")).to_have_text("Deactivated")
    assert UserStateAudit.objects.transitions().get(transition="deactivate").description == "Left the organisation"


def test_escape_closes_what_was_opened_on_a_persons_page_and_leads_back_to_it(page, admin):
    page.goto(f"{USERS}{make_user('person').pk}/change/")
    lock = page.locator(".offer-lock")
    lock.locator("summary").click()
    expect(lock.get_by_text("Suspicious activity")).to_be_visible()

    lock.get_by_label("In your own words").focus()
    page.keyboard.press("Escape")

    expect(lock.get_by_text("Suspicious activity")).to_be_hidden()
    expect(lock.locator("summary")).to_be_focused()


def test_an_automatic_lock_is_made_one_without_end(page, admin):
    person = make_user("person")
    person.fsm.lock(by="system", until=timezone.now() + timedelta(hours=1))
    page.goto(f"{USERS}{person.pk}/change/")
    expect(page.locator(".standing")).to_contain_text("left")

    page.locator("summary", has_text="Lock indefinitely").click()
    page.get_by_text("Under attack").click()
    page.get_by_role("button", name="Lock indefinitely").click()

    expect(page.locator(".standing")).to_have_text("Locked")
    assert truth(person).version == 4


def test_staff_see_only_what_they_may_do(page, log_in, one_in_each_state):
    log_in(make_staff("staff", "unlock_userfsm", "view_userstateaudit"))

    page.goto(f"{USERS}{one_in_each_state[State.LOCKED].pk}/change/")
    expect(page.locator(".offers summary")).to_have_text(["Unlock"])
    page.goto(f"{USERS}{one_in_each_state[State.ACTIVE].pk}/change/")
    expect(page.locator(".standing")).to_have_text("Active")
    expect(page.locator(".offers")).to_have_count(0)


def test_the_pages_of_a_person_work_without_javascript(browser, live_server, admin, context):
    person = make_user("person")
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    page = plain.new_page()

    page.goto(f"{USERS}{person.pk}/change/")
    page.locator("summary", has_text="Lock").click()
    page.get_by_text("Reported stolen").click()
    page.locator(".offer-lock").get_by_role("button", name="Lock").click()

    expect(page.locator(".standing")).to_have_text("Locked")
    plain.close()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_a_phone(page, admin, width):
    person = make_user("person")
    person.fsm.lock(by=admin, description="x" * 300, until=timezone.now() + timedelta(hours=1))
    page.set_viewport_size({"width": width, "height": 844})

    page.goto(f"{USERS}{person.pk}/change/")
    page.locator("summary", has_text="Deactivate").click()

    for part in (".account", ".timeline", ".offer-deactivate"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
