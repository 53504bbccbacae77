"""Finds the encoding of a list that a spreadsheet or a directory has exported, and refuses what is no text."""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext as _

from users.exceptions import ListNotReadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"{\\rtf")
"""How workbooks of Excel, LibreOffice and Numbers begin, old ones of Excel, and other files that hold no plain text."""

END_OF_FILE = "\x1a\0"
"""What old programs write after the last line."""

_NON_ASCII = re.compile(rb"[\x80-\xff]+")


def decoded(data: bytes) -> tuple[str, str]:
    """
    Return the text of a file, and a note to check it where its encoding was guessed.

    Characters that cannot be read become U+FFFD. Raises `ListNotReadable` for workbooks and documents.
    """
    if data.startswith(NO_TEXT):
        raise ListNotReadable(_("This file is a workbook or a document. Save the list as “CSV UTF-8” and choose that."))
    text, note = _decoded(data)
    return text.rstrip(END_OF_FILE), note


def _decoded(data: bytes) -> tuple[str, str]:
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data.removeprefix(bom).decode(encoding, "replace"), ""
    if encoding := _utf_16(data):
        return data.decode(encoding, "replace"), ""
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return _decoded_by_windows(data)


def _utf_16(data: bytes) -> str:
    """Return which UTF-16 this is without a byte order mark: half of each ASCII character is NUL, as in addresses."""
    data = data.rstrip(b"\0")
    first, second = data[::2].count(0), data[1::2].count(0)
    if max(first, second) < len(data) / 20:
        return ""
    return "utf-16-be" if first > second else "utf-16-le"


def _decoded_by_windows(data: bytes) -> tuple[str, str]:
    """Guess the Windows encoding: Chinese characters are pairs of bytes, accented letters are mostly single."""
    note = _("The list is not UTF-8. It was read as %s: check the names, or save it as “CSV UTF-8”.")
    if all(len(run) % 2 == 0 for run in _NON_ASCII.findall(data)):
        try:
            return data.decode("gb18030"), note % "GBK"
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace"), note % "Windows-1252"
