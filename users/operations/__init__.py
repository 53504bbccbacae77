"""
The operations on accounts that administrators have; the admin's pages and the API call the same ones.

`ALL` maps names to operations. `permitted` returns those that a user may carry out.
"""

from users.operations.registry import ALL, Operation, permitted
from users.operations.tally import Tally

__all__ = ["ALL", "Operation", "Tally", "permitted"]
