"""What a test gets that runs commands as a user does; the fixture `run` stands in `conftest.py`."""

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]
"""Takes a command's words; gives the exit code, standard output and standard error."""
