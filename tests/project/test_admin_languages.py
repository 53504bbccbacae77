"""Administrators choose their language on every page of the admin, as people do on theirs."""

import json
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factories import make_superuser
from users.models import UserFSM

pytestmark = pytest.mark.django_db

CHOICE = 'name="language" value="zh-hans"'


@pytest.mark.parametrize(
    "page", ["admin:index", "admin:auth_user_changelist", "admin:user_audit_userstateaudit_changelist"]
)
def test_every_page_of_the_admin_offers_the_languages(client, page):
    client.force_login(make_superuser())

    shown = client.get(reverse(page)).text

    assert CHOICE in shown
    assert shown.count('class="languages"') == 1
    assert f'name="next" value="{reverse(page)}"' in shown


def test_so_does_the_page_to_log_in(client):
    assert CHOICE in client.get(reverse("admin:login")).text


def test_a_popup_has_no_room_for_it(client):
    client.force_login(make_superuser())

    assert CHOICE not in client.get(reverse("admin:auth_group_add"), {"_popup": "1"}).text


def test_the_choice_leads_back_to_the_page_and_is_kept_for_emails(client):
    user = make_superuser()
    client.force_login(user)
    page = f"{reverse('admin:auth_user_changelist')}?q=ada"

    answer = client.post(reverse("user_lifecycle:set_language"), {"language": "zh-hans", "next": page})

    assert answer.url == page
    assert '<html lang="zh-hans"' in client.get(page).text
    assert UserFSM.objects.get(user=user).language == "zh-hans"


def test_opening_an_address_changes_no_language(client):
    client.get(reverse("user_lifecycle:set_language"), {"language": "zh-hans"})

    assert "django_language" not in client.cookies


def test_the_script_for_choosing_groups_is_chinese_too(client):
    client.force_login(make_superuser())
    script = Path(admin.__file__).parent / "static/admin/js/SelectFilter2.js"
    marked = {text for _quote, text in re.findall(r"gettext\((['\"])(.+?)\1\)", script.read_text())}

    catalogue = client.get(reverse("admin:jsi18n"), headers={"accept-language": "zh-hans"}).text

    assert len(marked) > 5  # there are 8 in Django 6.1, and more before
    assert [text for text in marked if json.dumps(text) not in catalogue] == []
