"""
How rows of the record come into being: of changes, of refused transitions, and of reads.

The receivers and the pages that show the record call it. It decides what is noted, and nothing about who may do what.
"""
