"""
Lists in the admin. Each list drops the parameters that it does not offer or cannot read, and names them.

A list of another app inherits from the classes here. `files` downloads what is seen, and `parameters` has the names.
"""

from users.lists.admin import ListAdmin, unoffered
from users.lists.changelist import List, SearchForm, search_is_readable
from users.lists.exceptions import Unread
from users.lists.paged import PagedList
from users.lists.read_only import GoesWithPerson, ReadOnly, ReadOnlyAdmin

__all__ = [
    "GoesWithPerson",
    "List",
    "ListAdmin",
    "PagedList",
    "ReadOnly",
    "ReadOnlyAdmin",
    "SearchForm",
    "Unread",
    "search_is_readable",
    "unoffered",
]
