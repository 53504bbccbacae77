import django

django.setup()

from contextlib import suppress

from django.conf import settings
from django.core.management import CommandError, call_command

from tests.abroad.packages import scene

scene.begin()
settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"  # the test environment has put its own there
ada = scene.make("ada")
ada.fsm.lock(by="system", description="told by email, if it can be")
assert scene.state_of(ada) == "locked"

from users.models import Mail, UserFSM

mail = Mail.objects.filter(user=ada).latest("pk")
assert mail.email.logs.count() == 1, "the failure stands with the email"
assert UserFSM.objects.filter(user=ada).bulk_transition("unlock", by="system").changed == 1
with suppress(CommandError):  # which says that some could not be sent
    call_command("send_mails")
scene.end()
