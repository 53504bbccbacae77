"""
The pages on which people see and change their own account.

The admin ends sessions and changes passwords as `account` and `forms` do.
"""
