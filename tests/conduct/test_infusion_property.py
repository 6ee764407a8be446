"""Whatever is asked, in whatever order: what is infused was released, unexpired, right, matched by two, and in time."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conduct.ward import CELLS, Ward
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev

SUBJECTS = ("S001", "S002", "S003")
LOTS = ("L1", "L2", "L3")
subject, lot = st.sampled_from(SUBJECTS), st.sampled_from(LOTS)
person = st.sampled_from(("inv", "nurse", "pharm", "pharm2", "sponsor"))
STEP = st.one_of(
    st.tuples(st.just("receive"), lot, subject | st.none(), st.sampled_from((6, 60, 3000))),
    st.tuples(st.sampled_from(("release", "quarantine", "destroy")), lot),
    st.tuples(st.just("assign"), lot, subject),
    st.tuples(st.just("prepare"), lot, subject, st.integers(1, 3)),
    st.tuples(st.just("match"), person, subject, subject, st.integers(1, 3)),
    st.tuples(st.sampled_from(("start", "complete", "abort", "discard", "fail")), subject),
    st.tuples(st.just("override"), person, subject),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 168, 2300))),
    st.tuples(st.just("infuse"), lot, subject, st.integers(1, 3)),
)


def ask(ward: Ward, product: str, step: tuple) -> None:
    """Ask for a step; whether it is done is for `decide` to say."""
    kind, *what = step
    if kind == "wait":
        ward.wait(hours=what[0])
    elif kind == "receive":
        label = {"product": product, "volume_ml": 100, "expires_at": ward.now + timedelta(hours=what[2]), **CELLS}
        cois = tuple(f"{what[0]}-{number}" for number in range(1, 4))
        ward.do(cmd.ReceiveLot, by="pharm", lot=what[0], containers=cois, for_subject=what[1], **label)
    elif kind in _KEEPS:
        ward.do(**_KEEPS[kind], by="pharm", lot=what[0], reason="Says so")
    elif kind == "assign":
        ward.do(cmd.AssignLot, by="pharm", lot=what[0], for_subject=what[1])
    elif kind == "prepare":
        ward.do(cmd.PrepareInfusion, **ward.asked(what[0], what[1], containers=(f"{what[0]}-{what[2]}",)))
    elif kind == "match":
        read = {"scanned_subject": what[2], "scanned_coi": f"{what[1]}-{what[3]}"}
        ward.do(cmd.MatchIdentity, by=what[0], subject=what[1], **read)
    elif kind == "override":
        ward.do(cmd.OverrideStagger, by=what[0], subject=what[1], reason="Says so")
    elif kind == "infuse":
        for rest in (("release", what[0]), ("prepare", *what)):
            ask(ward, product, rest)
        number = len(ward.course(what[1]).preparations)
        for reader in ("inv", "nurse"):
            ask(ward, product, ("match", reader, what[1], what[1], number))
        for rest in ("start", "complete"):
            ask(ward, product, (rest, what[1]))
    else:
        ward.do(**_ENDS[kind], subject=what[0])


_KEEPS = {
    "release": {"command": cmd.ReleaseLot},
    "quarantine": {"command": cmd.QuarantineLot},
    "destroy": {"command": cmd.DisposeLot, "how": "destroyed"},
}
_ENDS = {
    "start": {"command": cmd.StartInfusion},
    "complete": {"command": cmd.CompleteInfusion},
    "abort": {"command": cmd.AbortInfusion, "given_ml": 1, "reason": "Says so"},
    "discard": {"command": cmd.DiscardPreparation, "by": "pharm", "reason": "Says so"},
    "fail": {"command": cmd.ReportManufacturingFailure, "reason": "Says so"},
}


def faults(log: list[ev.Event], product: str, *, stagger: timedelta, times: int) -> list[str]:
    """What is wrong with the infusions of a log, told from its events alone."""
    found: list[str] = []
    received, status, held, matched = {}, {}, {}, {}
    begun: list[ev.InfusionStarted] = []
    overridden: set[str] = set()
    for event in log:
        match event:
            case ev.LotReceived():
                received[event.lot] = event
            case ev.LotReleased():
                status[event.lot] = "released"
            case ev.LotQuarantined() | ev.LotDisposed():
                status[event.lot] = "held"
            case ev.ProductDispensed():
                held[event.subject, event.preparation] = event.lot
            case ev.IdentityMatched():
                matched.setdefault((event.subject, event.preparation), set()).add(event.by)
            case ev.StaggerOverridden():
                overridden.add(event.subject)
            case ev.InfusionStarted():
                lot = held[event.subject, event.preparation]
                checks = {
                    "not released": status.get(lot) == "released",
                    "expired": event.at < received[lot].expires_at,
                    "wrong product": received[lot].product == product,
                    "wrong site": received[lot].site == event.site,
                    "not matched by two": len(matched.get((event.subject, event.preparation), ())) >= 2,
                    "staggered": not begun or event.at - begun[-1].at >= stagger or event.subject in overridden,
                    "too often": sum(one.subject == event.subject for one in begun) < times,
                }
                found += [f"{event.subject}: {what}" for what, right in checks.items() if not right]
                begun.append(event)
            case _:
                pass
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=5, max_size=40))
def test_de_12_no_infusion_without_a_right_lot_two_people_and_the_stagger(steps) -> None:
    """At the top dose of NCT05962762 no order of commands infuses what may not be infused, or too early."""
    ward = Ward("NCT05962762", arms=(None, None, None), level=3)
    for step in steps:
        ask(ward, "hUC-MSC injection", step)

    assert faults(ward.open_log, "hUC-MSC injection", stagger=timedelta(days=7), times=1) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=5, max_size=40))
def test_no_infusion_before_its_interval_or_beyond_its_count(steps) -> None:
    """In NCT01547091 no order of commands infuses a subject within three months of the last time, or a fifth time."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",) * 3)
    for step in steps:
        ask(ward, "UC-MSC", step)

    assert faults(ward.open_log, "UC-MSC", stagger=timedelta(0), times=4) == []
    for name in SUBJECTS:
        days = [one.at.date() for one in ward.course(name).infusions]
        every = ward.study.arms[0].treatments[0].every
        assert all(later >= every.after(earlier) for earlier, later in pairwise(days))


def test_the_steps_do_infuse() -> None:
    """The steps of the property lead to infusions, an early one by override among them."""
    ward = Ward("NCT05962762", arms=(None, None, None), level=3)
    steps = [
        ("receive", "L1", None, 3000), ("infuse", "L1", "S001", 1), ("wait", 20), ("infuse", "L1", "S002", 2),
        ("override", "sponsor", "S003"), ("infuse", "L1", "S003", 3), ("wait", 168), ("infuse", "L1", "S002", 2),
    ]  # fmt: skip
    for step in steps:
        ask(ward, "hUC-MSC injection", step)

    begun = [event.subject for event in ward.open_log if isinstance(event, ev.InfusionStarted)]
    assert begun == ["S001", "S003", "S002"]
