"""Django's settings, in code: made from a workspace, with no module-level state.

A workspace is a folder: `trial.db` (the trial's log), `web.db` (accounts and sessions), `secret.key`, `sealed.json` (of
a randomised trial, unless it lies elsewhere), and, where the trial is made up, an empty file `REHEARSAL`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trialwright.trial import now

HERE = Path(__file__).parent
IDLE_SECONDS = 15 * 60
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}


def django_settings(
    workspace: Path, *, hosts: Sequence[str] = (), https: bool = False, sealed: Path | None = None
) -> dict[str, Any]:
    """What `settings.configure` takes.

    Args:
        workspace: The folder of the trial.
        hosts: Names under which the server is reached, besides those of this machine.
        https: Whether a proxy before the server speaks HTTPS; cookies then travel only so.
        sealed: The sealed file of a randomised trial, where it does not lie in the folder as `sealed.json`.
    """
    return {
        "WORKSPACE": workspace,
        "CLOCK": now,
        "SEALED": sealed,
        "DEBUG": False,
        "SECRET_KEY": _secret_key(workspace / "secret.key"),
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", *hosts],
        "ROOT_URLCONF": "trialwright.web.urls",
        "INSTALLED_APPS": _APPS,
        "MIDDLEWARE": _MIDDLEWARE,
        "TEMPLATES": [_TEMPLATES],
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": workspace / "web.db", **_SQLITE}},
        "CACHES": _CACHES,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_PASSWORD_VALIDATORS": [{"NAME": f"django.contrib.auth.password_validation.{n}"} for n in _VALIDATORS],
        "LOGIN_URL": "sign-in",
        "LOGIN_REDIRECT_URL": "trial",
        "LOGOUT_REDIRECT_URL": "sign-in",
        "STATIC_URL": "/static/",
        "STATIC_ROOT": HERE / "static",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "CSRF_FAILURE_VIEW": "trialwright.web.views.faults.csrf_failure",
        **_cookies(https),
    }


_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "csp",
    "trialwright.web",
]
_CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "sign_in"}}
_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "trialwright.web.middleware.no_store",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trialwright.web.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "trialwright.web.middleware.Faults",
]
_TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [HERE / "templates"],
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ],
        "libraries": {"trialwright": "trialwright.web.filters"},
        "builtins": ["trialwright.web.filters"],
    },
}
_SQLITE = {"OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}}
_VALIDATORS = ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")


def _cookies(https: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_AGE": IDLE_SECONDS,
        "SESSION_SAVE_EVERY_REQUEST": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if https else None,
        "SECURE_HSTS_SECONDS": 31_536_000 if https else 0,
        "X_FRAME_OPTIONS": "DENY",
    }


def _secret_key(path: Path) -> str:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii")
