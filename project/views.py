from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead administrators to the admin; greet everybody else, who has no business there."""
    if getattr(request.user, "is_staff", False):
        return redirect("admin:index")
    return render(request, "project/home.html")
