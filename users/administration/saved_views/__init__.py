"""
Saved views: a name for a list with its filters, one's own or shared, and an email of it every day or every week.

A view is the query of the list's permanent link. Periods such as "the last 7 days" count from the moment at which the
view is opened or sent. A view shows nobody more than the list itself does, because `reading` checks the permissions at
that moment.
"""
