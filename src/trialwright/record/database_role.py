"""The PostgreSQL role of the web process: it reads and adds entries, and may do nothing else in the database."""

from __future__ import annotations

import re

from trialwright.errors import InputError

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_STATEMENTS = """\
-- Run this once in the trial's database, as its owner; then give the role a password: \\password {role}
CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
DO $$ BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {role}', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {role};
REVOKE ALL ON entry FROM PUBLIC;
GRANT SELECT, INSERT ON entry TO {role};
"""


def role_statements(role: str) -> str:
    """The statements that make a role which may only SELECT and INSERT on the table of entries.

    Args:
        role: Its name.

    Raises:
        InputError: The name is none that PostgreSQL takes without quotes.

    Example:
        >>> print(role_statements("web").splitlines()[-1])
        GRANT SELECT, INSERT ON entry TO web;
    """
    if not _NAME.fullmatch(role):
        raise InputError(f"{role!r} is no name for a role; write small letters, digits and _, such as trialwright_web")
    return _STATEMENTS.format(role=role)
