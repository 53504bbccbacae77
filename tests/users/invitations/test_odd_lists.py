"""Lists in every shape that address books, spreadsheets and directories make of them."""

import codecs
import io
import zipfile
from time import process_time

import pytest
from django.contrib.auth.models import User

from users.exceptions import ListNotReadable, ListTooLong
from users.invitations import lists

pytestmark = pytest.mark.django_db(transaction=True)

QUOTED = '"Email"\t"Name"\r\n"ann@example.com"\t"Ann Lee"\r\n'
CHINESE = "邮箱\t姓名\r\nann@example.com\tAnn Lee\r\n"
SEMICOLONS = "email;name\rann@example.com;Ann Lee\r"


def read(data):
    people = lists.read(data if isinstance(data, bytes) else data.encode())
    return [(each.email, each.username, each.name, each.problems) for each in people]


@pytest.mark.parametrize(
    "data",
    [
        "email,name\nmailto:ann@example.com,Ann Lee\n",
        "email,name\nMAILTO:ann@example.com?subject=hello,Ann Lee\n",
        "email\nAnn Lee <ann@example.com>\n",
        'email\n"""Lee, Ann"" <ann@example.com>"\n',
        "email,name\n<mailto:ann@example.com>,Ann Lee\n",
        'email,name\nann@example.com,"Lee, Ann"\n',
        'email, name\nann@example.com, "Lee, Ann"\n',
        "email,name\nann@example.com\u00a0,Ann\u00a0Lee\n",
        'email,name\n"ann@example.com\n","Ann\r\nLee"\n',
        "userPrincipalName,displayName,mail\nann_b.com#EXT#@corp.onmicrosoft.com,Ann Lee,ann@example.com\n",
    ],
    ids=[
        *("mailto", "mailto with a subject", "name and address", "quoted name and address", "address in brackets"),
        *("last name first", "spaces after commas", "no-break spaces", "line breaks", "a guest of Entra"),
    ],
)
def test_addresses_and_names_are_read_in_the_forms_of_address_books(data):
    assert read(data) == [("ann@example.com", "ann@example.com", "Ann Lee", [])]


@pytest.mark.parametrize(
    "data",
    [
        QUOTED.encode("utf-16"),
        CHINESE.encode("utf-16-le"),
        CHINESE.encode("utf-16-be"),
        CHINESE.encode("utf-32"),
        codecs.BOM_UTF8 * 2 + QUOTED.encode(),
        CHINESE.encode() + b"\x1a",
        CHINESE.encode() + b"\0" * 20,
    ],
    ids=["UTF-16", "UTF-16 LE, no BOM", "UTF-16 BE, no BOM", "UTF-32", "two BOMs", "end of file", "padded"],
)
def test_the_encoding_is_found(data):
    assert read(data) == [("ann@example.com", "ann@example.com", "Ann Lee", [])]


@pytest.mark.parametrize(
    "data",
    [
        f"sep=;\r{SEMICOLONS}",
        f'"sep=;"\r{SEMICOLONS}',
        f"SEP =;\r{SEMICOLONS}",
        f"sep=\r{SEMICOLONS}",
        f'sep="\r{SEMICOLONS}',
        f"sep=,\r{SEMICOLONS}",
        "邮箱，姓名\nann@example.com，Ann Lee\n",
        '"notes, a, b, c, d";email;name\n"x, y";ann@example.com;Ann Lee\n',
        "email,name,,,\nann@example.com,Ann Lee,,,\n",
        "email,name\nann@example.com,Ann Lee,,,\n",
        "Table 1\n\nemail,name\nann@example.com,Ann Lee\n",
        "Staff; all of them;\nemail,name,\nann@example.com,Ann Lee,\n",
        "# exported on Monday\nemail,name\nann@example.com,Ann Lee\n",
        "dn,mail,sn,givenName\nuid=ann,ann@example.com,Lee,Ann\n",
        "email,displayname,fullname\nann@example.com,annie,Ann Lee\n",
    ],
    ids=[
        *("old Mac", "quoted", "upper case", "none named", "a quotation mark", "another one", "full width"),
        *("commas in a header", "empty columns", "cells without a column", "Numbers", "a title", "a comment"),
        *("LDAP", "Slack"),
    ],
)
def test_the_columns_are_found(data):
    assert read(data) == [("ann@example.com", "ann@example.com", "Ann Lee", [])]


def test_people_above_the_row_of_column_names_are_not_left_out():
    with pytest.raises(ListNotReadable):
        lists.read(b"bob@example.com,Bob\nemail,name\nann@example.com,Ann\n")


def workbook(first="[Content_Types].xml"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(first, "email,username")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [workbook(), workbook("mimetype"), bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 512, b"%PDF-1.7 email"],
    ids=["Excel", "LibreOffice", "old Excel", "PDF"],
)
def test_a_workbook_in_the_place_of_a_list_is_named(data):
    with pytest.raises(ListNotReadable, match="workbook"):
        lists.read(data)


def test_a_quotation_mark_that_is_never_closed_swallows_nobody_without_a_word():
    found = read('email,name\nann@example.com,Ann\nbob@example.com,"Bob\ncarl@example.com,Carl\n')

    assert [problems for *_, problems in found] == [
        [],
        ["A quotation mark is not closed: from this line on, the list cannot be read."],
    ]


def test_two_stray_quotation_marks_swallow_nobody_between_them():
    people = lists.read(b'email,name\nann@example.com,"Ann\nbob@example.com,"Bob\ncarl@example.com,Carl\n')

    assert [(each.number, each.email, bool(each.problems)) for each in people] == [
        (2, "", True),
        (4, "carl@example.com", False),
    ]


def test_a_name_that_no_database_can_hold_is_an_error_of_its_line_and_the_others_are_invited(invite):
    out, err = invite(b"email,name\nann@example.com,A\0nn\nbob@example.com,Bob\n")

    assert out == "1 of 2 invited\n"
    assert "line 2: ann@example.com: This line has characters that cannot be read." in err
    assert User.objects.get().username == "bob@example.com"


def test_the_names_of_the_columns_alone_are_a_list_of_nobody(invite):
    assert invite(b"email,username\n") == ("0 of 0 invited\n", "")


def test_a_list_that_is_too_long_is_refused_before_anybody_is_checked(monkeypatch):
    monkeypatch.setattr("users.invitations.prepared", None)

    with pytest.raises(ListTooLong) as refused:
        lists.read(b"email\n" + b"ann@example.com\n" * 3, most=2)
    assert refused.value.count == 3


def test_a_row_of_very_many_columns_is_read_in_no_time():
    columns = ",".join(f"c{number}" for number in range(50_000))

    begin = process_time()
    assert read(f"email,{columns}\nann@example.com\n") == [("ann@example.com", "ann@example.com", "", [])]
    assert process_time() - begin < 5  # it took 23 seconds when each column was looked for among the others
