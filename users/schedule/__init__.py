"""Work for cron: changes of accounts that depend on the time."""
