"""The pages of saved views: a list of one's own and the shared ones, and what can be done with each by POST."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from users import mail
from users.actors import logged_in_user
from users.administration.saved_views import choosing
from users.administration.saved_views.forms import MailForm, SaveForm
from users.lists import GoesWithPerson, unoffered
from users.models import SavedView, SavedViewMail

NAME = "user_lifecycle_savedview"


class SavedViewAdmin(GoesWithPerson):
    """Every administrator may have views. The lists themselves decide what a view shows."""

    def has_view_permission(self, request: HttpRequest, obj: SavedView | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{NAME}_changelist"),
            path("save/", wrap(self.save_view), name=f"{NAME}_save"),
            path("<int:pk>/mail/", wrap(self.mail_view), name=f"{NAME}_mail"),
            path("<int:pk>/delete/", wrap(self.remove_view), name=f"{NAME}_delete"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the views of lists that this person may see. There is nothing to filter."""
        if dropped := unoffered(request):
            return dropped
        user = logged_in_user(request)
        wanted = dict(SavedViewMail.objects.filter(user=user).values_list("view_id", "every"))
        views = [view for view in choosing.of(user) if choosing.is_offered(view.page, request)]
        rows = [
            {
                "view": view,
                "address": choosing.address(view),
                "list": capfirst(str(choosing.list_of(view.page).opts.verbose_name_plural)),  # type: ignore[union-attr]
                "is_own": view.owner_id == user.pk,
                "form": MailForm(initial={"every": wanted.get(view.pk, "")}, prefix=str(view.pk)),
            }
            for view in views
        ]
        context = self.admin_site.each_context(request) | {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "rows": rows,
            "has_address": bool(mail.address_of(user)),
            "opts": self.opts,
        }
        return TemplateResponse(request, "user_lifecycle/admin/saved_views.html", context | (extra_context or {}))

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """Save what a list shows; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form, user = SaveForm(request.POST), request.user
        if not form.is_valid():
            messages.error(request, _("The view was not saved: it needs a name of at most 100 characters."))
            return HttpResponseRedirect(self._own_page())
        given = form.cleaned_data
        if not choosing.is_offered(given["page"], request):
            raise PermissionDenied
        words = {"query": choosing.without_page(given["query"]), "shared": given["shared"]}
        names: dict[str, Any] = {"owner": user, "page": given["page"], "name": given["name"]}
        view, _created = SavedView.objects.update_or_create(defaults=words, **names)
        messages.success(request, _("The view “%(name)s” was saved.") % {"name": view.name})
        return HttpResponseRedirect(choosing.address(view))

    def mail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start or stop sending a view to this person regularly; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = logged_in_user(request)
        view = get_object_or_404(choosing.of(user), pk=pk)
        if not choosing.is_offered(view.page, request):
            raise PermissionDenied
        form = MailForm(request.POST, prefix=str(pk))
        if form.is_valid() and (every := form.cleaned_data["every"]):
            SavedViewMail.objects.update_or_create(view=view, user=user, defaults={"every": every})
            messages.success(request, _("You will get “%(name)s” by email.") % {"name": view.name})
        elif form.is_valid():
            SavedViewMail.objects.filter(view=view, user=user).delete()
            messages.success(request, _("You will no longer get “%(name)s” by email.") % {"name": view.name})
        return HttpResponseRedirect(self._own_page())

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete one of one's own views, with its emails to others; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        view = get_object_or_404(SavedView, pk=pk, owner=request.user)
        view.delete()
        messages.success(request, _("The view “%(name)s” was deleted.") % {"name": view.name})
        return HttpResponseRedirect(self._own_page())

    def _own_page(self) -> str:
        return reverse(f"admin:{NAME}_changelist", current_app=self.admin_site.name)
