"""The checks of the project around the two apps, each both ways."""

from types import ModuleType

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core import checks
from django.db import connections

from audit.admin import RecordedUserAdmin
from users.checks import surroundings


def found(check):
    return {message.id for message in check(None)}


def test_all_of_them_run_and_the_project_itself_is_at_home(only_this_projects_sites):
    registered = checks.registry.registry.registered_checks
    assert set(surroundings.ALL) <= registered
    assert [message for check in surroundings.ALL for message in check(None)] == []


def test_a_database_of_another_vendor_is_refused_by_name(monkeypatch):
    assert found(surroundings.check_database_vendor) == set()
    monkeypatch.setattr(connections["default"], "vendor", "mysql")

    (message,) = surroundings.check_database_vendor(None)

    assert message.id == "users.E041"
    assert "'mysql'" in message.msg
    assert "PostgreSQL or SQLite" in str(message.hint)


def test_the_driver_that_lacks_pipelines_is_named(monkeypatch):
    assert found(surroundings.check_driver) == set()
    monkeypatch.setattr(connections["default"], "vendor", "postgresql")
    monkeypatch.setattr(connections["default"], "Database", ModuleType("psycopg2"))

    (message,) = surroundings.check_driver(None)

    assert message.id == "users.E051"
    assert "psycopg[binary]" in str(message.hint)


class UsersElsewhere:
    def db_for_write(self, model, **hints):
        return "people" if model is User else None

    db_for_read = db_for_write


def test_a_router_that_writes_users_elsewhere_than_their_states_is_named(settings):
    assert found(surroundings.check_accounts_are_written_together) == set()
    settings.DATABASE_ROUTERS = [UsersElsewhere()]

    (message,) = surroundings.check_accounts_are_written_together(None)

    assert message.id == "users.E043"
    assert "auth.User" in message.msg
    assert "'default'" in str(message.hint)


class SessionsElsewhere:
    def db_for_write(self, model, **hints):
        return "sessions" if model._meta.app_label == "sessions" else None


def test_sessions_of_django_may_be_elsewhere(settings):
    settings.DATABASE_ROUTERS = [SessionsElsewhere()]

    assert found(surroundings.check_accounts_are_written_together) == set()


def swapped(one, other):
    order = list(settings.MIDDLEWARE)
    first, second = order.index(one), order.index(other)
    order[first], order[second] = order[second], order[first]
    return order


@pytest.mark.parametrize(
    "other",
    [
        "audit.middleware.RequestContextMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "users.middleware.AddressLimitMiddleware",
    ],
)
def test_middleware_in_the_wrong_order_is_named(settings, other):
    settings.MIDDLEWARE = swapped(other, "users.middleware.LoginSessionMiddleware")

    messages = surroundings.check_middleware_is_in_order(None)

    assert other.rpartition(".")[2] in messages[0].msg
    assert {message.id for message in messages} == {"users.E042"}
    assert all(message.hint for message in messages)


@pytest.fixture
def only_this_projects_sites(monkeypatch):
    """Leaves out the sites of other tests, which Django does not forget."""
    sites = {admin.site}
    monkeypatch.setattr(surroundings, "all_sites", sites)
    return sites


def test_a_model_admin_of_users_without_our_mixin_is_named_with_its_site(only_this_projects_sites):
    office = admin.AdminSite(name="office")
    only_this_projects_sites.add(office)

    class Plain(UserAdmin):  # type: ignore[type-arg]
        pass

    class Mixed(RecordedUserAdmin, UserAdmin):  # type: ignore[type-arg]
        pass

    office.register(User, Plain)
    (message,) = surroundings.check_admin_of_users_has_the_mixin(None)
    assert message.id == "users.W024"
    assert "Plain" in message.msg, message.msg
    assert "RecordedUserAdmin" in str(message.hint)

    office.unregister(User)
    office.register(User, Mixed)
    assert found(surroundings.check_admin_of_users_has_the_mixin) == set()


def test_pages_that_emails_link_to_and_that_do_not_exist_are_named(settings):
    settings.ROOT_URLCONF = "tests.site.urls"

    (message,) = surroundings.check_pages_of_links(None)

    assert message.id == "users.W025"
    assert "unlock, accept_invitation, password_reset_confirm" in message.msg
    assert "users.urls" in str(message.hint)
