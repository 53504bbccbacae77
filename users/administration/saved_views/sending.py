"""Sends saved views to the administrators who ordered them. A view is read right before its email is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users import mail
from users.administration.saved_views import choosing
from users.exceptions import MailNotComposed
from users.links import pages
from users.lists import ListAdmin
from users.mail.kinds import Facts, Letter, kind, moment
from users.models import SavedView, SavedViewMail
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "saved_view"


def run_due() -> int:
    """Queue the views that are due, and return how many. Of two runs at once, one queues each."""
    using, queued = router.db_for_write(SavedViewMail), 0
    wanted = SavedViewMail.objects.using(using).filter(user__fsm__current_state=State.ACTIVE)
    for each in wanted.due().select_related("user", "view").order_by("pk"):
        with transaction.atomic(using=using):
            row = SavedViewMail.objects.using(using).filter(pk=each.pk).due()
            if mail.address_of(each.user) and row.update(sent_at=timezone.now()):
                mail.send(KIND, each.user, {"view": each.view_id, "every": each.every}, using=using)
                queued += 1
    return queued


@kind(KIND, gettext_lazy("Saved view"))
def saved_view(user: User, facts: Facts) -> Letter:
    """Facts: `view`, the key, and `every`. The rows are those that this person sees at this moment."""
    from users.administration.saved_views.reading import (  # the admin is not loaded before the apps
        SHOWN,
        contents,
        read,
        request_of,
    )

    view = SavedView.objects.filter(pk=facts["view"]).first()
    if view is None:
        raise MailNotComposed("the view was deleted")
    if not SavedViewMail.objects.filter(view=view, user=user).exists():
        raise MailNotComposed("the person no longer wants this view")
    changelist = read(view, user)
    shown = contents(changelist)
    if isinstance(changelist.model_admin, ListAdmin):
        changelist.model_admin.sent(request_of(view, user), shown.count)
    found = ngettext("%(count)d row.", "%(count)d rows.", shown.count) % {"count": shown.count}
    paragraphs = [found if shown.count else _("Nothing matches at the moment.")]
    if shown.count > SHOWN:
        paragraphs.append(_("These are the first %(count)d.") % {"count": SHOWN})
    return Letter(
        _("%(name)s: %(count)d") % {"name": view.name, "count": shown.count},
        paragraphs,
        rows=shown.rows,
        link=pages.in_email(choosing.address(view)),
        link_label=_("Open the list"),
        closing=[
            _("As of %(moment)s.") % {"moment": moment(timezone.now())},
            _("You get this email because you ordered it. To stop it, open “Saved views” in the admin."),
        ],
    )
