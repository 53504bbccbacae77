"""
What databases need and Django lacks.

Any room may use it: `moments` and `local_time` for times that can be read and shown, `legible` for texts, `one_of` for
conditions on many keys, and `compiled_updates` for statements that are compiled once.
"""
