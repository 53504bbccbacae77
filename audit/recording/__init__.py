"""
Writes records of changes, and notes of refused transitions, scheduled changes and reads.

The receivers call it, and the pages that show the record call `reads`. It decides what is noted, not who may do what.
"""
