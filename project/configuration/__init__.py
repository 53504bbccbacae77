"""
What `project/settings.py` is made from: the environment, the mail server, the handler of the journal.

Nothing here needs settings or apps. The demonstration reads `mailers` too.
"""
