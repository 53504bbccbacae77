"""
Reads lists that spreadsheets and directories export: finds their encoding, separator and columns.

Google Workspace, Okta, Microsoft Entra ID, GitLab and Excel each use different names for the columns.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from users.exceptions import ListNotReadable

EMAIL, USERNAME, FIRST_NAME, LAST_NAME, NAME = "email", "username", "first_name", "last_name", "name"
ENDS = "ends"

NAMES: dict[str, tuple[str, ...]] = {
    EMAIL: (
        *("email", "emailaddress", "primaryemail", "mail", "useremail", "workemail", "emailaddresstoinvite"),
        *("email1value", "电子邮件", "电子邮件地址", "电子邮箱", "邮箱", "邮箱地址"),
    ),
    USERNAME: ("username", "login", "oktausername", "userprincipalname", "loginname", "用户名", "账号", "登录名"),
    FIRST_NAME: ("firstname", "givenname", "forename", "名", "名字"),
    LAST_NAME: ("lastname", "surname", "familyname", "姓", "姓氏"),
    NAME: ("name", "displayname", "fullname", "姓名", "显示名称"),
    ENDS: ("ends", "endsat", "accountends", "账户结束", "账户到期"),
}
"""The names of columns. If a list has several for one thing, the first one here is used."""

SEPARATORS = ",;\t|"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
_DECORATION = re.compile(r"\[.*?\]|\b(required|optional|upload only|read only)\b", re.IGNORECASE)


class Row(NamedTuple):
    """A row below the header."""

    number: int
    """The line of the file on which it ends; the first line is 1."""

    cells: dict[str, str] | None
    """The values by column, or None for an unreadable row."""


class Sheet(NamedTuple):
    """A list that was read."""

    rows: Iterator[Row]
    note: str
    """A note to check something in the list, or an empty text."""


def open_sheet(data: bytes) -> Sheet:
    """Read the header of a list. Raises `ListNotReadable` if it has no column for addresses, or a column twice."""
    text, note = _decoded(data)
    separator, skipped = _separator_of_excel(text)
    lines = io.StringIO(text, newline="")
    for _line in range(skipped):
        lines.readline()
    separator = separator or _most_frequent(_first_line(text, skipped))
    reader = csv.reader(lines, delimiter=separator)
    try:
        header = _first_row(reader)
        if [cell for cell in header if cell.strip()][:1] == ["version:v1.0"]:  # a template from Microsoft Entra ID
            header = _first_row(reader)
    except csv.Error:
        header = []
    return Sheet(_rows(reader, _columns(header), skipped), note)


def _first_row(reader: Iterator[list[str]]) -> list[str]:
    """Return the next row that is not empty, or an empty one if there is none."""
    return next((row for row in reader if any(cell.strip() for cell in row)), [])


def _columns(header: Sequence[str]) -> dict[str, int]:
    found = [_plain(name) for name in header]
    for name in filter(None, found):
        if found.count(name) > 1 and any(name in names for names in NAMES.values()):
            raise ListNotReadable(_("The first line names this column twice: %s") % header[found.index(name)].strip())
    columns = {
        what: found.index(next(name for name in names if name in found))
        for what, names in NAMES.items()
        if any(name in found for name in names)
    }
    if EMAIL not in columns and USERNAME not in columns:
        raise ListNotReadable(_("The first line must name the columns: %s") % "email,username")
    return columns


def _plain(name: str) -> str:
    """Normalize the name of a column: `Email Address [Required]` becomes `emailaddress`."""
    return re.sub(r"[\W_]", "", _DECORATION.sub("", unicodedata.normalize("NFKC", name))).casefold()


def _rows(reader: Any, columns: dict[str, int], skipped: int) -> Iterator[Row]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num + skipped, None)
            continue
        if any(cell.strip() for cell in row):
            cells = {what: row[place].strip() for what, place in columns.items() if place < len(row)}
            yield Row(reader.line_num + skipped, cells)


def _separator_of_excel(text: str) -> tuple[str, int]:
    """Return the separator from Excel's line `sep=;`, and the number of lines to skip."""
    found = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)
    return (found[1], 1) if found else ("", 0)


def _first_line(text: str, skipped: int) -> str:
    lines = [line for line in text.splitlines()[skipped:] if line.strip(f" {SEPARATORS}")]
    if lines and lines[0].startswith("version:") and len(lines) > 1:
        return lines[1]
    return lines[0] if lines else ""


def _most_frequent(header: str) -> str:
    return max(SEPARATORS, key=header.count)


def _decoded(data: bytes) -> tuple[str, str]:
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data.removeprefix(bom).decode(encoding, "replace"), ""
    if b"\x00" in data[:2]:  # "Unicode text" without a byte order mark
        return data.decode("utf-16-be" if data[:1] == b"\x00" else "utf-16-le", "replace"), ""
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return _decoded_by_windows(data)


def _decoded_by_windows(data: bytes) -> tuple[str, str]:
    """Guess the Windows encoding: Chinese characters are pairs of bytes, accented letters are mostly single."""
    note = _("The list is not UTF-8. It was read as %s: check the names, or save it as “CSV UTF-8”.")
    if all(len(run) % 2 == 0 for run in _NON_ASCII.findall(data)):
        try:
            return data.decode("gb18030"), note % "GBK"
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace"), note % "Windows-1252"
