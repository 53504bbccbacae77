"""
Input from clients, cleaned.

Any room may use it: `address` for where a request comes from, `mailbox` for email addresses, `text` and `details` for
what every database, log and spreadsheet accepts, `csv_files` for what spreadsheets open, `browser` for user agents in
words.
"""
