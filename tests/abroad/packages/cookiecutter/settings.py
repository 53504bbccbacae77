"""cookiecutter-django: its own app labelled `users`, logins by email through allauth, DRF, ATOMIC_REQUESTS."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

HOME = "tests.abroad.packages.cookiecutter.ours"
ROOT_URLCONF = "tests.abroad.packages.cookiecutter.urls"
DATABASES["default"]["ATOMIC_REQUESTS"] = True
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "django.contrib.sites",
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework.authtoken",
    f"{HOME}.users",
]
SITE_ID = 1
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_REDIRECT_URL = "users:redirect"
LOGIN_URL = "account_login"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = False
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_INITIAL_STATE = "active"
USERS_LOGIN_URLS = ["account_login", "admin:login", "obtain_auth_token"]
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "users.links.password.PasswordTokens"
SILENCED_SYSTEM_CHECKS = ["users.W025"]  # allauth has the pages for passwords
