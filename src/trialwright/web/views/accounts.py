"""Signing in and out, and what each person does with their own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from trialwright.access import PasswordChanged, SecondFactorEnrolled, SignedIn, SignedOut
from trialwright.conduct.roles import TWO_FACTORS
from trialwright.errors import InputError
from trialwright.web import device, drafts, lockout, second_factor
from trialwright.web.page import open_to
from trialwright.web.trials import is_training, note, shows_codes, the_trial

EVERYBODY, SIGNED_IN = "everybody", "signed in"


def code_field(hint: str, *, required: bool = False) -> forms.CharField:
    """The field for a code of the person's device."""
    attrs = {"class": "form-control", "inputmode": "numeric", "autocomplete": "one-time-code"}
    missing = {"required": "Enter the six digits that your device shows."}
    return forms.CharField(
        label="Code",
        help_text=hint,
        max_length=10,
        required=required,
        widget=forms.TextInput(attrs=attrs),
        error_messages=missing,
    )


class SignInForm(AuthenticationForm):
    """Name, password and the device's code; five failures make the name wait."""

    code = code_field("Six digits from your authenticator app, once you have one enrolled.")

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].error_messages["required"] = "Enter your name."
        self.fields["password"].error_messages["required"] = "Enter your password."
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any]:
        """Check everything at once, unless the name must wait."""
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            return self.cleaned_data
        if lockout.locked(name):
            raise forms.ValidationError(lockout.LOCKED)
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            lockout.sign_in_failed(self.request, name)
            raise
        lockout.forget_failures(name)
        return cleaned

    def confirm_login_allowed(self, user: User) -> None:
        """Ask for the code of whoever has a device, after the password was right."""
        super().confirm_login_allowed(user)
        if second_factor.enrolled(user) and not second_factor.takes(user, self.cleaned_data.get("code", "")):
            raise self.get_invalid_login_error()

    def get_invalid_login_error(self) -> forms.ValidationError:
        """Say the same for a wrong name, a wrong password and a wrong code."""
        return forms.ValidationError(
            "Name, password and code do not belong together. A code is taken once; wait for the next one."
        )


class SignIn(LoginView):
    """The page where everybody begins."""

    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Begin a session of this device alone, and record it."""
        answer = super().form_valid(form)
        device.bind(self.request)
        user = form.get_user()
        note(
            SignedIn,
            person=user.get_username(),
            address=device.address(self.request),
            second_factor=second_factor.enrolled(user),
        )
        return answer

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say how often one may fail, and in training the codes."""
        facts = {"most": lockout.MOST_FAILURES, "wait": lockout.WAIT_MINUTES, "rehearsal": is_training()}
        return super().get_context_data(**facts, codes=codes_for_training(), **kwargs)


sign_in = open_to(EVERYBODY)(SignIn.as_view())


@open_to(SIGNED_IN)
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.method == "POST":
        note(SignedOut, person=request.user.get_username())
        drafts.sign_out(request)
    return HttpResponseRedirect(reverse("sign-in"))


class NewPasswordForm(PasswordChangeForm):
    """The password that is, and twice the one that shall be."""

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request
        labels = {"old_password": "Your password now", "new_password1": "New", "new_password2": "New, again"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = f"Enter: {label.lower()}."
            self.fields[name].widget.attrs["class"] = "form-control"
            self.fields[name].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].help_text = "At least 8 characters, no common word, not like your name."

    def clean_old_password(self) -> str:
        """Hold it against the account; a wrong one counts towards the lockout."""
        try:
            return super().clean_old_password()
        except forms.ValidationError:
            lockout.signature_failed(self.request, "change of password")
            raise forms.ValidationError("This is not your password. Nothing was changed.") from None


@open_to(SIGNED_IN)
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of the person ends."""
    typed = request.POST if request.method == "POST" else None
    form = NewPasswordForm(request.user, typed, request=request)
    if typed is not None and form.is_valid():
        update_session_auth_hash(request, form.save())
        device.bind(request)
        note(PasswordChanged, person=request.user.get_username(), by=request.user.get_username())
        messages.success(request, "Your password is changed. Wherever else you were signed in, you are not any more.")
        return HttpResponseRedirect(reverse("trial"))
    if lockout.locked(request.user.get_username()):
        return _locked_out(request)
    return _own_page(request, "password.html", form)


class EnrolForm(forms.Form):
    """The first code of a new device."""

    code = code_field("The six digits that the app shows now.", required=True)


@open_to(SIGNED_IN)
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol the device that gives this person's codes from now on."""
    user = request.user
    if second_factor.enrolled(user):
        return _own_page(request, "second_factor.html", None)
    secret = second_factor.begun(user) or second_factor.begin(user)
    form = EnrolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if second_factor.enrol(user, form.cleaned_data["code"]):
            note(SecondFactorEnrolled, person=user.get_username())
            messages.success(request, "Your device is enrolled. You are asked for its code when you sign in.")
            return HttpResponseRedirect(reverse("trial"))
        form.add_error("code", "This is not the code of the secret above. Compare the time of your device.")
    with the_trial() as trial:
        study = trial.study.id
    uri = second_factor.provisioning_uri(user, secret, study)
    return _own_page(request, "second_factor.html", form, secret=secret, uri=uri)


def needs_second_factor(user: User) -> bool:
    """Whether a person's role signs in with a device, and none is enrolled."""
    with the_trial() as trial:
        person = trial.state.people.get(user.get_username())
    return person is not None and person.role in TWO_FACTORS and not second_factor.enrolled(user)


def codes_for_training(user: User | None = None) -> list[tuple[str, str]]:
    """The next code of everybody, or of one person, where the log is for training; elsewhere none."""
    if not shows_codes():
        return []
    enrolled = User.objects.filter(second_factor__enrolled=True).order_by("username")
    codes = [(one.get_username(), second_factor.shown(one)) for one in ([user] if user else enrolled)]
    return [(name, code) for name, code in codes if code]


def _own_page(request: HttpRequest, template: str, form: forms.Form | None, **more: Any) -> HttpResponse:
    wrong = form is not None and bool(form.errors)
    context = {"form": form, "rehearsal": is_training(), "codes": codes_for_training(request.user), **more}
    return render(request, template, context, status=InputError.http_status if wrong else 200)


def _locked_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))
