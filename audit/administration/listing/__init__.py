"""The list of records: its filters, its form to find records, its pages and its columns."""
