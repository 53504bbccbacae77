"""
Installs and removes what belongs to our tables, and carries databases over from the earlier labels.

The command and the check for databases of before use `carrying_over`.
"""
