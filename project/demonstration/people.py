"""The people in the story."""

from __future__ import annotations

from dataclasses import dataclass

SUPPORT_PERMISSIONS = (
    "view_user",
    "view_userfsm",
    "lock_userfsm",
    "unlock_userfsm",
    "view_loginsession",
    "view_mail",
    "view_userstateaudit",
)

LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
    " Safari/605.1.15"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
    " Mobile/15E148 Safari/604.1"
)
SCRIPT = "python-requests/2.32.5"

OFFICE, HOME, TRAIN, STRANGE = "203.0.113.10", "198.51.100.23", "192.0.2.77", "2001:db8:bad::1"
"""Addresses that are reserved for documentation."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the company, and where they mostly are."""

    username: str
    first_name: str
    last_name: str
    address: str = OFFICE
    agent: str = LINUX

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


ADMIN = Person("admin", "Ada", "Admin", agent=MAC)
SUPPORT = Person("support", "Sofia", "Support", agent=WINDOWS)
ALICE = Person("alice", "Alice", "Active", HOME)
ARTHUR = Person("arthur", "Arthur", "Active", agent=WINDOWS)
LAYLA = Person("layla", "ليلى", "حداد", HOME, IPHONE)
LI = Person("li", "小龙", "李", agent=WINDOWS)
LENA = Person("lena", "Lena", "Locked", TRAIN, IPHONE)
LINUS = Person("linus", "Linus", "Locked")
DORA = Person("dora", "Dora", "Deactivated", agent=MAC)
DAVID = Person("david", "David", "Deactivated", agent=WINDOWS)
LEO = Person("leo", "Leo", "Left", HOME, MAC)
RITA = Person("rita", "Rita", "Returned")
IRIS = Person("iris", "Iris", "Invited")
IVAN = Person("ivan", "Ivan", "Invited")

FIRST_LIST = (ALICE, ARTHUR, LAYLA, LI, LENA, LINUS, DORA, DAVID, LEO, RITA, IVAN)
"""Those whom the administrator invites from one list; the last of them never answers."""

EVERYBODY = (ADMIN, SUPPORT, *FIRST_LIST, IRIS)


def as_list(people: tuple[Person, ...]) -> bytes:
    """The list of people as a file, with a line that cannot be read as an invitation."""
    lines = [f"{each.email},{each.username},{each.first_name},{each.last_name}" for each in people]
    return "\n".join(["email,username,first name,last name", *lines, "nobody at example,nobody,Nora,Nobody"]).encode()
