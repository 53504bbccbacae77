"""
Writers on one account, each a process: `python -m tests.concurrency.writers KEY WRITERS ATTEMPTS`.

Prints the writers' process ids; after a line on standard input they begin together, and each prints in the end how many
of its attempts changed the account and how many were refused.
"""

import json
import os
import random
import sys

import django


def main(key: int, writers: int, attempts: int) -> None:
    begin, hold = os.pipe()
    pids = [_fork(key, seed, attempts, begin, hold) for seed in range(writers)]
    _say(pids)
    sys.stdin.readline()
    os.close(hold)
    for pid in pids:
        os.waitpid(pid, 0)


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _fork(key: int, seed: int, attempts: int, begin: int, hold: int) -> int:
    """Start one writer, who waits until nobody holds the pipe's other end any more."""
    pid = os.fork()
    if pid == 0:
        os.close(hold)
        os.read(begin, 1)
        _say(_write(key, seed, attempts))
        os._exit(0)
    return pid


def _write(key: int, seed: int, attempts: int) -> dict[str, int]:
    from users.exceptions import TransitionRefused
    from users.models import UserFSM

    chance = random.Random(seed)  # noqa: S311 - which transition a writer asks for is no secret
    fsm = UserFSM.objects.get(user_id=key)
    outcome = {"changed": 0, "refused": 0}
    for _ in range(attempts):
        name = chance.choice(["lock", "unlock", "deactivate", "reactivate"])
        try:
            getattr(fsm, name)(by=f"writer {seed}", description=name)
        except TransitionRefused:
            outcome["refused"] += 1
        else:
            outcome["changed"] += 1
    return outcome


if __name__ == "__main__":
    django.setup()
    main(*(int(each) for each in sys.argv[1:]))
