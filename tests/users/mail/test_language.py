import sys
from types import ModuleType

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.urls import include, path
from django.utils import translation

from tests.factories import make_user
from users.links import pages
from users.mail.language import language_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.com", password="correct horse")


def language_of_the_email():
    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return str(message.alternatives[0][0]).split('<html lang="')[1].split('"')[0]


def log_in(client, language):
    client.post(
        "/accounts/login/", {"username": "ada", "password": "correct horse"}, headers={"Accept-Language": language}
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_email_is_in_the_language_of_the_last_login(ada, client, language):
    log_in(client, language)
    with translation.override("en" if language == "zh-hans" else "zh-hans"):
        ada.fsm.lock(by="system")

    assert language_of_the_email() == language


def test_the_language_that_a_person_chooses_is_kept(ada, client):
    log_in(client, "en")
    client.post("/accounts/language/", {"language": "zh-hans"})
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "zh-hans"


@pytest.mark.parametrize("made_up", ["xx", "", "\x00", "x" * 1000])
def test_a_language_that_is_none_is_not_kept(ada, client, made_up):
    log_in(client, "zh-hans")
    client.post("/accounts/language/", {"language": made_up})
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "zh-hans"


def test_a_setting_says_otherwise(ada, settings):
    settings.USERS_LANGUAGE_OF = lambda user: "zh-hans" if user.username == "ada" else "en"
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "zh-hans"


def test_an_unknown_language_falls_back_to_that_of_the_site(ada, settings):
    settings.USERS_LANGUAGE_OF = lambda user: "tlh"
    with translation.override("zh-hans"):
        ada.fsm.lock(by="system")

    assert language_of_the_email() == "en"


@pytest.mark.parametrize("failing", [False, True])
def test_links_lead_to_a_language_that_the_site_has_pages_in(ada, settings, monkeypatch, failing):
    urls = ModuleType("urls_of_a_test")
    urls.urlpatterns = i18n_patterns(path("people/", include("users.urls")))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, urls.__name__, urls)
    settings.ROOT_URLCONF = urls.__name__
    settings.LANGUAGE_CODE, settings.LANGUAGES = "en-us", [("en", "English")]  # as in a new project
    settings.USERS_LANGUAGE_OF = (lambda user: user.nothing) if failing else (lambda user: "")

    assert language_of(ada) == "en"
    with translation.override(language_of(ada)):
        assert "/en/people/unlock/" in pages.link("unlock", "x")


@pytest.mark.parametrize("spelling", ["zh-Hans", "zh_Hans", "zh-CN", "zh_CN", "zh-hans-sg"])
def test_a_language_may_be_spelt_as_locales_and_browsers_spell_it(ada, settings, spelling):
    settings.USERS_LANGUAGE_OF = lambda user: spelling
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "zh-hans"


@pytest.mark.parametrize("odd", [None, "", 7, ["zh-hans"], "x" * 600])
def test_what_is_no_language_falls_back_to_that_of_the_site(ada, settings, odd):
    settings.USERS_LANGUAGE_OF = lambda user: odd
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "en"


@pytest.mark.parametrize("failing", [lambda user: user.profile.language, lambda user: {user.pk: "en"}["language"]])
def test_a_function_that_fails_costs_the_language_and_not_the_email(ada, settings, caplog, failing):
    settings.USERS_LANGUAGE_OF = failing
    ada.fsm.lock(by="system")

    assert language_of_the_email() == "en"
    assert "USERS_LANGUAGE_OF" in caplog.text
