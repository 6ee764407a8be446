"""Accounts: an id is one person's for ever, and training reaches no real trial."""

import pytest

from tests.conductor import TEXT
from tests.web.conftest import PASSWORD
from trialwright.errors import InputError
from trialwright.trial import Trial
from trialwright.web import serve


def entries(workspace) -> list[tuple[str, str]]:
    """Kind and person of what the log holds about access."""
    with Trial.open(workspace.path / "trial.db") as trial:
        return [(one.kind, getattr(one, "person", "")) for one in trial.accesses()]


@pytest.fixture
def leaver(workspace):
    """Somebody with an account, which goes with the test."""
    from django.contrib.auth.models import User

    serve.create_account(workspace.path, "leaver", PASSWORD, "Before")
    yield User.objects.get(username="leaver")
    User.objects.filter(username__iexact="leaver").delete()


def test_es_08_an_id_is_given_once(workspace, leaver):
    """An id is nobody else's, in whatever letters, after its account is closed and even after its row is gone."""
    serve.change_account(workspace.path, "leaver", "closed", reason="left")
    for person in ("leaver", "LEAVER"):
        with pytest.raises(InputError, match="stays theirs for ever"):
            serve.create_account(workspace.path, person, PASSWORD)
    leaver.delete()

    with pytest.raises(InputError, match="stays theirs for ever"):
        serve.create_account(workspace.path, "Leaver", PASSWORD)


def test_es_08_a_new_name_keeps_the_id(workspace, leaver):
    """Another printed name changes no id, and the log keeps both names."""
    serve.change_account(workspace.path, "leaver", "name", name="After")
    leaver.refresh_from_db()
    with Trial.open(workspace.path / "trial.db") as trial:
        entry = trial.accesses()[-1]

    assert (leaver.username, leaver.first_name) == ("leaver", "After")
    assert (entry.person, entry.was, entry.name) == ("leaver", "Before", "After")


def test_au_08_what_is_done_to_an_account_is_an_entry(workspace, leaver):
    """Creating, renaming, a new password, a forgotten device and closing are each in the log."""
    for change, given in {
        "name": {"name": "New"},
        "password": {"password": "some other long river"},
        "device": {"reason": "lost"},
        "closed": {"reason": "left"},
    }.items():
        serve.change_account(workspace.path, "leaver", change, **given)

    assert [kind for kind, person in entries(workspace) if person == "leaver"] == [
        "AccountCreated.v1",
        "AccountRenamed.v1",
        "PasswordChanged.v1",
        "SecondFactorForgotten.v1",
        "AccountClosed.v1",
    ]


def test_au_08_a_role_given_and_removed_is_an_entry(workspace):
    """Granting and revoking a role leave their events in the trial's own stream."""
    sponsor = workspace.sign_in("sponsor")
    sponsor.post("/people/new/", {"person": "nurse", "role": "coordinator", "site": "01"})
    sponsor.post("/people/nurse/revoke/", {"reason": "left"})

    assert [one.kind for one in workspace.events()[-2:]] == ["RoleGranted.v1", "RoleRevoked.v1"]


@pytest.mark.parametrize(
    ("change", "given"), [("name", {}), ("closed", {"reason": " "}), ("device", {}), ("password", {"password": "a"})]
)
def test_a_change_says_what_it_needs(workspace, leaver, change, given):
    """A change without its name, reason or a strong password changes nothing."""
    with pytest.raises(InputError):
        serve.change_account(workspace.path, "leaver", change, **given)

    assert entries(workspace) == [("AccountCreated.v1", "leaver")]


def test_closing_an_account_ends_its_sessions(workspace, leaver):
    """Whoever's account an administrator closes is signed out at the next request; nobody closes their own."""
    client, sponsor = workspace.sign_in("leaver"), workspace.sign_in("sponsor")
    assert client.get("/account/password/").status_code == 200
    done = sponsor.post("/access/leaver/close/", {"reason": "left"})
    own = sponsor.post("/access/sponsor/close/", {"reason": "left"})

    assert (done.status_code, own.status_code) == (302, 422)
    assert client.get("/account/password/").status_code == 302


@pytest.fixture
def training(tmp_path, monkeypatch, django):
    """A workspace whose log is for training."""
    from django.test import override_settings

    from trialwright.web.trials import close_trials

    Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", training=True).close()
    with override_settings(WORKSPACE=tmp_path):
        yield tmp_path
    close_trials()


def test_va_06_training_says_so_on_every_page(training):
    """A log for training carries its banner and shows the codes, and says so, without any file beside it."""
    from django.test import Client

    page = Client().get("/sign-in/").content

    assert b"REHEARSAL, FOR TRAINING" in page
    assert b"<strong>TRAINING.</strong>" in page


def test_va_06_a_real_log_never_becomes_training(workspace):
    """A file beside a real trial shows the banner and no code; an entry that comes later makes no training of it."""
    from django.contrib.auth.models import User
    from django.test import Client

    from trialwright.access import SignedOut, TrainingDeclared
    from trialwright.web import accounts
    from trialwright.web.trials import note

    note(SignedOut, person="monitor")
    note(TrainingDeclared)
    (workspace.path / "REHEARSAL").touch()
    page = Client().get("/sign-in/").content

    assert b"REHEARSAL, FOR TRAINING" in page
    assert b"<strong>TRAINING.</strong>" not in page
    with pytest.raises(InputError, match="for training only"):
        accounts.enrol_for_training(User.objects.get(username="nobody"))


def test_va_06_training_stays_training(training):
    """The mark is the log's first entry about access: it verifies, and no command or later entry takes it away."""
    from trialwright.access import SignedOut

    with Trial.open(training / "trial.db") as trial:
        trial.note(SignedOut, person="monitor")
        assert trial.training
        assert trial.accesses()[0].kind == "TrainingDeclared.v1"


def test_va_06_a_trial_that_has_begun_is_not_declared_training(tmp_path):
    """Beginning a training trial in the log of a real one is refused and leaves no mark."""
    Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor").close()
    with pytest.raises(Exception, match="already adopted"):
        Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", training=True)

    with Trial.open(tmp_path / "trial.db") as trial:
        assert not trial.training
