"""
Settings from the environment. Production needs `SECRET_KEY` and `ALLOWED_HOSTS`; everything else has a default.

The environment overrides the file `.env` beside `manage.py`, which `make run` writes for its machine. `ENV_FILE` names
another file.
"""

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from project.configuration import mailers
from project.configuration.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file(default=BASE_DIR / ".env")

DEBUG: bool = env.switch("DEBUG", default=False)

# Production has no default key, because anybody could sign sessions with a published one. Django's
# `get_random_secret_key` is not used, because django-environ takes a leading "$" for the name of another variable.
SECRET_KEY: str = env.secret("SECRET_KEY", default=secrets.token_urlsafe(50) if DEBUG else None)
SECRET_KEY_FALLBACKS: list[str] = env.texts("SECRET_KEY_FALLBACKS")

ALLOWED_HOSTS: list[str] = env.hosts("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.origins("CSRF_TRUSTED_ORIGINS")


# Application

# The HTTP API; without the packages of requirements-api.txt the project has none.
API_APPS = ("rest_framework", "drf_spectacular", "drf_spectacular_sidecar", "knox", "users.api")

INSTALLED_APPS = [
    "project",
    "audit",
    "users",
    "django_fsm_log",
    "post_office",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(API_APPS if all(find_spec(app.partition(".")[0]) for app in API_APPS) else ()),
]

# Tokens of service accounts stand in the API's own table.
KNOX_TOKEN_MODEL = "user_api.ServiceToken"  # noqa: S105 - the name of a model
# Its migrations would make the table of the model that this one replaces, which `flush` then trips over.
MIGRATION_MODULES = {"knox": None}
# SCIM: our tokens decide who may call it. drf-spectacular's check needs these names as well: without them it warns of
# two names for the same choices.
SPECTACULAR_SETTINGS = {"ENUM_NAME_OVERRIDES": {"State": "users.states.State", "Cause": "users.causes.Cause"}}
SCIM_SERVICE_PROVIDER = {"AUTH_CHECK_MIDDLEWARE": "users.api.scim.authentication.TokenCheck"}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above the middleware that answers errors, so that their pages have the policy too.
    "csp.middleware.CSPMiddleware",
    "project.middleware.WellFormedRequestMiddleware",
    # Before everything that can make a transition. Only redirects and static files come earlier.
    "audit.middleware.RequestContextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "users.middleware.LoginSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "users.middleware.AddressLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "project.middleware.AdminQueryMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.standby.notice",
                "project.mailbox.pages.notice",
            ],
        },
    },
]


# Database

SQLITE = "django.db.backends.sqlite3"
SQLITE_OPTIONS = {
    # Writers queue at BEGIN for up to this many seconds. Under DEFERRED, two that have read first could not wait.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # Readers and the writer do not block each other. `synchronous` stays FULL: committed data survives a power cut.
    "init_command": "PRAGMA journal_mode=WAL",
}

POSTGRESQL = "django.db.backends.postgresql"
MOST_SECONDS = 2_147_483  # which PostgreSQL counts in milliseconds of 32 bits
POSTGRESQL_OPTIONS = {
    # PostgreSQL keeps the plans of a connection's statements from their fifth run on. Turn this off for a pooler that
    # shares connections without tracking prepared statements.
    "prepare_threshold": 5 if env.switch("DATABASE_PREPARE", default=True) else None,
    # In seconds: how long a new connection may take, and how long the server may be silent before a connection is given
    # up. Without them a request waits for hours for a server whose machine is gone.
    "connect_timeout": env.number("DATABASE_CONNECT_TIMEOUT", default=5),
    "keepalives": 1,
    "keepalives_idle": env.number("DATABASE_KEEPALIVES_IDLE", default=10, most=32_767),
    "keepalives_interval": env.number("DATABASE_KEEPALIVES_INTERVAL", default=5, most=32_767),
    "keepalives_count": env.number("DATABASE_KEEPALIVES_COUNT", default=3, most=127),
    "tcp_user_timeout": env.number("DATABASE_TCP_USER_TIMEOUT", default=25, most=MOST_SECONDS) * 1000,
}

# BEGIN and COMMIT of a transition travel with its statements. Turn this off for a pooler that cannot do it.
USERS_PIPELINE: bool = env.switch("DATABASE_PIPELINE", default=True)

# In seconds: how long a statement waits for a lock, so that one that is never released does not take all workers.
# 0: for ever.
DATABASE_LOCK_TIMEOUT: int = env.number("DATABASE_LOCK_TIMEOUT", default=20, most=MOST_SECONDS)

_database: dict[str, Any] = env.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
_options = {SQLITE: SQLITE_OPTIONS, POSTGRESQL: POSTGRESQL_OPTIONS}.get(_database["ENGINE"], {})
_database["OPTIONS"] = _options | _database.get("OPTIONS", {})
DATABASES: dict[str, dict[str, Any]] = {"default": {"CONN_HEALTH_CHECKS": True} | _database}

# The standby from which pages of the audit trail and its verification read. Everything that decides is read from the
# primary.
_replica: str = env.text("DATABASE_REPLICA_URL", default="")
if _replica:
    _standby: dict[str, Any] = env.database("DATABASE_REPLICA_URL", default=_replica)
    _standby["OPTIONS"] = _options | _standby.get("OPTIONS", {})
    DATABASES["replica"] = {"CONN_HEALTH_CHECKS": True, "TEST": {"MIRROR": "default"}} | _standby
AUDIT_REPLICA: str | None = "replica" if _replica else None
DATABASE_ROUTERS = ["users.routers.StateOnPrimary"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# Cache

# Workers need not share a cache, because everything they must agree on is in the database.
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}


# Accounts and their record

AUTHENTICATION_BACKENDS = ["users.backends.StateBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "user_lifecycle:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "user_lifecycle:login"
CSRF_FAILURE_VIEW = "users.people.csrf.failure"

DJANGO_FSM_LOG_STORAGE_METHOD = "audit.statelog.UnitOfWorkBackend"

# Newest first. Without them SECRET_KEY and its fallbacks are used. Separate keys can be kept more secret than that one.
AUDIT_SIGNING_KEYS: list[str] | None = env.texts("AUDIT_SIGNING_KEYS") or None

# For `audit_stream`: the secret that signs events, the header sent along, and the certificates that verify a receiver.
AUDIT_STREAM_WEBHOOK_SECRET: str = env.text("AUDIT_STREAM_WEBHOOK_SECRET", default="")
AUDIT_STREAM_AUTHORIZATION: str = env.text("AUDIT_STREAM_AUTHORIZATION", default="")
AUDIT_STREAM_CA_FILE: str = env.text("AUDIT_STREAM_CA_FILE", default="")

# The proxies whose forwarding headers are believed: networks ("10.0.0.0/8,192.0.2.7") or their number ("1"). By default
# none.
USERS_TRUSTED_PROXIES: int | list[str] = env.proxies("USERS_TRUSTED_PROXIES")


# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
# Beside the app's own texts, those of the script of Django's admin that Django has in English only.
LOCALE_PATHS = [BASE_DIR / "project" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"


# Static files

STATIC_URL = "static/"
STATIC_ROOT: str = env.text("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}


# Email

_email: dict[str, Any] = env.email("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25")
if DEBUG and not env.text("EMAIL_URL", default=""):
    _email["EMAIL_BACKEND"] = "project.mailbox.Backend"  # which keeps them, to be read in the admin
# In seconds, so that an unresponsive mail server delays nothing for longer.
_email["EMAIL_TIMEOUT"] = env.number("EMAIL_TIMEOUT", default=10, least=1)
vars().update(mailers.settings_of(_email))
# Links in emails never use the request's Host header. The default is the first allowed host.
_site = "http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if ALLOWED_HOSTS else ""
USERS_SITE_URL: str = env.site("SITE_URL", default=_site)
DEFAULT_FROM_EMAIL: str = env.address("DEFAULT_FROM_EMAIL", default="webmaster@localhost")
SERVER_EMAIL: str = env.address("SERVER_EMAIL", default="root@localhost")


# HTTPS: on in production, each with a switch

# The header with which the proxy that terminates TLS says so, as "HTTP_X_FORWARDED_PROTO,https". The proxy must always
# set it, otherwise clients can.
SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = env.header("SECURE_PROXY_SSL_HEADER")
SECURE_SSL_REDIRECT: bool = env.switch("SECURE_SSL_REDIRECT", default=not DEBUG)
# One hour, so that a mistake does not last. Raise it to a year (31536000) once HTTPS has proved itself.
SECURE_HSTS_SECONDS: int = env.number("SECURE_HSTS_SECONDS", default=0 if DEBUG else 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = env.switch("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=not DEBUG)
SECURE_HSTS_PRELOAD: bool = env.switch("SECURE_HSTS_PRELOAD", default=not DEBUG)
SESSION_COOKIE_SECURE: bool = env.switch("SESSION_COOKIE_SECURE", default=not DEBUG)
CSRF_COOKIE_SECURE: bool = env.switch("CSRF_COOKIE_SECURE", default=not DEBUG)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Scripts, styles and images are files of this site; no page has any inline. The admin's own icons are `data:` images.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}


# Logging

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        # A record is already one line of JSON. A prefix would break log collectors.
        "record": {"format": "{message}", "style": "{"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "records": {"class": "project.configuration.journal_handler.JournalHandler", "formatter": "record"},
    },
    "root": {"level": "WARNING", "handlers": ["console"]},
    "loggers": {
        # Without Django's own handler, which would print each line twice.
        "django": {"level": "INFO", "handlers": []},
        "audit": {"level": "INFO", "handlers": ["records"], "propagate": False},
        "users": {"level": "INFO", "handlers": ["console"], "propagate": False},
        "project": {"level": "INFO", "handlers": ["console"], "propagate": False},
    },
}
