"""django-impersonate, django-loginas and django-su: three more ways to act in the name of somebody else."""

from tests.abroad.adding import block
from tests.abroad.plain import *  # noqa: F403

ROOT_URLCONF = "tests.abroad.packages.switching.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "impersonate", "loginas", "django_su"]
MIDDLEWARE = [*MIDDLEWARE, "impersonate.middleware.ImpersonateMiddleware"]
IMPERSONATE = {"REQUIRE_SUPERUSER": True}

exec(block("Settings"))  # noqa: S102 - what the page tells people to write

AUTHENTICATION_BACKENDS = ["users.backends.StateBackend", "django_su.backends.SuBackend"]
LOGIN_URL = "user_lifecycle:login"
