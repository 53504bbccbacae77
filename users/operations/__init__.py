"""
What can be done to accounts, and by whom; the admin's pages and the API call the same operations.

`ALL` has every operation by its name; `permitted` says which ones a user may carry out.
"""

from users.operations.registry import ALL, Operation, permitted
from users.operations.tally import Tally

__all__ = ["ALL", "Operation", "Tally", "permitted"]
