"""The settings of the mail server, for both kinds of Django."""

import pytest

from project.configuration import mailers

SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_FILE_PATH": "",
    "EMAIL_HOST": "mail.example.com",
    "EMAIL_PORT": 587,
    "EMAIL_USE_TLS": True,
    "EMAIL_HOST_USER": "mailer",
    "EMAIL_HOST_PASSWORD": None,
    "EMAIL_TIMEOUT": 10,
}


def test_django_without_mailers_has_a_setting_for_each_value():
    assert mailers.settings_of(SMTP, has_mailers=False) == SMTP


def test_django_with_mailers_has_options_of_the_default_one():
    options = {"host": "mail.example.com", "port": 587, "use_tls": True, "username": "mailer", "timeout": 10}

    assert mailers.settings_of(SMTP, has_mailers=True) == {
        "MAILERS": {"default": {"BACKEND": SMTP["EMAIL_BACKEND"], "OPTIONS": options}}
    }


@pytest.mark.parametrize("backend", ["django.core.mail.backends.console.EmailBackend", "project.mailbox.Backend"])
def test_other_backends_have_no_options(backend):
    found = mailers.settings_of(SMTP | {"EMAIL_BACKEND": backend}, has_mailers=True)

    assert found == {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": {}}}}


def test_a_backend_that_writes_files_gets_their_folder():
    backend = "django.core.mail.backends.filebased.EmailBackend"

    found = mailers.settings_of(SMTP | {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": "mails"}, has_mailers=True)

    assert found["MAILERS"]["default"]["OPTIONS"] == {"file_path": "mails"}
