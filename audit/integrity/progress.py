"""The progress of a walk in parts, in a file of signed lines: a heading, and the outcome of each part that is done."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.exceptions import NotGenuine
from audit.integrity.kept.files import NOT_JSON
from audit.integrity.signed.facts import canonical
from audit.integrity.signed.signing import Verdict, judge, signature


@dataclass(frozen=True, slots=True)
class Progress:
    """A file, or none."""

    file: Path | None

    def read(self) -> list[dict[str, Any]]:
        """
        Return what the lines say, and cut off an incomplete one that a killed run has left.

        Raises `NotGenuine` if the file is something else or was altered.
        """
        if self.file is None or not self.file.exists():
            return []
        whole = self.file.read_bytes().rpartition(b"\n")[0].splitlines(keepends=True)
        said = [*map(_genuine, whole)]
        os.truncate(self.file, sum(map(len, whole)) + bool(whole))
        return said

    def write(self, values: dict[str, Any]) -> None:
        """Add a line."""
        if self.file is None:
            return
        text = json.dumps(values, default=str)
        with os.fdopen(os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a") as file:
            file.write(json.dumps({"line": text, "signature": signature(canonical("progress", text))}) + "\n")

    def end(self) -> None:
        """Remove the file, because everything is done."""
        if self.file:
            self.file.unlink(missing_ok=True)


def _genuine(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
        text, claimed = told["line"], told["signature"]
        verdict = judge(canonical("progress", text), claimed)
        if verdict is Verdict.GENUINE:
            return dict(json.loads(text))
    except NOT_JSON as error:
        raise NotGenuine(f"this is not the progress of a verification: {line[:100]!r}") from error
    raise NotGenuine(f"the progress of the verification {verdict.value}: remove the file to start from the beginning")
