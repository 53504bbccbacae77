"""Settings are read once, and again as soon as Django announces a change."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.conf import settings as djangos
from django.test import override_settings

from audit.conf import conf as audits
from users.conf import UsersSettings, conf

HOUR = timedelta(hours=1)


def test_a_setting_is_read_once(monkeypatch):
    read = Mock(return_value=HOUR)
    monkeypatch.setattr(UsersSettings, "_read", read)
    fresh = UsersSettings()

    assert [fresh.undo_max_age, fresh.undo_max_age] == [HOUR, HOUR]

    read.assert_called_once()


def test_a_changed_setting_is_read_again(settings):
    assert conf.reset_mail_limit == 3

    settings.USERS_RESET_MAIL_LIMIT = 4
    assert conf.reset_mail_limit == 4
    with override_settings(USERS_RESET_MAIL_LIMIT=5):
        assert conf.reset_mail_limit == 5
    assert conf.reset_mail_limit == 4


def test_a_preset_that_changes_changes_what_follows_from_it(settings):
    assert conf.lockout_failure_limit == 5

    settings.USERS_LOCKOUT_PRESET = "pci"

    assert conf.lockout_failure_limit == 10


def test_the_signing_keys_follow_djangos_secret_key(settings):
    settings.AUDIT_SIGNING_KEYS = None
    assert audits.signing_keys[0] == djangos.SECRET_KEY

    settings.SECRET_KEY = "another"

    assert audits.signing_keys[0] == "another"


def test_an_unreadable_value_raises_at_each_use(settings):
    settings.USERS_LOCKOUT_PRESET = "unheard of"

    for _ in range(2):
        with pytest.raises(KeyError):
            _ = conf.lockout_window
