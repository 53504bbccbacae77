"""
Saved views: a name for a list with its filters, one's own or shared, and an email of it every day or every week.

A view is the query of the list's permanent link. Periods in it such as "the last 7 days" are meant as of when it is
opened or sent. Nobody sees more by a view than the list itself shows them: `reading` asks for their permissions then.
"""
