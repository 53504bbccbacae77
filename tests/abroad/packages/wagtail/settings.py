"""Wagtail, whose form of users has a box for `is_active`."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.wagtail.urls"
INSTALLED_APPS = [
    *INSTALLED_APPS,
    *(f"wagtail.{name}" for name in ("sites", "users", "documents", "images", "admin")),
    "wagtail.snippets",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
]
WAGTAIL_SITE_NAME = "Ours"
WAGTAILADMIN_BASE_URL = "https://accounts.example.com"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
MEDIA_URL = "/media/"

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

USERS_LOGIN_URLS = ["user_lifecycle:login", "admin:login", "wagtailadmin_login", "wagtailcore_login"]
SILENCED_SYSTEM_CHECKS = ["users.W022"]  # links of Wagtail that set a password; such an account still cannot log in
