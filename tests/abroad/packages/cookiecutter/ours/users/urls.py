from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.urls import path, reverse
from django.views.generic import RedirectView, View


class Detail(LoginRequiredMixin, View):
    def get(self, request, pk):
        return HttpResponse(f"person {request.user.email}")


class Redirect(LoginRequiredMixin, RedirectView):
    def get_redirect_url(self, *args, **kwargs):
        return reverse("users:detail", kwargs={"pk": self.request.user.pk})


app_name = "users"
urlpatterns = [
    path("~redirect/", Redirect.as_view(), name="redirect"),
    path("<int:pk>/", Detail.as_view(), name="detail"),
]
