"""The pages of the site, with the demonstration on it. Tests and pictures walk through all of them."""

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
    "person-alice": "/admin/auth/user/{alice}/change/",
    "people-nobody": "/admin/auth/user/?q=nobody-is-called-this",
    "people-nonsense": "/admin/auth/user/?state=lockd&colour=red",
    "records-none": "/admin/user_audit/userstateaudit/?q=nobody-is-called-this",
    "records-nonsense": "/admin/user_audit/userstateaudit/?since=soon&colour=red",
    "schedule-cancel": "/admin/auth/user/{arthur}/scheduled/{scheduled}/",
    "email": "/admin/user_lifecycle/mail/{email}/change/",
    "group-add": "/admin/auth/group/add/",
    "api": "/api/v1/docs",
    "mailbox": "/admin/mailbox/",
    "mailbox-email": "/admin/mailbox/0/",
}

DRAWN = "() => !document.querySelector('#swagger-ui') || document.querySelector('#swagger-ui main')"
"""Whether Swagger UI, on the page that has it, has drawn the description of the API."""


def serve(page: Page, html: str) -> None:
    """Open this HTML as if the site had served it, without the policy that keeps the styles of emails out."""
    page.route("**/unserved/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto("/unserved/")
    page.unroute("**/unserved/")
