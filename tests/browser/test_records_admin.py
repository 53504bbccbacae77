"""Administrators read the record and look at the dashboard, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

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

    page.locator("svg.state-diagram a", has=page.locator(".state-locked")).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text("locked")

    page.goto(DASHBOARD)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Accounts locked most often"))
    panel.get_by_role("row", name="locked").get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(re.compile(r"userstateaudit/\?user="))
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
