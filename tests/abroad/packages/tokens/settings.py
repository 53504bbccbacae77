"""allauth's pages, DRF's tokens and JWTs, under ATOMIC_REQUESTS, as cookiecutter-django has them."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.tokens.urls"
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_simplejwt.token_blacklist",
]
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
DATABASES["default"]["ATOMIC_REQUESTS"] = True
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework_simplejwt.authentication.JWTAuthentication",
    ]
}
SIMPLE_JWT = {"SIGNING_KEY": "a key of at least 32 bytes for the tokens of tests", "ROTATE_REFRESH_TOKENS": True}

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_LOGIN_URLS = ["account_login", "admin:login", "token", "jwt"]
USERS_INITIAL_STATE = "active"
LOGIN_URL = "account_login"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "users.links.password.PasswordTokens"
SILENCED_SYSTEM_CHECKS = ["users.W025"]  # allauth has the pages for passwords
