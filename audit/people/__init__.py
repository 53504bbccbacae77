"""What people see of the record: their own history."""
