"""The catalogues: everything is there in Simplified Chinese, compiled, and alike wherever it stands."""

import ast
import re
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import django
import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from users.operations.registry import ALL as OPERATIONS
from users.states import State

LANGUAGES = sorted({translation.to_locale(code) for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE})
OURS = sorted(Path(settings.BASE_DIR).glob("*/locale/*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^>]+>")

MARKS = {"_"} | {f"{n}{p}gettext{lazy}" for n in ("", "n") for p in ("", "p") for lazy in ("", "_lazy", "_noop")}
LITERAL = r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\""""
MARKED_IN_TEMPLATE = re.compile(rf"\bn?(?:gettext|_)\(u?({LITERAL})")


REWORDED = {"Log out"}
"""Django says 注销, which also means to close an account for good. Here are accounts that people can close."""


def entries():
    for path in OURS:
        for entry in polib.pofile(str(path)):
            yield path.parents[3].name, path.parents[1].name, entry


def texts(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def catalogue(path):
    return polib.pofile(str(path)) if path.exists() else []


def test_every_app_that_says_something_has_a_catalogue_for_every_language():
    found = {(path.parents[3].name, path.parents[1].name) for path in OURS}

    assert found == {(app, language) for app in ("users", "audit", "project") for language in LANGUAGES}


def marked_in_code(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield ast.literal_eval(node.args["pgettext" in node.func.id])  # behind the context, where there is one


def marked_in_template(path):
    # Django makes of a template what gettext reads as C.
    for literal in MARKED_IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8"))):
        yield ast.literal_eval(literal).replace("%%", "%")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", ["users", "audit", "project"])
def test_every_text_that_is_marked_is_in_the_catalogue_and_no_other(app, language):
    root = Path(settings.BASE_DIR, app)
    marked = {text for path in root.rglob("*.py") for text in marked_in_code(path)}
    marked |= {
        text for kind in ("html", "txt") for path in root.rglob(f"*.{kind}") for text in marked_in_template(path)
    }

    assert {each.msgid for *where, each in entries() if where == [app, language]} == marked, "make messages"


def test_everything_is_translated_and_nothing_is_guessed():
    missing = [each.msgid for *_, each in entries() if each.fuzzy or each.obsolete or not all(texts(each))]

    assert missing == []


def test_what_is_compiled_is_what_is_written():
    for path in OURS:
        written = {(each.msgctxt, each.msgid): texts(each) for each in polib.pofile(str(path))}
        compiled = {(each.msgctxt, each.msgid): texts(each) for each in polib.mofile(str(path.with_suffix(".mo")))}

        assert compiled == written, f"{path}: make messages"


def test_a_translation_has_the_placeholders_and_the_markup_of_its_text():
    def found(text):
        return Counter(PLACEHOLDER.findall(text))

    wrong = [
        each.msgid
        for *_, each in entries()
        for text in texts(each)
        if found(text) != found(each.msgid_plural or each.msgid)
    ]

    assert wrong == []


@pytest.mark.skipif(django.VERSION[:2] != (5, 2), reason="our texts are as Django 5.2 has them")
def test_a_text_is_translated_alike_in_every_app_and_as_django_has_it():
    """Django merges all catalogues: a text has one translation, whichever app asks."""
    seen = defaultdict(set)
    for _, language, each in entries():
        seen[language, each.msgctxt, each.msgid].add(str(texts(each)))
    djangos = [str(config.path) for config in apps.get_app_configs() if config.name.startswith("django")]
    for path, language in product([*djangos, str(Path(django.__file__).parent / "conf")], LANGUAGES):
        for each in catalogue(Path(path, "locale", language, "LC_MESSAGES", "django.po")):
            if (language, each.msgctxt, each.msgid) in seen and all(texts(each)):
                seen[language, each.msgctxt, each.msgid].add(str(texts(each)))

    differing = {text: translations for text, translations in seen.items() if len(translations) > 1}
    assert {text for *_, text in differing} == REWORDED, differing


def test_django_makes_chinese_of_our_texts():
    with translation.override("zh-hans"):
        assert [str(state.label) for state in State] == ["已邀请", "已启用", "已锁定", "已停用"]
        assert [str(OPERATIONS[name].wording.label) for name in ("activate", "lock", "unlock")] == [
            "启用",
            "锁定",
            "解锁",
        ]
        assert translation.gettext("Log out") == "退出登录"  # ours, although Django's admin has this text too
