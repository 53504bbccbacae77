from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.models import UserStateAudit
from audit.people.own_history import entry
from users.actors import logged_in_user

PER_PAGE = 50


@require_safe
@never_cache
@login_required
def own_history(request: HttpRequest) -> HttpResponse:
    """Show people the history of their account, newest first."""
    records = UserStateAudit.objects.of(logged_in_user(request)).order_by("-sequence")
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Your account history"),
        "page": page,
        "entries": [entry(record) for record in page],
    }
    return render(request, "user_audit/own_history.html", context)
