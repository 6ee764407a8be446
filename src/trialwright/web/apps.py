"""The web app, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Carries what Django's own accounts lack: the second factor."""

    name = "trialwright.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
