"""Accounts and their history, of many sizes, to measure with."""
