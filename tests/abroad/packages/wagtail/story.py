import django

django.setup()

from django.urls import reverse

from tests.abroad.packages import scene

scene.begin()
ada = scene.make("ada")
office = scene.browser_of("root")
url = reverse("wagtailusers_users:edit", args=[ada.pk])
page = office.get(url)
assert page.status_code == 200
form = page.context["form"]
fields = {name: form[name].value() or "" for name in form.fields}
fields = {name: value for name, value in fields.items() if name not in ("is_active", "password1", "password2")}
fields["groups"] = []
fields.pop("is_superuser", None)

# The box of a page that changes something else leaves the state alone.
assert office.post(url, fields | {"first_name": "Ada", "last_name": "L", "is_active": "on"}).status_code == 302
assert scene.state_of(ada) == "active"

# Unticked, it deactivates, and the record says who.
assert office.post(url, fields | {"first_name": "Ada", "last_name": "L"}).status_code == 302
assert scene.state_of(ada) == "deactivated"
record = scene.last_record(ada)
assert (record.transition, record.cause, record.initiated_by) == ("deactivate", "is_active", "root"), record
scene.end()
