"""What docs/adding.md says, as code: the projects here are wired by the text of that page."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "adding.md"


def block(heading: str) -> str:
    """The first block of Python below this heading."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2]
    found = re.search(r"^ *```python\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    assert found, heading
    lines = found[1].splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[indent:] for line in lines)
