"""Administrators read the record and look at the dashboard, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS = "/admin/user_audit/userstateaudit/"
DASHBOARD = f"{RECORDS}dashboard/"


@pytest.fixture
def people(transactional_db):
    return {state: make_user(state.value, state=state) for state in State}


def test_records_are_filtered_and_exported_as_they_are_shown(page, log_in, people):
    log_in(make_superuser("root"))
    page.goto(RECORDS)
    expect(page.locator("#result_list tbody tr")).to_have_count(9)

    page.locator("#changelist-filter").get_by_role("link", name="Locked", exact=True).first.click()

    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("locked")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    heading, *exported = download.value.path().read_text().splitlines()
    assert heading.startswith('"datetime","id"')
    assert len(exported) == 1
    assert '"lock","request","active","locked"' in exported[0]


@pytest.fixture
def long_names(people):
    """The longest names that Django allows, a reason without a space, and an address of IPv6."""
    person, by = make_user("w" * 150, password="right"), make_user("m" * 150)
    person.fsm.lock(by=by, description="x" * 300)
    person.fsm.unlock(by=by, description="The laptop was stolen on the way home. " * 5)
    for _ in range(5):
        Client(REMOTE_ADDR="2001:db8:85a3:8d3:1319:8a2e:370:7348").post(
            "/accounts/login/", {"username": person.username, "password": "wrong"}
        )
    return person


HIDDEN_PARTS = """() => [document.documentElement, ...document.querySelectorAll('#content *')].filter(
  each => each.scrollWidth > each.clientWidth + 1 && ['auto', 'scroll', 'visible'].includes(
    getComputedStyle(each).overflowX) && getComputedStyle(each).display !== 'inline' && each.clientWidth > 1
).map(each => each.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("width", [390, 640, 1280])  # a phone, 1280 pixels at 200 %, a desk
def test_nothing_of_the_record_is_hidden_at_the_side_and_no_barrier_is_found(page, log_in, long_names, width):
    log_in(make_superuser("root"))
    page.set_viewport_size({"width": width, "height": 900})
    lock = UserStateAudit.objects.get(description="x" * 300)
    for path in (RECORDS, f"{RECORDS}?since=2020-01-01&until=2100-01-01", f"{RECORDS}{lock.pk}/change/"):
        page.goto(path)
        for summary in page.locator(".long > summary").all():
            summary.click()
        assert page.evaluate(HIDDEN_PARTS) == []
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_a_long_reason_opens_and_escape_closes_it(page, log_in, long_names):
    log_in(make_superuser("root"))
    page.goto(f"{RECORDS}?to=active&name={'w' * 150}")
    reason = page.locator(".long").first
    expect(reason.locator(".whole")).to_be_hidden()
    reason.get_by_text("more").click()
    expect(reason.locator(".whole")).to_contain_text("way home. The laptop")
    page.keyboard.press("Escape")
    expect(reason.locator(".whole")).to_be_hidden()
    expect(reason.locator("summary")).to_be_focused()


def test_the_list_that_is_seen_is_exported_with_one_click_in_each_format(page, log_in, people):
    log_in(make_superuser("root"))
    page.goto(f"{RECORDS}?to=locked")
    for kind, lines in (("CSV", 2), ("JSON lines", 1), ("OCSF", 1)):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Export as {kind}").click()
        assert len(download.value.path().read_text().splitlines()) == lines


@pytest.fixture(params=[390, 1280])
def plain_page(request, browser, context, log_in, live_server):
    """A superuser's, without JavaScript, on a phone and on a desk."""
    log_in(make_superuser("root"))
    plain = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        storage_state=context.storage_state(),
        viewport={"width": request.param, "height": 844},
    )
    yield plain.new_page()
    plain.close()


def test_the_dashboard_works_without_javascript_and_its_numbers_lead_to_lists(people, plain_page):
    page = plain_page
    page.goto("/admin/")
    page.get_by_role("link", name="Dashboard", exact=True).first.click()
    expect(page.get_by_role("heading", name="Dashboard", exact=True)).to_be_visible()
    assert page.locator(".panels").bounding_box()["width"] <= page.viewport_size["width"]

    page.locator("svg.state-diagram:visible a", has=page.locator(".state-locked")).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text("locked")

    page.goto(DASHBOARD)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Accounts locked most often"))
    panel.get_by_role("row", name="locked").get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(re.compile(r"userstateaudit/\?user="))
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_on_a_phone_a_record_takes_the_whole_width(page, log_in, people):
    log_in(make_superuser("root"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(RECORDS)

    row = page.locator("#result_list tbody tr").first
    left, cell = row.bounding_box()["x"], row.locator(".field-when").bounding_box()["x"]
    assert cell - left < 20


def test_columns_are_chosen_by_keyboard(page, log_in, people):
    log_in(make_superuser("root"))
    page.goto(f"{RECORDS}?to=locked")

    page.get_by_text("Columns", exact=True).focus()
    page.keyboard.press("Enter")
    group = page.get_by_role("group", name="Show beside the first column")
    expect(group.get_by_role("checkbox")).to_have_count(6)
    group.get_by_role("checkbox", name="Change of state").focus()
    page.keyboard.press("Space")
    group.get_by_role("checkbox", name="Request").focus()
    page.keyboard.press("Space")
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Enter")

    headings = page.locator("#result_list th")
    expect(headings).to_have_text(["Time and address", "Account and actor", "Reason", "Request"])
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert "to=locked" in page.url
