"""The end of the page: what things cost, why they are not cheaper, and what was tried."""

REASONS = """\
## What a transition costs, and why it is not less

- It locks the row before it reads the state, and sends django-fsm's signals once, under the lock. So there are a SELECT
  and an UPDATE, where a package that trusts the instance in memory needs only the UPDATE.
- It writes two rows of history: the record, which is signed and has an index for each question that is asked of it
  ([The record in the admin](records.md#indexes)), and the `StateLog` row of django-fsm-log. It keeps `is_active` in
  step.
- The database checks the rules against every writer ([What the database refuses](refusals.md)). *With triggers* beside
  *without triggers* is what that costs.
- Everything is written by one statement, whose plan PostgreSQL keeps. BEGIN and COMMIT travel with the statements. That
  counts where the database is a network away, and not on one machine: psycopg's pipeline mode takes some hundred more
  calls of functions.
- A bulk transition on PostgreSQL is written in parts of 100 accounts, in one transaction. The server writes one part
  while Python computes the next. A receiver that uses the connection waits for what is under way, so it sees and does
  what it would without this.
- For each account Python builds an instance, two salted digests, a signature and the line of the journal. A bulk
  transition shares statements, not that.
- On SQLite the record, the `StateLog` row, the state and `is_active` are a statement each, because SQLite has no INSERT
  or UPDATE inside WITH. A trigger could keep `is_active` in step, but the triggers are `audit`'s, and `users` works
  without it.

Counted with cProfile, a transition on PostgreSQL takes some 1,400 calls of functions, and one in a bulk transition some
450. Before births, causes and format 2 of the record it was 1,090, without pipeline mode, and 475.

## What was tried, and not kept

- **Everything in one statement, as a bare SQL statement does.** It cannot send a signal for each account. *One
  statement in SQL* has our tables, indexes and triggers, and already takes a multiple of django-pghistory's time, which
  writes one row without a lock, a check or a signature.
- **One index less.** Each answers a question of a page, a filter or the API, which would read the whole table without
  it. The record grew by the columns of births, causes and erasure: two salts, cause, details, actor kind, and by their
  index.
- **Shorter signatures or salts.** The text of a signature is 75 characters and that of a salt 22. Binary columns would
  save a third of that, and would end the rule that the record can be verified from any export as it is.
- **Checks as triggers.** PostgreSQL reads the expressions of a table's CHECK constraints anew for each statement. A
  trigger reads them once for each connection, but migrations and `full_clean()` would not know them.
- **Fewer triggers.** Those of a transition look a row up by its unique index, once for each table that it writes.
  Functions with conditions moved into `WHEN` are not called where nothing can be wrong.

## What visitors cost, and why it is not less

`tests/flows/test_what_visitors_cost.py` and `tests/users/admin/test_statements.py` hold the numbers of statements.

- **A login takes eight statements on PostgreSQL and nine on SQLite**, Django's own takes five. The others are: whether
  the address has to wait, which Django does not ask; the UPDATE by which the right password counts only if the account
  is active at that moment; and one statement for the notes of login, device and failures and the row of the session. On
  SQLite, which has no INSERT after an UPDATE inside WITH, these are two in one transaction. The two UPDATEs cannot be
  one. The first decides in `authenticate()`, before there is a session, and `authenticate()` is also called where
  nobody logs in. Django's own UPDATE of `last_login` stays: it is a `save()`, of which models and receivers of others
  hear. django-axes writes nothing about sessions and devices.
- **Deleting a user takes 17 statements**, and BEGIN and COMMIT. Django collects what refers to the user and deletes it
  table by table. Four are for its own tables, one for django-fsm-log's, two for the state, and six for sessions, saved
  views, mails, tokens and SCIM, which are empty for most people. Cascades of the database would save those, but Django
  has them only from 6.1 on. The death itself takes four: the lock, the scheduled changes that it ends, the emails that
  go with the person, and the record. Where many are deleted at once, these four are for each of them: Django announces
  every row by itself (`pre_delete`), and never says which one is the last before it deletes the first.
- **`audit_prune`** makes the signed form of each record twice: when it is archived, and when it is deleted. Before the
  first one is deleted, the archive is read back from the disk. Each record is deleted only if its line in the archive
  is what the database has.
- **The first migrate** gives each user an account and a signed birth: two rows with their indexes. Half of it is the
  server's and half of it is Python's, which builds and signs the record of each user as for any other change.
"""
