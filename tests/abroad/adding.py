"""What the pages say, as code: the projects here are wired by the text of docs/adding.md."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "adding.md"


def block(heading: str, page: str = "adding.md") -> str:
    """The first block of Python below this heading."""
    section = (DOCS / page).read_text().partition(f"\n## {heading}\n")[2]
    found = re.search(r"^ *```python\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    assert found, heading
    lines = found[1].splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[indent:] for line in lines)
