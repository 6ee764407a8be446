"""Signing in and out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from trialwright.web import lockout
from trialwright.web.page import is_rehearsal


class SignInForm(AuthenticationForm):
    """Name and password; five wrong ones make the name wait."""

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].error_messages["required"] = "Enter your name."
        self.fields["password"].error_messages["required"] = "Enter your password."
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any]:
        """Check the password, unless the name must wait."""
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            return self.cleaned_data
        if lockout.locked(name):
            raise forms.ValidationError(lockout.LOCKED)
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            lockout.note_failure(name)
            raise
        lockout.forget_failures(name)
        return cleaned

    def get_invalid_login_error(self) -> forms.ValidationError:
        """Say the same for a wrong name and a wrong password."""
        return forms.ValidationError("Name and password do not belong together.")


class SignIn(LoginView):
    """The page where everybody begins."""

    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say how often one may fail."""
        facts = {"most": lockout.MOST_FAILURES, "wait": lockout.WAIT_MINUTES, "rehearsal": is_rehearsal()}
        return super().get_context_data(**facts, **kwargs)
