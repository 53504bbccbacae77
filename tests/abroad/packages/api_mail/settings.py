"""Emails by an API that cannot be reached: its backend raises exceptions of its own."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.hijack.urls"
EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
ANYMAIL = {
    "MAILGUN_API_KEY": "none",
    "MAILGUN_SENDER_DOMAIN": "example.com",
    "MAILGUN_API_URL": "http://127.0.0.1:9/v3",
    "REQUESTS_TIMEOUT": 2,
}
INSTALLED_APPS = [*INSTALLED_APPS, "anymail", "hijack"]

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_MAIL_DELIVERY = "request"
