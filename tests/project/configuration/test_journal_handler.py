"""The journal and terminals."""

import io
import logging

import pytest

from project.configuration.journal_handler import JournalHandler
from project.settings import LOGGING


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "written"), [(Terminal(), ""), (io.StringIO(), '{"sequence": 1}\n')])
def test_the_journal_is_written_where_it_is_collected_and_not_over_a_progress_bar(stream, written):
    line = logging.makeLogRecord({"msg": '{"sequence": 1}'})

    JournalHandler(stream).handle(line)

    assert stream.getvalue() == written


def test_the_journal_of_the_project_goes_through_this_handler():
    assert LOGGING["handlers"]["records"]["class"] == "project.configuration.journal_handler.JournalHandler"
