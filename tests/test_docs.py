"""What the documents say is held against the code."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.checks.registry import registry
from django.core.management import get_commands
from django.utils import timezone

from audit.integrity.signed.findings import Kind
from audit.models import UserStateAudit
from benchmarks import report
from project import documents
from project.demonstration import create_people
from project.documents import ROOT
from users.actors import ActorKind
from users.causes import Cause
from users.models import UserFSM

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TWINS = ("README.md", "README.zh-hans.md")
OF_BEFORE = (ROOT / "CHANGELOG.md", ROOT / "docs/upgrading.md")  # they name what has gone, too


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"(?ms)^ *```{language}\n(.*?)^ *```", page)


def without_comments(found):
    return [re.sub(r"(?m) *# .*$", "", block) for block in found]


@pytest.mark.parametrize("path", documents.files(), ids=lambda path: path.name)
def test_what_is_made_from_the_code_is_as_the_code_says(path):
    assert path.read_text(encoding="utf-8") == documents.files()[path], "run `make docs`"


@pytest.mark.parametrize("path", report.files(), ids=lambda path: path.name)
def test_what_is_measured_is_as_the_results_say(path):
    assert path.read_text(encoding="utf-8") == report.files()[path], "run `make bench`"


def test_the_table_of_transitions_names_each_method():
    table = documents.transitions_table()
    for each in UserFSM.transitions():
        assert re.search(rf"`{each.name}` \|.*\b{each.source}\b.*\| {each.target} \| `{each.permission}`", table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_what_a_merge_left_behind(page):
    assert not re.search(r"(?m)^(<{7}|={7}|>{7})( |$)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_each_page_can_be_reached_from_the_readme():
    reached, pages = set(), [ROOT / "README.md"]
    while pages:
        page = pages.pop()
        if page not in reached:
            reached.add(page)
            links = re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8"))
            pages += [(page.parent / link).resolve() for link in links]
    assert not set(PAGES) - reached


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_each_page_is_in_the_index_and_leads_back_to_it(page):
    index = text("docs/README.md")
    if page.name != "README.md":
        assert f"]({page.name})" in index
        assert "[All pages](README.md)" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_diagrams_have_no_sign_that_ends_a_statement_early(page):
    # Mermaid takes a semicolon for the end of a line, and then shows an error in place of the diagram.
    for diagram in blocks(page.read_text(encoding="utf-8"), "mermaid"):
        assert ";" not in diagram


@pytest.mark.parametrize("name", ["README.md", "README.zh-hans.md", "docs/architecture.md"])
def test_files_that_are_named_are_there(name):
    for path in re.findall(r"`((?:users|audit|project)/[\w./]*)`", text(name)):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("app", documents.APPS)
def test_the_architecture_names_every_package(app):
    packages = {path.parent.name for path in ROOT.glob(f"{app}/*/__init__.py")}
    named = set(re.findall(rf"`{app}/(\w+)/`", text("docs/architecture.md")))
    assert packages - named == {"management", "migrations"} | packages & {"templatetags"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_are_there(page):
    named = re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8"))
    assert set(named) <= set(get_commands())


@pytest.mark.parametrize(
    ("page", "values"),
    [
        pytest.param("docs/audit-trail.md", Cause, id="causes"),
        pytest.param("docs/audit-trail.md", ActorKind, id="kinds of actors"),
        pytest.param("docs/evidence.md", Kind, id="kinds of findings"),
    ],
)
def test_closed_vocabularies_are_explained_to_the_last_word(page, values):
    explained = re.findall(r"(?m)^\| `(\w+)` \|", text(page))
    assert [each.value for each in values if each.value not in explained] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OF_BEFORE], ids=lambda page: page.name)
def test_settings_that_are_named_are_there(page):
    named = re.findall(r"`((?:USERS|AUDIT)_[A-Z_]+)`", page.read_text(encoding="utf-8"))
    known = re.findall(r"(?m)^\| `(\w+)` \|", documents.files()[ROOT / "docs/settings.md"])
    assert set(named) <= set(known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_checks_that_are_named_are_there(page):
    named = re.findall(r"`((?:users|audit)\.[EW]\d{3})`", page.read_text(encoding="utf-8"))
    known = re.findall(r"\b(?:users|audit)\.[EW]\d{3}\b", documents.files()[ROOT / "docs/checks.md"])
    assert set(named) <= set(known)


def test_make_has_the_targets_that_are_named():
    targets = set(re.findall(r"(?m)^([a-z-]+):", text("Makefile")))
    for page in PAGES:
        named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert set(named) <= targets, page.name


def test_no_two_checks_share_an_id():
    own = [each for each in registry.registered_checks if each.__module__.split(".")[0] in documents.APPS]
    ids = Counter(identity for check in own for identity in re.findall(r"`(\w+\.\w\d+)`:", str(check.__doc__)))
    assert not [identity for identity, count in ids.items() if count > 1]


def test_the_twin_says_the_same():
    english, chinese = map(text, TWINS)
    for pattern in (r"(?m)^#+ ", r"\]\(", r"(?m)^- ", r"(?m)^\|"):
        assert len(re.findall(pattern, english)) == len(re.findall(pattern, chinese)), pattern
    for language in ("sh", "python"):
        assert without_comments(blocks(english, language)) == without_comments(blocks(chinese, language))


@pytest.fixture
def mailbox_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr("project.mailbox.file.path", lambda: tmp_path / "demo.mailbox")


@pytest.mark.django_db
@pytest.mark.usefixtures("mailbox_elsewhere")
def test_the_code_of_the_readme_runs(capsys):
    create_people()  # as `make run` does
    (code,) = blocks(text("README.md"), "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - that is what is tested
    printed = capsys.readouterr().out
    assert "'carol' is locked: the transition 'activate' does not start there" in printed
    assert "active locked admin CLI" in printed


@pytest.mark.django_db
@pytest.mark.usefixtures("mailbox_elsewhere")
def test_the_code_of_the_audit_trail_runs():
    create_people()
    people = {name: User.objects.get(username=name) for name in ("admin", "linus")}
    days = {"monday": timezone.now() - timedelta(days=6), "friday": timezone.now() - timedelta(days=1)}
    (code,) = blocks(text("docs/audit-trail.md"), "python")
    *statements, state_at = [line.partition("  #")[0] for line in code.splitlines() if line]
    known = {"UserStateAudit": UserStateAudit, "carol": people["linus"], "admin": people["admin"], **days}
    exec("\n".join(statements), known)  # noqa: S102 - that is what is tested

    assert list(eval(statements[3], known)) == list(UserStateAudit.objects.of(people["linus"]))  # noqa: S307 - as above
    assert eval(state_at, known) == "active"  # noqa: S307 - as above
