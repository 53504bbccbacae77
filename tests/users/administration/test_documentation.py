"""docs/admin.md says what the code says."""

import re
from pathlib import Path

from django.conf import settings

from users.operations.registry import ALL

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "admin.md"


def test_every_operation_is_documented_with_its_permissions():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", DOCUMENT.read_text(), flags=re.MULTILINE)

    documented = {name: re.findall(r"`([\w.]+)`", permissions) for name, permissions in rows}

    assert documented == {name: list(operation.permissions) for name, operation in ALL.items()}


def test_the_pictures_are_there():
    for picture in re.findall(r"\]\((images/.*?)\)", DOCUMENT.read_text()):
        assert (DOCUMENT.parent / picture).stat().st_size < 200_000
