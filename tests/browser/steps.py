"""Pages to which no address leads: after mistakes, with what opens, and before an operation."""

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

Step = Callable[[Page, Mapping[str, Any]], None]

LIST = b"email,username\nann@example.com,ann\nnonsense,bob\ncid@example.com,cid\n"
PERSON = "/admin/auth/user/{lena}/change/"
PASSWORDS = {"new_password1": "12345", "new_password2": "54321"}


def _send(page: Page, form: str, **fields: str) -> None:
    """Fill in these fields of a form and send it, also where the browser would refuse to."""
    for name, value in fields.items():
        page.fill(f"{form} [name={name}]", value)
    with page.expect_navigation():
        page.eval_on_selector(form, "form => { form.noValidate = true; form.querySelector('[type=submit]').click() }")


def wrong(address: str, form: str = "main form", **fields: str) -> Step:
    """A form that is sent as it should not be."""

    def step(page: Page, keys: Mapping[str, Any]) -> None:
        page.goto(address.format(**keys))
        _send(page, form, **fields)

    return step


def opened(address: str, *summaries: str) -> Step:
    """A page on which these are opened."""

    def step(page: Page, keys: Mapping[str, Any]) -> None:
        page.goto(address.format(**keys))
        for summary in summaries:
            page.click(summary)

    return step


def too_late(page: Page, keys: Mapping[str, Any]) -> None:
    """Send a form whose token is from before the cookies were cleared."""
    page.goto("/accounts/password/reset/")
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    _send(page, "main form", email="ada@example.com")


def before_an_operation(page: Page, keys: Mapping[str, Any]) -> None:
    """Select everybody to be locked."""
    page.goto("/admin/auth/user/")
    page.wait_for_load_state()
    page.check("#action-toggle")
    with page.expect_navigation():
        page.click(".quick-operations [value=lock]")


def an_operation_without_a_reason(page: Page, keys: Mapping[str, Any]) -> None:
    """Say of nobody why they are to be locked."""
    before_an_operation(page, keys)
    _send(page, ".reason-form")


def before_a_deletion(page: Page, keys: Mapping[str, Any]) -> None:
    """Select everybody to be deleted, the last superuser included."""
    page.goto("/admin/auth/user/")
    page.wait_for_load_state()
    page.check("#action-toggle")
    page.select_option("select[name=action]", "delete_selected")
    with page.expect_navigation():
        page.locator("button[name=index]").first.click()


def before_invitations(page: Page, keys: Mapping[str, Any]) -> None:
    """Upload a list with a mistake."""
    _upload(page, LIST)


def a_list_that_cannot_be_read(page: Page, keys: Mapping[str, Any]) -> None:
    """Upload a list without the columns that it needs."""
    _upload(page, b"name,age\nann,7\n")


def _upload(page: Page, content: bytes) -> None:
    page.goto("/admin/auth/user/invite/")
    page.set_input_files("[type=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    with page.expect_navigation():
        page.click("form:has([type=file]) [type=submit]")


STRANGER: Mapping[str, Step] = {
    "too-late": too_late,
    "login-refused": wrong("/accounts/login/", username="lena", password="none of hers"),
    "admin-login-refused": wrong("/admin/login/", "#login-form", username="lena", password="none of hers"),
    "password-reset-wrong": wrong("/accounts/password/reset/", email="nonsense"),
    "password-reset-choose": opened("{reset}"),
    "password-reset-choose-wrong": wrong("{reset}", **PASSWORDS),
    "invitation": opened("{invitation}"),
    "invitation-wrong": wrong("{invitation}", **PASSWORDS),
    "invitation-ask-wrong": wrong("/accounts/invitation/", email="nonsense"),
    "unlock": opened("{unlock}"),
    "unlock-ask-wrong": wrong("/accounts/unlock/", email="nonsense"),
}
PERSONS: Mapping[str, Step] = {
    "password-change-wrong": wrong("/accounts/password/change/", old_password="none of hers", **PASSWORDS),
    "leave-wrong": wrong("/accounts/leave/", password="none of hers"),
    "admin-login-without-permission": opened("/admin/login/"),
}
ADMINS: Mapping[str, Step] = {
    "before-an-operation": before_an_operation,
    "operation-without-a-reason": an_operation_without_a_reason,
    "before-a-deletion": before_a_deletion,
    "before-invitations": before_invitations,
    "invite-wrong-list": a_list_that_cannot_be_read,
    "invite-wrong": wrong("/admin/auth/user/invite/", "form:has([name=email])", email="nonsense", username="a b"),
    "person-lock": opened(PERSON, ".offer-unlock > summary"),
    "person-lock-without-a-reason": wrong(PERSON, ".offer-unlock form"),
    "person-schedule": opened(PERSON, ".schedule > summary"),
    "person-schedule-wrong": wrong(PERSON, ".schedule form"),
    "person-end-session": opened("/admin/auth/user/{alice}/change/", ".end-session >> nth=0 >> summary"),
    "person-wrong": wrong(PERSON, "#user_form", username="a b", email="nonsense"),
    "person-add-wrong": wrong("/admin/auth/user/add/", "#user_form", username="lena", password1="12345"),
    "person-password-wrong": wrong("/admin/auth/user/{lena}/password/", "#user_form", password1="1", password2="2"),
    "person-delete-wrong": wrong("/admin/auth/user/{lena}/delete/", "#content form"),
    "admin-password-wrong": wrong("/admin/password_change/", "#content-main form", **PASSWORDS),
    "token-add-wrong": wrong("/admin/user_api/servicetoken/add/", "#servicetoken_form"),
    "people-columns": opened("/admin/auth/user/", ".choice-of-columns > summary", ".saved-views > summary"),
    "records-columns": opened("/admin/user_audit/userstateaudit/", ".choice-of-columns > summary"),
}
"""Pages to which no address leads."""
