"""The project's settings as tests need them: the same apps, middleware and database; quick hashes and plain HTTP."""

import os
from pathlib import Path

# What this machine runs the project with is no part of a test.
os.environ["ENV_FILE"] = os.devnull
os.environ.update(
    DEBUG="off", SECRET_KEY="a key for tests, which protects nothing", ALLOWED_HOSTS="testserver,localhost,127.0.0.1"
)

from project.settings import *  # noqa: F403
from project.settings import DATABASES, LOGGING, SQLITE

_default = DATABASES["default"]
if _default["ENGINE"] == SQLITE:
    # A file, not SQLite's memory: only a file has the write-ahead log and the waiting that production has. Nothing here
    # has to survive a power cut.
    _default["TEST"] = {"NAME": str(Path(_default["NAME"]).with_name("test.sqlite3"))}
    _default["OPTIONS"]["init_command"] += ";PRAGMA synchronous=OFF"

# `flush` empties the tables between tests.
AUDIT_RECORDS_DELETABLE = True

# A test sees the emails that it caused.
USERS_MAIL_DELIVERY = "request"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Serves from the apps' folders; without it whitenoise looks for what `collectstatic` has not made.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False

# To pytest's own handler, which listens at the root.
for _logger in LOGGING["loggers"].values():
    _logger |= {"handlers": [], "propagate": True}
