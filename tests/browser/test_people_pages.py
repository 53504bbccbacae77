"""The pages of the people themselves, by keyboard alone, and as a screen reader has them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.keyboard import enter, expect_focus, fill, tab_to
from tests.factories import make_superuser, make_user
from users import invitations
from users.invitations import inviting
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def links_lead_here(settings: Any, live_server: Any) -> None:
    settings.USERS_SITE_URL = live_server.url


@pytest.fixture
def elsewhere(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A browser of somebody else."""
    context = browser.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


def log_in_by_keyboard(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.evaluate("document.activeElement.blur()")  # the first field has the focus already
    fill(page, Username=username, Password=password)


def link_of(message: Any) -> str:
    found = re.search(r"https?://\S+/accounts/(invitation|unlock)/\S+", message.body)
    assert found
    return found[0]


def has_no_barriers(page: Page) -> bool:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    return True


def test_the_life_of_an_account_by_keyboard_alone(page: Page, context: BrowserContext, elsewhere: Page, log_in: Any):
    # Invited by an administrator
    log_in(make_superuser("root"))
    page.goto("/admin/auth/user/invite/")
    fill(page, Email="ann@example.com", Username="ann")
    expect(page.get_by_text("An invitation is on its way to ann@example.com.")).to_be_visible()
    context.clear_cookies()

    # The mail's link leads to a page that accepts
    page.goto(link_of(mail.outbox[-1]))
    assert has_no_barriers(page)
    page.evaluate("document.activeElement.blur()")
    fill(page, **{"New password": PASSWORD, "New password confirmation": PASSWORD})
    expect(page.get_by_text("Your password is set")).to_be_visible()

    # Logged in
    log_in_by_keyboard(page, "ann", PASSWORD)
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()
    assert has_no_barriers(page)

    # Guessed at, locked, and out
    for _ in range(5):
        log_in_by_keyboard(elsewhere, "ann", "a guess")
    assert UserFSM.objects.get(user__username="ann").current_state == State.LOCKED
    page.reload()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()

    # The mail of the lock leads to a page with a button
    page.goto(link_of(mail.outbox[-1]))
    assert has_no_barriers(page)
    tab_to(page, "Unlock the account")
    enter(page)
    assert UserFSM.objects.get(user__username="ann").current_state == State.ACTIVE

    # Back, and told of all of it
    log_in_by_keyboard(page, "ann", PASSWORD)
    expect(page.get_by_text("There were 5 failed logins to your account")).to_be_visible()
    expect(page.get_by_text("Your last login was on")).to_be_visible()
    tab_to(page, "Show all")
    enter(page)
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("Your account was unlocked by you")
    expect(rows.nth(1)).to_contain_text("Your account was locked by somebody who was not logged in")
    expect(rows.nth(2)).to_contain_text("Your account was activated by you")
    expect(rows.nth(3)).to_contain_text("Your account was created")
    assert has_no_barriers(page)


OPEN = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/sent/", "/accounts/invitation/",
        "/accounts/invitation/asked/", "/accounts/invitation/forged/", "/accounts/unlock/forged/",
        "/accounts/password/reset/MQ/forged/"]  # fmt: skip
OWN = ["/accounts/", "/accounts/leave/", "/accounts/history/", "/accounts/password/change/"]


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-CN")])
def test_no_page_has_barriers_or_needs_a_wide_window(browser, context, log_in, *, scheme, language, live_server):
    person = make_user("ann", email="ann@example.com")
    for _ in range(3):
        person.fsm.lock(by="system")
        person.fsm.unlock(by="system")
    log_in(User.objects.get(pk=person.pk))
    narrow = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, locale=language, viewport={"width": 320, "height": 640}
    )
    page = narrow.new_page()

    for path in [*OPEN, *OWN]:
        if path == OWN[0]:
            narrow.add_cookies(context.cookies())
        page.goto(path)
        assert page.url.endswith(path)
        assert has_no_barriers(page), path
        # WCAG 2.2, 1.4.10: nothing has to be scrolled sideways at 320 pixels.
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    narrow.close()


def test_errors_are_told_with_their_field(page: Page):
    make_user("ann", password=PASSWORD)
    log_in_by_keyboard(page, "ann", PASSWORD)
    page.goto("/accounts/leave/")
    page.get_by_label("Your password").fill("wrong")
    enter(page)

    field = page.get_by_label("Your password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("That is not your password.")
    assert has_no_barriers(page)


def test_the_switch_changes_the_language_and_stays_on_the_page(page: Page):
    page.goto("/accounts/invitation/")
    tab_to(page, "简体中文")
    enter(page)

    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith("/accounts/invitation/")


@pytest.mark.parametrize(
    ("path", "typed", "first_wrong"),
    [
        ("/accounts/password/reset/", {"Email": "nonsense"}, "Email"),
        ("/accounts/invitation/", {"Email": "nonsense"}, "Email"),
        ("{invitation}", {"New password": PASSWORD, "New password confirmation": "x"}, "New password confirmation"),
        (
            "/accounts/password/change/",
            {"Old password": PASSWORD, "New password": PASSWORD},
            "New password confirmation",
        ),
    ],
)
def test_after_a_mistake_the_keyboard_is_at_the_first_wrong_field(
    page: Page, log_in: Any, path: str, typed: dict[str, str], first_wrong: str
) -> None:
    if "change" in path:
        log_in(User.objects.get(pk=make_user("ann", password=PASSWORD).pk))
    invited = invitations.invite(email="bob@example.com", username="bob", by="system")
    page.goto(path.format(invitation=inviting.link(invited.fsm)))
    for label, text in typed.items():
        page.get_by_label(f"{label}:", exact=True).fill(text)
    page.eval_on_selector("main form", "form => { form.noValidate = true }")
    enter(page)

    expect_focus(page, first_wrong)
    assert has_no_barriers(page)
