from django.contrib.auth import forms
from django.forms import EmailField

from tests.abroad.packages.cookiecutter.ours.users.models import User


class UserAdminChangeForm(forms.UserChangeForm):
    class Meta(forms.UserChangeForm.Meta):
        model = User
        field_classes = {"email": EmailField}


class UserAdminCreationForm(forms.AdminUserCreationForm):
    class Meta(forms.UserCreationForm.Meta):
        model = User
        fields = ("email",)
        field_classes = {"email": EmailField}
        error_messages = {"email": {"unique": "This email has already been taken."}}
