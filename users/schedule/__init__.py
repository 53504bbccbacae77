"""
Work for cron: changes of accounts that depend on the time.

Commands make what is due by `changes`, lift expired locks by `locks`, and warn and deactivate the dormant by
`dormancy`, whose dates the list of people shows.
"""
