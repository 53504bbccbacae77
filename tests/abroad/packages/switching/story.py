import django

django.setup()

from django.contrib.auth import get_user_model

from tests.abroad.packages import scene

scene.begin()
ada = scene.make("ada")
for package, address in (
    ("impersonate", f"/impersonate/{ada.pk}/"),
    ("loginas", f"/admin/login/user/{ada.pk}/"),
    ("su", f"/su/{ada.pk}/"),
):
    boss = get_user_model().objects.create_superuser(f"boss of {package}", password=scene.PASSWORD)
    eve = scene.make(f"eve of {package}")
    office = scene.browser_of(boss.username)
    switch = office.get if package == "impersonate" else office.post
    assert switch(address).status_code == 302, package
    assert office.post(f"/lock/{eve.pk}/").status_code == 200, package
    record = scene.last_record(eve)
    assert (record.initiated_by, record.impersonator_name) == ("ada", boss.username), (package, record)

    # Whoever is locked does not go on in the name of somebody else.
    assert office.get("/accounts/").status_code == 200, package
    boss.fsm.lock(by="system")
    assert office.get("/accounts/").status_code == 302, package
scene.end()
