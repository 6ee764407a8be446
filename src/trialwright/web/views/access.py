"""Who came in and who tried to, and whose account is whose: for administrators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from trialwright.access import AccessEntry, LockoutsReviewed
from trialwright.conduct.views import View
from trialwright.errors import InputError
from trialwright.web import accounts, lockout, second_factor
from trialwright.web.form_fields import text
from trialwright.web.page import ADMINISTRATORS, Answer, not_found, open_to, render_page, with_view
from trialwright.web.trials import note, the_trial

_ROWS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account on the page."""

    id: str
    name: str
    role: str
    enrolled: bool
    locked: bool
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry on the page: what happened, to whom, and everything else in words."""

    entry: AccessEntry
    person: str
    details: tuple[tuple[str, str], ...]


def for_administrators(answer: Answer) -> Answer:
    """A page of administrators; everybody else is told whose it is."""

    def checked(request: HttpRequest, view: View, **places: Any) -> HttpResponse:
        if view.role not in ADMINISTRATORS:
            context = {"title": "Access", "roles": sorted(ADMINISTRATORS)}
            return render_page(request, "forbidden.html", view, status=403, **context)
        return answer(request, view, **places)

    return with_view(open_to(ADMINISTRATORS)(checked))


@for_administrators
def access(request: HttpRequest, view: View) -> HttpResponse:
    """Every account, and who came in or tried to, the newest first."""
    with the_trial() as trial:
        entries = trial.accesses()
    rows = [_row(entry) for entry in reversed(entries)]
    return render_page(
        request,
        "access.html",
        view,
        accounts=list(_accounts(view)),
        page=Paginator(rows, _ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
    )


@for_administrators
def reviewed(request: HttpRequest, view: View) -> HttpResponse:
    """Say that one has looked at every lockout until now."""
    if request.method == "POST":
        note(LockoutsReviewed, person=request.user.get_username())
    return HttpResponseRedirect(reverse("access"))


class ReasonForm(forms.Form):
    """Something about somebody's account, with its reason."""

    title: ClassVar[str]
    button: ClassVar[str]
    intro: ClassVar[str]
    reason = text("Reason", "Such as: the telephone was lost.", rows=2)


class ForgetDeviceForm(ReasonForm):
    """A lost device."""

    title = "Forget the device"
    button = "Forget the device; another must be enrolled"
    intro = "Make sure in person, or by a number that you know, that the one who asks is the one whose account it is."


class CloseAccountForm(ReasonForm):
    """Somebody who leaves."""

    title = "Close the account"
    button = "Close the account at once"
    intro = "Every session ends. The id stays with this person for ever; the history stays. Revoke the role as well."
    reason = text("Reason", "Such as: left the hospital.", rows=2)


def _about(form_class: type[ReasonForm], act: Any, said: str) -> Answer:
    """The page by which an administrator does something about another person's account."""

    @for_administrators
    def answer(request: HttpRequest, view: View, *, person: str) -> HttpResponse:
        user = User.objects.filter(username=person).first()
        if user is None:
            return not_found(request, view)
        form = form_class(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                act(user, by=request.user.get_username(), reason=form.cleaned_data["reason"])
            except InputError as fault:
                form.add_error(None, str(fault))
            else:
                messages.success(request, said.format(person))
                return HttpResponseRedirect(reverse("access"))
        status = InputError.http_status if form.errors else 200
        return render_page(request, "account.html", view, status=status, form=form, person=person)

    return answer


forget_device = _about(ForgetDeviceForm, accounts.forget_device, "The device of {} is forgotten.")
close = _about(CloseAccountForm, accounts.close, "The account of {} is closed.")


def _accounts(view: View) -> Iterator[Account]:
    roles = {person.id: f"{person.role}{f', site {person.site}' if person.site else ''}" for person in view.people}
    for user in User.objects.order_by("username"):
        name = user.get_username()
        yield Account(
            id=name,
            name=user.first_name,
            role=roles.get(name, ""),
            enrolled=second_factor.enrolled(user),
            locked=lockout.locked(name),
            open=user.is_active,
        )


def _row(entry: AccessEntry) -> Row:
    said = entry.in_words()
    return Row(entry=entry, person=said.pop("person", "–"), details=tuple(said.items()))
