"""
Writers that never stop: `python -m tests.topology.storm JOURNAL WRITERS`, until standard input ends.

Each locks and unlocks an account of its own, and tries again after an error. The journal has a line for each change
that was committed, as a log collector on another machine has it. Prints how many there were, and the longest pause.
"""

import json
import logging
import sys
import time
from pathlib import Path
from threading import Event, Thread

import django
from django.db import Error, connection


def main(journal: Path, writers: int) -> None:
    logger = logging.getLogger("audit")
    logger.handlers = [logging.FileHandler(journal)]
    logger.propagate = False
    enough = Event()
    outcomes: list[tuple[int, float]] = []
    threads = [Thread(target=_write, args=(number, enough, outcomes)) for number in range(writers)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    enough.set()
    for thread in threads:
        thread.join()
    done, pauses = zip(*outcomes, strict=True)
    sys.stdout.write(json.dumps({"acknowledged": sum(done), "longest_pause": max(pauses)}))


def _write(number: int, enough: Event, outcomes: list[tuple[int, float]]) -> None:
    from users.exceptions import TransitionRefused
    from users.models import UserFSM

    done, last, longest = 0, time.monotonic(), 0.0
    while not enough.is_set():
        try:
            fsm = UserFSM.objects.get(user__username=f"writer{number}")
            (fsm.lock if fsm.current_state == "active" else fsm.unlock)(by="a storm")
        except (Error, TransitionRefused):
            connection.close()
            time.sleep(0.1)
            continue
        now = time.monotonic()
        done, last, longest = done + 1, now, max(longest, now - last)
    outcomes.append((done, longest))


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), int(sys.argv[2]))
