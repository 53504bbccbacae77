"""System checks of database routers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import router
from django.db.models import Model

from users.checks.values import Configs
from users.routers import deciding_models

ATTEMPTS = 20
"""Some routers choose a replica at random, and may choose the primary among them."""


def check_what_decides_is_read_where_it_is_written(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E040`: users, states, sessions and permissions must not be read from a replica, which is behind."""
    models = list(deciding_models())
    with ThreadPoolExecutor(1) as another:  # some routers decide by thread
        read = zip(models, map(_read_from, models), another.map(_read_from, models), strict=True)
        elsewhere = sorted(
            model._meta.label for model, here, there in read if here | there != {router.db_for_write(model)}
        )
    if not elsewhere:
        return []
    hint = "Put 'users.routers.StateOnPrimary' first in DATABASE_ROUTERS."
    message = f"These models are read from another database than they are written to: {', '.join(elsewhere)}"
    return [Error(message, hint=hint, id="users.E040")]


def _read_from(model: type[Model]) -> set[str]:
    """Return the databases from which this model is read, also for an instance."""
    hints: tuple[dict[str, Any], ...] = ({}, {"instance": model()})
    return {router.db_for_read(model, **each) for each in hints for _ in range(ATTEMPTS)}


ALL = (check_what_decides_is_read_where_it_is_written,)
