import codecs

import pytest

from users.exceptions import ListNotReadable
from users.invitations import lists

pytestmark = pytest.mark.django_db

GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
    "Org Unit Path [Required],New Primary Email [UPLOAD ONLY],Recovery Email,Home Secondary Email\n"
    "Ann,Lee,ann@example.com,****,/,,ann@elsewhere.example,\n"
)
OKTA = (
    "login,firstName,lastName,middleName,email,secondEmail\nann@corp.example,Ann,Lee,,ann@example.com,x@example.com\n"
)
ENTRA = (
    "userPrincipalName,displayName,surname,mail,givenName,objectId\n"
    "ann@corp.example,Ann Lee,Lee,ann@example.com,Ann,5f3c\n"
)
ENTRA_TEMPLATE = (
    "version:v1.0\n"
    "Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,"
    "First name [givenName],Last name [surname]\n"
    "Ann Lee,ann@example.com,secret,Ann,Lee\n"
)
# Entra's templates in the language of the administrator: the names in brackets are the same in all of them.
ENTRA_CHINESE = (
    "version:v1.0\n"
    "名称 [displayName] 必需,用户名 [userPrincipalName] 必需,初始密码 [passwordProfile] 必需,"
    "名字 [givenName],姓氏 [surname]\n"
    "Ann Lee,ann@example.com,secret,Ann,Lee\n"
)
ENTRA_GERMAN = (
    "version:v1.0\n"
    "Einzuladende E-Mail-Adresse [inviteeEmail] Erforderlich,Umleitungs-URL [inviteRedirectURL] Erforderlich,"
    "Vorname [givenName],Nachname [surname]\n"
    "ann@example.com,https://example.com,Ann,Lee\n"
)
GITLAB = "Name,Username,Email,Path,Role\nAnn Lee,ann,ann@example.com,group,Owner\n"
EXCEL = 'sep=;\r\n"E-Mail";"Vorname";"First Name";"Last Name"\r\n"ann@example.com";;"Ann";"Lee"\r\n'
ENTRA_INVITATIONS = (
    "version:v1.0\n"
    "Email address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,"
    "First name,Last name\n"
    "ann@example.com,https://example.com,Ann,Lee\n"
)
EMPTY_ROWS = ";;\n;;\nE-mail;First name;Last name\n;;\nann@example.com;Ann;Lee\n;;\n"
BY_HAND = "E\u2011mail\u00a0*,First name (given),First name,Last name: (required)\nann@example.com,,Ann,Lee\n"
EXCEL_TABS = "Email\tFirst name\tLast name\r\nann@example.com\tAnn\tLee\r\n"


@pytest.mark.parametrize(
    ("data", "username"),
    [
        (GOOGLE.encode(), "ann@example.com"),
        (OKTA.encode(), "ann@corp.example"),
        (ENTRA.encode(), "ann@corp.example"),
        (ENTRA_TEMPLATE.encode(), "ann@example.com"),
        (GITLAB.encode(), "ann"),
        (codecs.BOM_UTF8 + GITLAB.encode(), "ann"),
        (EXCEL.encode("cp1252"), "ann@example.com"),
        (codecs.BOM_UTF16_LE + EXCEL_TABS.encode("utf-16-le"), "ann@example.com"),
        (codecs.BOM_UTF16_BE + EXCEL_TABS.encode("utf-16-be"), "ann@example.com"),
        (EXCEL_TABS.encode("utf-16-le"), "ann@example.com"),
        (EXCEL_TABS.encode("utf-16-be"), "ann@example.com"),
        (EXCEL_TABS.encode(), "ann@example.com"),
        (ENTRA_INVITATIONS.encode(), "ann@example.com"),
        (EMPTY_ROWS.encode(), "ann@example.com"),
        (BY_HAND.encode(), "ann@example.com"),
        (EXCEL_TABS.replace("\r\n", "\r").encode(), "ann@example.com"),
        (ENTRA_CHINESE.encode(), "ann@example.com"),
        (ENTRA_GERMAN.encode(), "ann@example.com"),
    ],
    ids=[
        *("Google", "Okta", "Entra", "Entra's template", "GitLab", "BOM", "Excel", "tabs", "UTF-16 BE", "no BOM"),
        *("no BOM, BE", "TSV", "Entra's invitations", "empty rows", "by hand", "old Mac"),
        *("Entra's template in Chinese", "Entra's invitations in German"),
    ],
)
def test_an_export_is_read_as_it_comes(data, username):
    people = lists.read(data)

    assert [(each.email, each.username, each.first_name, each.last_name) for each in people] == [
        ("ann@example.com", username, "Ann", "Lee")
    ]
    assert not any(each.problems for each in people)
    assert people.note == ""


@pytest.mark.parametrize(
    ("text", "encoding", "said", "names"),
    [
        ("email,first name,last name\nann@example.com,José,Müller\n", "cp1252", "Windows-1252", ("José", "Müller")),
        ("邮箱,名,姓\nann@example.com,小明,王\n", "gbk", "GBK", ("小明", "王")),
        ("email,name\nann@example.com,王小明\n", "gb18030", "GBK", ("王小明", "")),
    ],
)
def test_an_older_encoding_is_read_and_said(text, encoding, said, names):
    people = lists.read(text.encode(encoding))

    assert said in people.note
    assert [(each.first_name, each.last_name) for each in people] == [names]


@pytest.mark.parametrize(
    "header", ["email,username,email", "E-Mail,name,email", "Email Address [Required],email address", '"mail","mail"']
)
def test_a_column_that_is_named_twice_is_refused(header):
    with pytest.raises(ListNotReadable, match="twice"):
        lists.read(f"{header}\nann@example.com,ann,bob@example.com\n".encode())


def test_columns_that_mean_nothing_here_may_be_named_twice():
    assert len(lists.read(b"email,phone,phone\nann@example.com,1,2\n")) == 1


def test_numbers_of_lines_are_those_of_the_file():
    people = lists.read(b'sep=,\nemail,name\nann@example.com,"Ann\nLee"\nnonsense,Bob\n')

    assert [(each.number, bool(each.problems)) for each in people] == [(4, False), (5, True)]


def test_two_forms_of_one_mailbox_are_one_person():
    people = lists.read("email\nann@bücher.example\nANN@xn--bcher-kva.example\n".encode())

    assert people[1].problems == ["This is a second line for the same email."]


def test_a_character_that_no_encoding_has_is_named():
    people = lists.read(b"email,name\nann@example.com,\x81\xe9x\x8d\n")

    assert people[0].problems == ["This line has characters that cannot be read. Save the list as “CSV UTF-8”."]
