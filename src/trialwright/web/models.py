"""What Django's accounts lack. Credentials only: nothing of a trial is here."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models


class SecondFactor(models.Model):
    """The device of a person that gives codes.

    Attributes:
        sealed: Its secret, encrypted with a key that follows from the server's own.
        enrolled: Whether a code of the device was shown once; until then it counts for nothing.
        last_step: The step of time of the last code that was taken, so that none is taken twice.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    sealed = models.BinaryField()
    enrolled = models.BooleanField(default=False)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"the device of {self.user}"
