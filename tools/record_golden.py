"""Write the logs of the five trials as this version writes them, for every later one to replay.

    python tools/record_golden.py             the logs and digests of this version, once
    python tools/record_golden.py --digests   the digests of every version anew, after the state's own names changed
    python tools/record_golden.py --added     beside them, the examples of commands that came since, before its release

Each trial gives its course from beginning to end, every story of it, and the examples of every command. A log that a
version wrote is never rewritten: the tool refuses a folder that is there.
"""

import json
import lzma
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.conduct.test_five_trials import FIVE, Course, InLog, conducted  # noqa: E402 - the tests' own course
from tests.conduct.test_trail import ELSEWHERE, EXAMPLES  # noqa: E402 - likewise
from tests.conductor import MemoryTrial  # noqa: E402 - likewise
from tests.golden.replayed import DIGESTS, FOLDER, digest_of, golden_logs  # noqa: E402 - likewise
from trialwright import __version__  # noqa: E402 - likewise
from trialwright.conduct import Secret, commands, encode  # noqa: E402 - likewise
from trialwright.rehearse import VirtualClock  # noqa: E402 - likewise
from trialwright.rehearse.story import play, read_story  # noqa: E402 - likewise
from trialwright.store import open_log  # noqa: E402 - likewise
from trialwright.trial import Trial  # noqa: E402 - likewise
from trialwright.vault import Vault  # noqa: E402 - likewise


def bodies(path: Path, secret: Secret | None) -> Iterator[tuple[str, bytes]]:
    """The entries of a log, the sealed ones opened."""
    vault = Vault(bytes.fromhex(secret.key)) if secret else None
    with open_log(path) as log:
        for stream in log.streams():
            for entry in log.read(stream):
                opened = vault.open(stream, entry.sequence, entry.body) if stream == "sealed" and vault else entry.body
                yield stream, opened


def played(story_file: Path, path: Path) -> Secret | None:
    """Play a story into a log."""
    story, _ = read_story(story_file.read_text(), lambda name: (story_file.parent / name).read_text(), None)
    clock = VirtualClock(datetime.combine(story.begins, time(8, 0), UTC))
    with Trial.begin(path, story.protocol, by=story.founder, clock=clock, secret=story.secret) as trial:
        play(story, trial, clock)
    return story.secret


def logs_of(name: str, folder: Path) -> Iterator[tuple[str, Path, Secret | None]]:
    """The course of a trial and each of its stories, in logs."""
    course = Course(name, InLog, folder)
    conducted(course)
    yield "course", course.trial.path, course.trial.kept
    for story in sorted((ROOT / "stories" / name).glob("*.yaml")):
        path = folder / f"{story.stem}.db"
        yield story.stem, path, played(story, path)


def commanded() -> Iterator[tuple[str, str, str, bytes]]:
    """The trials of the audit trail's tests, each up to the one command that it is an example of."""
    for name in (*EXAMPLES, *ELSEWHERE):
        if name in EXAMPLES:
            trial = MemoryTrial().open()
            asked = EXAMPLES[name](trial)
        else:
            trial, asked = ELSEWHERE[name]()
        trial.must(getattr(commands, name), **asked)
        for event in (*trial.log, *getattr(trial, "hidden", ())):
            yield trial.study.id, name, event.stream, encode(event)


def record(version: Path) -> None:
    """Write the logs of this version."""
    version.mkdir()
    examples = list(commanded())
    for trial in FIVE:
        with tempfile.TemporaryDirectory() as folder:
            logs = [
                (trial, name, stream, body)
                for name, path, secret in logs_of(trial, Path(folder))
                for stream, body in bodies(path, secret)
            ]
        lines = [
            b"\t".join((name.encode(), stream.encode(), body))
            for study, name, stream, body in (*logs, *examples)
            if study == trial
        ]
        (version / f"{trial}.jsonl.xz").write_bytes(lzma.compress(b"\n".join(lines) + b"\n", preset=9))


def record_added(version: Path) -> None:
    """Write the examples of the commands that the logs of this version do not have, in files of their own."""
    known = {name for name, _ in golden_logs(version)}
    new = [one for one in commanded() if f"{one[0]}/{one[1]}" not in known]
    for trial in sorted({study for study, *_ in new}):
        lines = [b"\t".join((name.encode(), stream.encode(), body)) for one, name, stream, body in new if one == trial]
        place = version / f"{trial}.{len(list(version.glob(f'{trial}.*'))) + 1}.jsonl.xz"
        place.write_bytes(lzma.compress(b"\n".join(lines) + b"\n", preset=9))


def main() -> None:
    """Write what is asked for."""
    version = FOLDER / __version__
    if "--added" in sys.argv:
        record_added(version)
        kept = json.loads((version / DIGESTS).read_text())
        added = {name: digest_of(streams) for name, streams in golden_logs(version) if name not in kept}
        (version / DIGESTS).write_text(json.dumps(kept | added, indent=1) + "\n")
        return
    if "--digests" not in sys.argv:
        if version.exists():
            sys.exit(
                f"{version}: is there, and what a version wrote is kept; with --digests only digests are made anew"
            )
        record(version)
    for folder in sorted(file.parent for file in FOLDER.glob("*/*.xz")):
        digests = {name: digest_of(streams) for name, streams in golden_logs(folder)}
        (folder / DIGESTS).write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    main()
