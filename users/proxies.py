"""
Receivers that hear of a model's proxies too.

Django and django-fsm name the class of the instance as the sender, so a receiver that was connected for a model hears
nothing of its proxies. Connecting it for all senders would slow down other models: Django loads each row that it
deletes where a model's deletion has a receiver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import class_prepared
from django.dispatch import Signal


def connect(signal: Signal, receiver: Callable[..., Any], *, sender: type[models.Model], dispatch_uid: str) -> None:
    """Connect the receiver for this model and its proxies, also for those that are defined later."""

    def follow(sender: type[models.Model], **kwargs: Any) -> None:
        if sender._meta.concrete_model is concrete:
            signal.connect(receiver, sender=sender, dispatch_uid=dispatch_uid)

    concrete = sender._meta.concrete_model
    for model in apps.get_models():
        follow(model)
    class_prepared.connect(follow, weak=False, dispatch_uid=f"{dispatch_uid} of proxies")
