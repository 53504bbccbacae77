"""Going through pages by keyboard alone."""

from playwright.sync_api import Page

NAME_OF_FOCUS = """() => {
  const it = document.activeElement;
  const label = it.labels && it.labels.length ? it.labels[0].innerText : "";
  return (it.getAttribute("aria-label") || label || it.innerText || it.value || "").trim();
}"""

FOCUS_IS_SEEN = """() => {
  const it = document.activeElement;
  if (it === document.body) return true;
  const shown = [it, ...(it.type === "radio" ? it.labels : [])].map((each) => getComputedStyle(each));
  return shown.some((style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none");
}"""
"""Whether an outline or a shadow shows where the keyboard is. Of a chip, the label is what people see."""

MOST_STOPS = 120
MOST_LOOKS, BETWEEN_LOOKS = 50, 100  # the latter in milliseconds


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus, which is seen at every stop."""
    seen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        assert page.evaluate(FOCUS_IS_SEEN), f"the focus is not seen at {seen[-1]!r}"
        if seen[-1] == name:
            return
    raise AssertionError(f"no Tab leads to {name!r}, only to {seen}")


def focused(page: Page) -> str:
    """The name of what has the focus, without the colon of its label."""
    return str(page.evaluate(NAME_OF_FOCUS)).rstrip(":：")


def expect_focus(page: Page, name: str) -> None:
    """Wait until what has this name has the focus: Chromium heeds `autofocus` some time after the page is there."""
    for _ in range(MOST_LOOKS):
        if focused(page) == name:
            return
        page.wait_for_timeout(BETWEEN_LOOKS)
    assert focused(page) == name


def enter(page: Page) -> None:
    """Press Enter and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Page, **fields: str) -> None:
    """Type into the fields with these labels and press Enter in the last one."""
    for label, text in fields.items():
        tab_to(page, label.replace("_", " "))
        page.keyboard.type(text)
    enter(page)
