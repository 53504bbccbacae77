"""
Writes records of changes, and notes of refused transitions, scheduled changes and reads.

The receivers and the pages that show the record call it. It decides what is noted, not who may do what.
"""
