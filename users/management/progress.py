"""Progress on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NoReturn

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm


@contextmanager
def progress(total: int | None, *, name: str, unit: str, scaled: bool = False) -> Iterator[tqdm[NoReturn]]:
    """
    Show a bar if standard error is a terminal. Log lines appear above it and not on it.

    `total` is None where it is not known. With `scaled`, thousands are shown as `k`.
    """
    with tqdm(total=total, desc=name, unit=f" {unit}", unit_scale=scaled, disable=None, leave=False) as bar:
        # Of the others, tqdm would show lines that nobody shows now.
        loggers = [each for each in (logging.root, logging.getLogger("users")) if _is_shown(each)]
        with nullcontext() if bar.disable else logging_redirect_tqdm(loggers):
            yield bar


def up_to(bar: tqdm[NoReturn]) -> Callable[[int], None]:
    """Return the function that shows how many are done by now."""

    def show(done: int) -> None:
        bar.update(done - bar.n)

    return show


def _is_shown(logger: logging.Logger) -> bool:
    streams = {handler.stream for handler in logger.handlers if isinstance(handler, logging.StreamHandler)}
    return not streams.isdisjoint({sys.stdout, sys.stderr})
