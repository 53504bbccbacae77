"""The story: a month of a small company whose accounts are invited, used, attacked, locked and closed."""

from __future__ import annotations

import secrets

from project.demonstration.browsers import guess
from project.demonstration.people import (
    ADMIN,
    ALICE,
    ARTHUR,
    DAVID,
    DORA,
    EVERYBODY,
    FIRST_LIST,
    IPHONE,
    IRIS,
    IVAN,
    LAYLA,
    LENA,
    LEO,
    LI,
    LINUS,
    RITA,
    SUPPORT,
)
from project.demonstration.story import Story
from users.administration.saved_views import sending
from users.conf import conf
from users.schedule import changes, locks


def create_people() -> dict[str, str]:
    """Tell the whole story, and return the passwords by username. Needs a database without users."""
    story = Story({each.username: secrets.token_urlsafe(9) for each in EVERYBODY})
    for chapter in (_beginning, _use, _support, _attacks, _plans, _today):
        chapter(story)
    story.tell()
    return story.passwords


def _beginning(story: Story) -> None:
    story.at(30, "08:55", story.install)
    story.at(30, "09:00", story.log_in, ADMIN)
    story.at(30, "09:04", story.invite, SUPPORT)
    story.at(30, "09:40", story.accept, SUPPORT)
    story.at(30, "10:05", story.make_support, SUPPORT)
    story.at(28, "10:15", story.invite_list, FIRST_LIST)
    for number, person in enumerate(FIRST_LIST):
        if person is not IVAN:  # who never answers
            story.at(28 - number // 4, f"{11 + number // 2}:{7 * number % 60:02}", story.accept, person)


def _use(story: Story) -> None:
    story.at(25, "08:58", story.log_in, ALICE)
    story.at(24, "09:12", story.log_in, LI)
    story.at(24, "09:30", story.log_in, SUPPORT)
    story.at(22, "18:20", story.log_in, LAYLA)
    story.at(21, "21:10", story.log_in, ALICE, IPHONE)  # a device that she has not used before
    story.at(20, "08:14", story.change_password, ALICE)
    story.at(20, "09:03", story.log_in, RITA)
    story.at(17, "09:40", story.log_in, ARTHUR)
    story.at(9, "12:30", story.leave, LEO)


def _support(story: Story) -> None:
    story.at(19, "16:45", story.operate, SUPPORT, "lock", ARTHUR, "laptop reported stolen")
    story.at(18, "09:05", story.operate, SUPPORT, "lock", ADMIN, "to see what happens")  # only superusers may
    story.at(18, "09:20", story.operate, SUPPORT, "unlock", ARTHUR, "spoke with him; the laptop was found")
    story.at(16, "17:00", story.operate, ADMIN, "deactivate", DORA, "left the company")
    story.at(15, "17:05", story.operate, ADMIN, "deactivate", RITA, "parental leave")
    story.at(7, "08:50", story.operate, ADMIN, "reactivate", RITA, "came back")
    story.at(5, "11:31", story.operate, SUPPORT, "lock", LINUS, "phone reported stolen; waiting for the police report")


def _attacks(story: Story) -> None:
    limit = conf.lockout_failure_limit
    story.at(12, "22:52", guess, LENA, limit)
    story.at(12, "22:59", story.unlock, LENA)
    story.at(6, "02:13", guess, LAYLA, limit)
    story.at(6, "02:50", locks.lift_expired)  # as `manage.py run_due` does


def _plans(story: Story) -> None:
    story.at(4, "14:00", story.plan_end, DAVID, 2, "end of the internship")
    story.at(4, "14:02", story.plan_end, ARTHUR, 18, "end of the contract")
    story.at(3, "16:20", story.save_lockouts)
    story.at(2, "14:05", changes.run_due)  # as `manage.py run_due` does


def _today(story: Story) -> None:
    story.at(1, "15:10", story.invite, IRIS)
    story.just_now(52, story.log_in, ADMIN)
    story.just_now(41, story.log_in, SUPPORT)
    story.just_now(35, story.log_in, ALICE)
    story.at(1, "07:00", sending.run_due)  # as `manage.py run_due` does
    story.just_now(8, guess, LENA, conf.lockout_failure_limit)
