"""
The admin's pages for accounts. `users.operations` does what they offer.

The record's pages in the admin show states by `badge`, `diagram`, `moments` and `names`, and build on `acting` and
`person_page`. The API's own pages use `labelled_dates` and `permission_names`; template tags use `deletion`, `forms`,
`scheduling` and `saved_views`, which a command sends.
"""
