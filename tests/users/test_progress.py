"""A bar shows on a terminal alone, and log lines leave it alone."""

import logging
import re
from io import StringIO

import pytest

from users.management.progress import progress


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def log_to():
    handlers, logger = [], logging.getLogger("users")

    def add(stream):
        handlers.append(logging.StreamHandler(stream))
        logger.addHandler(handlers[-1])
        return logger

    yield add
    for handler in handlers:
        logger.removeHandler(handler)


def shown(stream, monkeypatch, log_to):
    monkeypatch.setattr("sys.stderr", stream)
    logger = log_to(stream)
    with progress(3, name="invite", unit="people") as bar:
        for _ in range(3):
            logger.warning("somebody was invited")
            bar.update()
    return stream.getvalue()


def test_log_lines_stand_above_the_bar(monkeypatch, log_to):
    text = shown(Terminal(), monkeypatch, log_to)

    assert "invite:" in text
    lines = [line.strip() for line in re.split(r"[\r\n]", text) if "somebody" in line]
    assert lines == ["somebody was invited"] * 3


def test_elsewhere_there_is_no_bar_and_every_line(monkeypatch, log_to):
    assert shown(StringIO(), monkeypatch, log_to) == "somebody was invited\n" * 3
