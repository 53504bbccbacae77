from io import StringIO

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def invite(tmp_path):
    """Call the command with a file of this content; return what it printed."""

    def call(data, **options):
        file = tmp_path / "people.csv"
        file.write_bytes(data)
        out, err = StringIO(), StringIO()
        try:
            call_command("invite", str(file), stdout=out, stderr=err, **options)
        except CommandError as error:
            return out.getvalue(), f"{err.getvalue()}{error}"
        return out.getvalue(), err.getvalue()

    return call
