"""
The operations on accounts that administrators have; the admin's pages and the API call the same ones.

`ALL` maps names to operations. `permitted` returns those that a user may carry out, and
`offered` those of them that would change one account.
"""

from users.operations.facts import Facts
from users.operations.registry import ALL, Operation, offered, permitted
from users.operations.tally import Tally

__all__ = ["ALL", "Facts", "Operation", "Tally", "offered", "permitted"]
