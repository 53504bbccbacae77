"""The pages that people see of themselves."""
