import django

django.setup()

from tests.abroad.packages import scene

root = scene.begin()
ada, eve = map(scene.make, ("ada", "eve"))
office = scene.browser_of("root")
assert office.get("/admin/auth/user/").status_code == 200
assert office.post("/hijack/acquire/", {"user_pk": ada.pk, "next": "/accounts/"}).status_code == 302
assert office.get("/accounts/").status_code == 200
assert office.post(f"/lock/{eve.pk}/").status_code == 200
record = scene.last_record(eve)
assert (record.initiated_by, record.impersonator_name, record.ip_address) == ("ada", "root", "192.0.2.1"), record

# The session of somebody who is locked ends, also when another sits in it.
ada.fsm.lock(by="system")
assert office.get("/accounts/").status_code == 302
scene.end()
