"""The pages of the site, with the demonstration on it. Tests and pictures walk through all of them."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

STRANGER = {
    "login": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "password-reset-sent": "/accounts/password/reset/sent/",
    "password-reset-gone": "/accounts/password/reset/MQ/forged/",
    "invitation-ask": "/accounts/invitation/",
    "invitation-asked": "/accounts/invitation/asked/",
    "invitation-gone": "/accounts/invitation/gone/",
    "unlock-ask": "/accounts/unlock/",
    "unlock-asked": "/accounts/unlock/asked/",
    "unlock-gone": "/accounts/unlock/gone/",
    "admin-login": "/admin/login/",
}
PERSON = {
    "account": "/accounts/",
    "history": "/accounts/history/",
    "password-change": "/accounts/password/change/",
    "leave": "/accounts/leave/",
}
ADMIN = {
    "admin": "/admin/",
    "admin-password": "/admin/password_change/",
    "people": "/admin/auth/user/",
    "people-locked": "/admin/auth/user/?state=locked",
    "person": "/admin/auth/user/{lena}/change/",
    "person-history": "/admin/auth/user/{lena}/history/",
    "person-password": "/admin/auth/user/{lena}/password/",
    "person-delete": "/admin/auth/user/{lena}/delete/",
    "person-add": "/admin/auth/user/add/",
    "invite": "/admin/auth/user/invite/",
    "groups": "/admin/auth/group/",
    "records": "/admin/user_audit/userstateaudit/",
    "records-found": "/admin/user_audit/userstateaudit/?since=2020-01-01&until=2100-01-01&to=locked",
    "record": "/admin/user_audit/userstateaudit/{record}/change/",
    "dashboard": "/admin/user_audit/dashboard/",
    "refusals": "/admin/user_audit/refusedtransition/",
    "refusal": "/admin/user_audit/refusedtransition/{refusal}/change/",
    "steps": "/admin/user_audit/schedulingnote/",
    "reads": "/admin/user_audit/recordread/",
    "streams": "/admin/user_audit/streamcursor/",
    "undelivered": "/admin/user_audit/undeliveredevent/",
    "emails": "/admin/user_lifecycle/mail/",
    "scheduled": "/admin/user_lifecycle/scheduledchange/",
    "saved-views": "/admin/user_lifecycle/savedview/",
    "tokens": "/admin/user_api/servicetoken/",
    "token-add": "/admin/user_api/servicetoken/add/",
    "mailbox": "/admin/mailbox/",
    "mailbox-email": "/admin/mailbox/0/",
}

LIST = b"email,username\nann@example.com,ann\nnonsense,bob\ncid@example.com,cid\n"


def too_late(page: Page) -> None:
    """Send a form whose token is from before the cookies were cleared."""
    page.goto("/accounts/password/reset/")
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.fill("[name=email]", "ada@example.com")
    with page.expect_navigation():
        page.click("main button[type=submit]")


def before_an_operation(page: Page) -> None:
    """Select everybody to be locked."""
    page.goto("/admin/auth/user/")
    page.wait_for_load_state()
    page.check("#action-toggle")
    with page.expect_navigation():
        page.click(".quick-operations [value=lock]")


def before_invitations(page: Page) -> None:
    """Upload a list with a mistake."""
    page.goto("/admin/auth/user/invite/")
    page.set_input_files("[type=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": LIST})
    with page.expect_navigation():
        page.click("form:has([type=file]) [type=submit]")


STRANGERS_STEPS: Mapping[str, Callable[[Page], None]] = {"too-late": too_late}
ADMINS_STEPS: Mapping[str, Callable[[Page], None]] = {
    "before-an-operation": before_an_operation,
    "before-invitations": before_invitations,
}
"""Pages to which no address leads."""


def serve(page: Page, html: str) -> None:
    """Open this HTML as if the site had served it, without the policy that keeps the styles of emails out."""
    page.route("**/unserved/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto("/unserved/")
    page.unroute("**/unserved/")
