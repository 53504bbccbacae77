"""
System checks. Each has an id, a message and a hint.

The checks of the record use `values`.
"""

from users.checks import (
    accounts,
    api,
    backends,
    caches,
    groups,
    login,
    login_urls,
    mail,
    mailboxes,
    pooler,
    routers,
    server,
    surroundings,
    tables,
)

ALL = (
    *accounts.ALL,
    *api.ALL,
    *backends.ALL,
    *caches.ALL,
    *login.ALL,
    *login_urls.ALL,
    *mail.ALL,
    *routers.ALL,
    *surroundings.ALL,
    *tables.ALL,
)
OF_DATABASES = (*groups.OF_DATABASES, *mailboxes.OF_DATABASES, *pooler.OF_DATABASES, *server.OF_DATABASES)
"""Checks that ask the database."""
