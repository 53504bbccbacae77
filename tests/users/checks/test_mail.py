from datetime import timedelta

import pytest
from django.apps import apps
from django.core import checks
from post_office.settings import mailers_are_configured

from users.checks import mail as our_checks

OF_SETTINGS = pytest.mark.skipif(mailers_are_configured(), reason="with MAILERS, Django reads no EMAIL_… settings")


def ids():
    return [message.id for check in our_checks.ALL for message in check(None)]


@pytest.mark.parametrize(
    ("expected", "bad", "good"),
    [
        ("users.E031", {"USERS_MAIL_DELIVERY": "celery"}, {"USERS_MAIL_DELIVERY": "worker"}),
        ("users.E032", {"USERS_MAIL_RETRIES": [60]}, {"USERS_MAIL_RETRIES": [timedelta(minutes=1)]}),
        ("users.E032", {"USERS_MAIL_RETRIES": timedelta(1)}, {"USERS_MAIL_RETRIES": []}),
        ("users.E033", {"USERS_LANGUAGE_OF": "users.nowhere.at_all"}, {"USERS_LANGUAGE_OF": str}),
        ("users.E033", {"USERS_LANGUAGE_OF": 5}, {"USERS_LANGUAGE_OF": "users.mail.language.last_used"}),
        pytest.param(
            "users.E034",
            {"POST_OFFICE": {"BACKENDS": {"default": "post_office.EmailBackend"}}},
            {"POST_OFFICE": {"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}}},
            marks=OF_SETTINGS,
        ),
        pytest.param(
            "users.E034",
            {"POST_OFFICE": {"BACKENDS": {"default": "anymail.backends.misspelt.EmailBackend"}}},
            {"POST_OFFICE": {"BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"}}},
            marks=OF_SETTINGS,
        ),
        pytest.param(
            "users.W027",
            {
                "POST_OFFICE": {"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}},
                "EMAIL_TIMEOUT": None,
            },
            {"EMAIL_TIMEOUT": 10},
            marks=OF_SETTINGS,
        ),
    ],
)
def test_options_that_make_no_sense_are_named(settings, expected, bad, good):
    for values, found in ((bad, [expected]), (good, [])):
        for name, value in values.items():
            setattr(settings, name, value)
        assert ids() == found


@OF_SETTINGS
def test_a_queue_behind_the_queue_is_named(settings, monkeypatch):
    monkeypatch.setattr(our_checks, "import_string", lambda path: None)  # the package is not installed here
    settings.EMAIL_TIMEOUT = 10
    settings.POST_OFFICE = {"BACKENDS": {"default": "mailer.backend.DbBackend"}}
    assert ids() == ["users.W029"]

    settings.POST_OFFICE = {"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}}
    assert ids() == []


SENDS = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"timeout": 10}}
QUEUES = {"BACKEND": "post_office.EmailBackend"}


@pytest.mark.parametrize(
    ("expected", "mailers"),
    [
        ([], {"default": SENDS}),
        ([], {"default": QUEUES, "outside": SENDS}),
        (["users.W027"], {"default": {**SENDS, "OPTIONS": {}}}),
        (["users.W027"], {"default": {}}),  # Django sends by SMTP then
        (["users.E034"], {"default": QUEUES}),
        (["users.E034"], {"default": {"BACKEND": "anymail.backends.misspelt.EmailBackend"}}),
        (["users.E034"], {"other": SENDS}),
    ],
)
def test_mailers_of_newer_versions_of_django_are_looked_at_as_well(settings, monkeypatch, expected, mailers):
    monkeypatch.setattr(our_checks, "mailers_are_configured", lambda: True)
    settings.MAILERS = mailers
    settings.POST_OFFICE = {"DEFAULT_MAILER": "outside"} if "outside" in mailers else {}

    assert ids() == expected


def test_a_project_without_the_queue_is_told(monkeypatch):
    monkeypatch.setattr(apps, "is_installed", lambda name: False)
    found: list[checks.CheckMessage] = our_checks.check_queue_is_installed(None)

    assert [message.id for message in found] == ["users.E030"]
    assert "post_office" in str(found[0].hint)
