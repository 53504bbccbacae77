"""Django as django-axes' documentation sets it up, with accounts as the unit that is locked."""

from benchmarks.settings import ALLOWED_HOSTS, DATABASES, SECRET_KEY

__all__ = ["ALLOWED_HOSTS", "DATABASES", "SECRET_KEY"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "axes",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_FAILURE_LIMIT = 5
AXES_VERBOSE = False
LOGGING = {"version": 1, "loggers": {"axes": {"level": "ERROR"}}}
USE_TZ = True
