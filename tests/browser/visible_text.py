"""What a page of HTML or SVG says to people: its text, and what is read aloud or shown on hovering."""

from collections.abc import Callable
from html.parser import HTMLParser

SPOKEN = {"alt", "aria-label", "label", "placeholder", "title"}
SILENT = {"script", "style"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BUTTONS = {"submit", "button", "reset"}

Attributes = dict[str, str | None]


class VisibleText(HTMLParser):
    """Gathers `texts`; whatever stands in an element that `is_left_out` says yes to is not among them."""

    def __init__(self, is_left_out: Callable[[str, Attributes], bool]) -> None:
        super().__init__()
        self.is_left_out = is_left_out
        self.texts: list[str] = []
        self.inside: list[str] = []
        """The open elements from the outermost one that is left out on."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self.inside or tag in SILENT or self.is_left_out(tag, attributes):
            if tag not in VOID:
                self.inside.append(tag)
            return
        self.texts += [value for name, value in attrs if name in SPOKEN and value]
        if tag == "input" and attributes.get("type") in BUTTONS:
            self.texts.append(attributes.get("value") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.inside:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.inside and data.strip():
            self.texts.append(data.strip())


def visible_text(html: str, is_left_out: Callable[[str, Attributes], bool] = lambda tag, attributes: False) -> str:
    """The texts of a page, one a line."""
    parser = VisibleText(is_left_out)
    parser.feed(html)
    parser.close()
    return "\n".join(parser.texts)
