"""Logins and sign-ups by another site, through allauth and its provider for tests."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.social.urls"
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dummy",
]
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_LOGIN_URLS = ["account_login", "admin:login"]
USERS_INITIAL_STATE = "active"
LOGIN_URL = "account_login"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "users.links.password.PasswordTokens"
SILENCED_SYSTEM_CHECKS = ["users.W025"]  # allauth has the pages for passwords
