"""Every address of the web app; whatever else is asked for is not there, and says so only to who is signed in.

`matrix` prints whose each is; the tests hold it to a golden file, so that a new one is somebody's decision.
"""

from django.urls import path, re_path

from trialwright.protocol.study import ROLES
from trialwright.web import blinding, forms, infusion_forms
from trialwright.web.addresses import about_subject, entries
from trialwright.web.entry_forms import slug_of
from trialwright.web.views import access, accounts, audit, commands, entry, faults, infusion, pages, signing

_SUBJECT = "subjects/<str:subject_id>/"
_EVENT = f"{_SUBJECT}adverse-events/<int:number>/"

urlpatterns = [
    path("", pages.trial, name="trial"),
    path("plot.svg", pages.plot, name="plot"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/password/", accounts.password, name="password"),
    path("account/second-factor/", accounts.enrol, name="second-factor"),
    path("access/", access.access, name="access"),
    path("access/reviewed/", access.reviewed, name="access-reviewed"),
    path("access/<str:person>/second-factor/", access.forget_device, name="forget-device"),
    path("access/<str:person>/close/", access.close, name="close-account"),
    path("subjects/", pages.subjects, name="subjects"),
    path("subjects/new/", commands.for_trial(forms.ScreenForm, None), name="screen"),
    path(_SUBJECT, pages.subject, name="subject"),
    path(f"{_SUBJECT}eligibility/", commands.eligibility, name="eligibility"),
    path(f"{_SUBJECT}enrolment/", commands.for_subject(forms.EnrolForm), name="enrol"),
    path(f"{_SUBJECT}randomisation/", commands.for_subject(blinding.RandomiseForm), name="randomise"),
    path(
        f"{_SUBJECT}randomisation/error/",
        commands.for_subject(blinding.RandomisedInErrorForm),
        name="randomised-in-error",
    ),
    path(f"{_SUBJECT}code-break/", commands.for_subject(blinding.BreakCodeForm), name="break-code"),
    path(f"{_SUBJECT}preparation/", infusion.prepare, name="prepare"),
    path(f"{_SUBJECT}preparation/discard/", commands.for_subject(infusion_forms.DiscardForm), name="discard"),
    path(f"{_SUBJECT}identity/", commands.for_subject(infusion_forms.MatchForm), name="match"),
    path(f"{_SUBJECT}infusion/", commands.for_subject(infusion_forms.StartForm), name="start-infusion"),
    path(f"{_SUBJECT}infusion/end/", commands.for_subject(infusion_forms.CompleteForm), name="complete-infusion"),
    path(f"{_SUBJECT}infusion/abort/", commands.for_subject(infusion_forms.AbortForm), name="abort-infusion"),
    path(f"{_SUBJECT}dlt-window/", commands.for_subject(forms.CloseWindowForm), name="close-window"),
    path(f"{_SUBJECT}not-evaluable/", commands.for_subject(forms.NotEvaluableForm), name="not-evaluable"),
    path(f"{_SUBJECT}adverse-events/new/", commands.report, name="report"),
    path(f"{_EVENT}grade/", commands.for_adverse_event(forms.GradeForm), name="grade"),
    path(f"{_EVENT}dlt/", commands.for_adverse_event(forms.AdjudicateForm), name="adjudicate"),
    *(
        path(f"{_SUBJECT * about_subject(kind)}entry/{name}/", entry.page(kind), name=name)
        for kind in entries()
        for name in (slug_of(kind.__name__),)
    ),
    path("envelopes/", entry.envelopes, name="envelopes"),
    path("pharmacy/", infusion.pharmacy, name="pharmacy"),
    path("pharmacy/lots/new/", infusion.receive, name="receive-lot"),
    path("pharmacy/lots/<str:lot>/release/", infusion.release, name="release-lot"),
    path("pharmacy/lots/<str:lot>/quarantine/", infusion.quarantine, name="quarantine-lot"),
    path("dose-levels/open/", commands.open_level, name="open-level"),
    path("decisions/", pages.decisions, name="decisions"),
    path("decision/", signing.propose, name="propose"),
    path("decision/sign/", signing.sign, name="sign"),
    path("sites/", pages.sites, name="sites"),
    path("sites/new/", commands.for_trial(forms.OpenSiteForm, "sites"), name="open-site"),
    path("people/new/", commands.for_trial(forms.GrantForm, "sites"), name="grant"),
    path("people/<str:person>/revoke/", commands.revoke, name="revoke"),
    path("blinding/", pages.blinding, name="blinding"),
    path(
        "blinding/request/", commands.for_trial(blinding.RequestUnblindingForm, "blinding"), name="request-unblinding"
    ),
    path(
        "blinding/approve/", commands.for_trial(blinding.ApproveUnblindingForm, "blinding"), name="approve-unblinding"
    ),
    path("protocol/", pages.protocol, name="protocol"),
    path("audit/", audit.audit, name="audit"),
    path("audit/site-copy.zip", audit.site_copy, name="site-copy"),
    re_path(r"", faults.no_such_page, name="no-such-page"),
]

handler500 = "trialwright.web.views.faults.server_error"


def matrix() -> str:
    """The address x role matrix as text: X may see it, o is whoever is signed in, * is everybody, ? is nobody yet."""
    width = max(len(pattern.name) for pattern in urlpatterns)
    lines = [" ".join([" " * width, *ROLES])]
    for pattern in urlpatterns:
        who = getattr(pattern.callback, "who", "?")
        sign = {accounts.EVERYBODY: "*", accounts.SIGNED_IN: "o", "?": "?"}
        marks = (sign[who] if isinstance(who, str) else "X" if role in who else "." for role in ROLES)
        cells = (mark.center(len(role)) for mark, role in zip(marks, ROLES, strict=True))
        lines.append(" ".join([pattern.name.ljust(width), *cells]))
    return "\n".join(line.rstrip() for line in lines) + "\n"
