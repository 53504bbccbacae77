"""What the tests of dormancy share: the usual times, and one night's run."""

from datetime import timedelta

from users.schedule import dormancy

AFTER, WARN = timedelta(days=90), timedelta(days=14)


def run(after=AFTER, warn=WARN):
    outcome = dormancy.run(after, warn)
    return outcome.warned, outcome.deactivated
