"""A User-Agent is shown in words, and what was sent stays readable; a client can claim anything."""

import pytest
from django.utils import translation

from users.input.browser import in_words
from users.templatetags.browsers import browser_in_words

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
    " Edg/130.0.0.0"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:131.0) Gecko/20100101 Firefox/131.0"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (CHROME, "Chrome on Linux"),
        (EDGE, "Edge on Windows"),
        (SAFARI, "Mobile Safari on iOS"),
        (FIREFOX, "Firefox on macOS"),
        ("curl/8.5.0", "curl"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("helpdesk/2.1", ""),
        ("", ""),
        ("x" * 500, ""),
        ("\ufffd<script>", ""),
    ],
)
def test_browser_and_system_are_named_as_far_as_they_are_known(sent, words):
    assert in_words(sent) == words


def test_the_text_of_a_browser_can_be_opened_beside_the_words():
    shown = browser_in_words(CHROME)

    assert "<summary>Chrome on Linux</summary>" in shown
    assert CHROME in shown


@pytest.mark.parametrize(
    ("sent", "shown"), [("Netscape <4>", "Netscape &lt;4&gt;"), ("", "An unknown browser"), ("helpdesk/2.1",) * 2]
)
def test_an_unknown_browser_is_shown_as_it_was_sent(sent, shown):
    with translation.override("en"):
        assert browser_in_words(sent) == shown


def test_markup_in_a_known_browsers_text_is_escaped():
    assert "<b>" not in browser_in_words(f"{CHROME} <b>")
