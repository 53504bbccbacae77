"""The journal of the record on standard error."""

import logging


class JournalHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """
    Writes the journal where it is collected, and not to a terminal.

    Nobody collects what a terminal shows, and lines of JSON would cover progress bars and questions. `audit_journal`
    writes the lines again from the record.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line unless the stream is a terminal."""
        if not self.stream.isatty():
            super().emit(record)
