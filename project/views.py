from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Redirect administrators to the admin, and everybody else to their own account."""
    return redirect("admin:index" if getattr(request.user, "is_staff", False) else "account")
