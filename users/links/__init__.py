"""
The addresses of our pages, and the links to them in emails: their tokens and their expiry.

`pages` knows the addresses, `account` the links to an account, and `password` those with which a person sets a
password.
"""
