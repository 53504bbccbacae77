import django

django.setup()

from tests.abroad.packages import scene

scene.begin()
people = list(map(scene.make, ("ada", "bob", "eve")))
office = scene.browser_of("root")
page = office.get("/lock/")
assert page.status_code == 200
assert "djDebug" in page.content.decode(), page.content.decode()
assert {scene.state_of(person) for person in people} == {"locked"}
for path in ("/admin/auth/user/", "/admin/user_audit/userstateaudit/", "/accounts/"):
    assert office.get(path).status_code == 200, path
scene.end()
