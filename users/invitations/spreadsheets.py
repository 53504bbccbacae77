"""
Reads lists that spreadsheets and directories export: finds their separator and columns.

Google Workspace, Okta, Microsoft Entra ID, GitLab and Excel each use different names for the columns.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from users.exceptions import ListNotReadable
from users.invitations.encodings import decoded
from users.rows.user_model import required_fields

EMAIL, USERNAME, FIRST_NAME, LAST_NAME, NAME = "email", "username", "first_name", "last_name", "name"
ENDS = "ends"

NAMES: dict[str, tuple[str, ...]] = {
    EMAIL: (
        "email",
        "emailaddress",
        "primaryemail",
        "mail",
        "useremail",
        "workemail",
        "inviteeemail",
        "emailaddresstoinvite",
        "email1value",
        "电子邮件",
        "电子邮件地址",
        "电子邮箱",
        "邮箱",
        "邮箱地址",
    ),
    USERNAME: (
        "username",
        "login",
        "oktausername",
        "userprincipalname",
        "loginname",
        "uid",
        "用户名",
        "账号",
        "登录名",
    ),
    FIRST_NAME: ("firstname", "givenname", "forename", "名", "名字"),
    LAST_NAME: ("lastname", "surname", "familyname", "sn", "姓", "姓氏"),
    NAME: ("name", "fullname", "displayname", "cn", "姓名", "显示名称"),
    ENDS: ("ends", "endsat", "accountends", "账户结束", "账户到期"),
}
"""The names of columns. If a list has several for one thing, the first one here is used."""

SEPARATORS = ",;\t|，；"
ROWS_ABOVE = 20
"""How many rows may stand above the names of the columns: a title, `version:v1.0`, empty ones."""

NEVER_CLOSED = "unexpected end of data"
"""What the module `csv` says of a quotation mark that is never closed."""

_KNOWN = frozenset(chain.from_iterable(NAMES.values()))
_IN_BRACKETS = re.compile(r"\[(.*?)\]")
_DECORATION = re.compile(r"\[.*?\]|\b(required|optional|upload only|read only)\b", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r'"?sep ?=([^\w\s"]|\t)?"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)


class Row(NamedTuple):
    """A row below the header."""

    number: int
    """The line of the file on which it ends or, if it cannot be read, begins; the first line is 1."""

    cells: dict[str, str] | None
    """The values by column, or None for an unreadable row."""

    to_the_end: bool = False
    """Whether the unreadable row takes all that is below it: a quotation mark is never closed."""


class Sheet(NamedTuple):
    """A list that was read."""

    rows: Iterator[Row]
    note: str
    """A note to check something in the list, or an empty text."""


class Header(NamedTuple):
    """The row that names the columns, as one of the separators divides it."""

    separator: str
    cells: Sequence[str]
    columns: dict[str, int]
    """The place of each column that is known here."""

    rows_above: int


def open_sheet(data: bytes) -> Sheet:
    """
    Read the header of a list.

    Raises `ListNotReadable` for a file that is no list, has no column for addresses, or has a column twice.
    """
    text, note = decoded(data)
    text, said, skipped = _without_separator_line(text)
    # With the right separator most columns are known. Where several are right, it divides the row into most cells.
    headers = [_header(text, separator) for separator in f"{said}{SEPARATORS}"]
    header = max(headers, key=lambda each: (len(each.columns), len(each.cells)))
    if not header.columns:
        raise ListNotReadable(_("The first line must name the columns: %s") % "email,username")
    _refuse_a_column_twice(header.cells)
    reader = _reader(text, header.separator)
    for _row in range(header.rows_above + 1):
        next(reader)
    return Sheet(_rows(reader, header.columns, skipped), note)


def _reader(text: str, separator: str) -> Any:
    """Strict, for a quotation mark that is never closed would otherwise swallow the people below it without a word."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)


def _header(text: str, separator: str) -> Header:
    """Return the first row with a column for addresses; one without columns if there is none, or people above it."""
    try:
        for above, row in enumerate(islice(_reader(text, separator), ROWS_ABOVE + 1)):
            if columns := _columns(row):
                return Header(separator, row, columns, above)
            if any("@" in cell for cell in row):
                break
    except csv.Error:
        pass
    return Header(separator, [], {}, 0)


def _columns(header: Sequence[str]) -> dict[str, int]:
    found = [_plain(name) for name in header]
    columns = {
        what: found.index(next(name for name in names if name in found))
        for what, names in _names().items()
        if any(name in found for name in names)
    }
    return columns if EMAIL in columns or USERNAME in columns else {}


def _refuse_a_column_twice(header: Sequence[str]) -> None:
    found = [_plain(name) for name in header]
    # Not in `found`, which a file can make as long as it likes.
    for name in filter(None, chain.from_iterable(_names().values())):
        if found.count(name) > 1:
            raise ListNotReadable(_("The first line names this column twice: %s") % header[found.index(name)].strip())


def _names() -> dict[str, tuple[str, ...]]:
    """Return the names of columns, also of those for other fields that the user model asks for."""
    return {field.name: (_plain(field.name), _plain(str(field.verbose_name))) for field in required_fields()} | NAMES


def _plain(name: str) -> str:
    """
    Normalize the name of a column: `Email Address [Required]` becomes `emailaddress`.

    Entra ID writes the name that is the same in all languages into brackets: `名字 [givenName]` becomes `givenname`.
    """
    name = unicodedata.normalize("NFKC", name)
    in_brackets = _IN_BRACKETS.search(name)
    if in_brackets and (plain := _squeezed(in_brackets[1])) in _KNOWN:
        return plain
    return _squeezed(_DECORATION.sub("", name))


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _rows(reader: Any, columns: dict[str, int], skipped: int) -> Iterator[Row]:
    while True:
        begins = reader.line_num + skipped + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(begins, None, to_the_end=str(error) == NEVER_CLOSED)
            continue
        if any(cell.strip() for cell in row):
            cells = {what: row[place].strip() for what, place in columns.items() if place < len(row)}
            yield Row(reader.line_num + skipped, cells)


def _without_separator_line(text: str) -> tuple[str, str, int]:
    """Return the text below Excel's line `sep=;`, the separator that it says, and the number of lines taken off."""
    found = _SEPARATOR_LINE.match(text)
    return (text[found.end() :], found[1] or "", 1) if found else (text, "", 0)
