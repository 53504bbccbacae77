"""
The operations on accounts that administrators have; the admin's pages and the API call the same ones.

`ALL` maps names to operations. `permitted` returns those that a user may carry out, and `offered` those of them that
would change one account. Every way asks `superusers`, and `sparing` is its rule for commands. The admin and the API
also use `transitioning`, `scheduling`, `ending_sessions`, `undoing`, `refusing`, `tally`, `wording` and `admin_log`,
each for what its name says.
"""

from users.operations.facts import Facts
from users.operations.registry import ALL, Operation, offered, permitted
from users.operations.tally import Tally

__all__ = ["ALL", "Facts", "Operation", "Tally", "offered", "permitted"]
