"""System checks: what makes no sense is said at start, each with an id and a hint."""

from users.checks import accounts, backends, login, login_urls

ALL = (*accounts.ALL, *backends.ALL, *login.ALL, *login_urls.ALL)
