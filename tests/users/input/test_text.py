"""Text from clients as databases, logs and dumps keep it."""

import pytest

from users.input.text import storable


@pytest.mark.parametrize("text", ["one\r\ntwo", "one\rtwo", "one\ntwo"])
def test_line_breaks_are_those_that_every_dump_keeps(text):
    assert storable(text) == "one\ntwo"
