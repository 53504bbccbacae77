import re

import django

django.setup()

from django.contrib.auth.models import AnonymousUser, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from guardian.shortcuts import assign_perm

from audit.models import UserStateAudit
from tests.abroad.packages import scene

scene.begin()
ada = scene.make("ada")
office = scene.browser_of("root")

# The pages under the theme, and both ways to export the list.
for name, arguments in (
    ("index", ()),
    ("auth_user_changelist", ()),
    ("auth_user_change", (ada.pk,)),
    ("auth_user_history", (ada.pk,)),
    ("auth_user_invite", ()),
    ("user_audit_userstateaudit_changelist", ()),
    ("user_audit_userstateaudit_change", (UserStateAudit.objects.latest().pk,)),
    ("user_audit_dashboard_changelist", ()),
):
    assert office.get(reverse(f"admin:{name}", args=arguments)).status_code == 200, name
assert "text/html" in office.get(reverse("admin:auth_user_export")).headers["Content-Type"]
assert office.get(reverse("admin:auth_user_download")).headers["Content-Type"].startswith("text/csv")


def imported(line):
    """Import this line, as far as its preview lets, and return the preview."""
    file = SimpleUploadedFile("people.csv", f"username,email,is_active\n{line}\n".encode())
    preview = office.post(reverse("admin:auth_user_import"), {"import_file": file, "format": "0", "resource": "0"})
    names = "import_file_name|original_file_name|format|resource"
    fields = dict(re.findall(rf'name="({names})" value="([^"]*)"', preview.text))
    if "import_file_name" in fields:
        assert office.post(reverse("admin:auth_user_process_import"), fields).status_code == 302
    return preview.text


# A box that is imported is a transition by whoever imports it, and the last active superuser stays.
imported("ada,ada@example.com,0")
assert scene.state_of(ada) == "deactivated"
assert scene.last_record(ada).initiated_by == "root"
assert "the last active superuser" in imported("root,root@example.com,0")
assert scene.state_of(User.objects.get(username="root")) == "active"

# guardian's anonymous user has permissions once it is active, as the page says.
assign_perm("auth.view_user", User.objects.get(username="AnonymousUser"), ada)
assert not AnonymousUser().has_perm("auth.view_user", ada)
call_command("transition", "activate", "--username", "AnonymousUser", "--description", "guardian")
assert AnonymousUser().has_perm("auth.view_user", ada)
scene.end()
