"""`manage.py documents`: writes the generated parts of the documentation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from project import documents


class Command(BaseCommand):
    """Run by `make docs`."""

    help = "Writes the parts of the documentation that are generated from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        for path, text in documents.files().items():
            path.write_text(text, encoding="utf-8")
            self.stdout.write(str(path.relative_to(documents.ROOT)))
