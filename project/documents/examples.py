"""An example of each command, which a test runs in this order."""

EXAMPLES = (
    "invite people.csv --dry-run",
    "invite people.csv",
    "invite interns.csv --ends 2027-03-31",
    "send_mails",
    'transition lock --state active --group interns --description "the internship is over"',
    'unlock carol --description "identity checked"',
    "unlock_expired",
    "deactivate_dormant --after 90d --warn 14d --dry-run",
    "run_due",
    "audit_verify --user carol",
    "audit_checkpoint --file checkpoint",
    "audit_verify --checkpoint checkpoint",
    "audit_stream --format ecs",
    "audit_export --since 2026-01-01 --format csv --file records.csv",
    "audit_journal --since 2026-01-01",
    'audit_declare_disturbance --from 2026-05-01T10:59 --until 2026-05-01T11:01 --reason "virtual machine restored"',
    'audit_declare_loss --dry-run --reason "failover on 3 May"  # exit code 1: nothing is lost',
    'audit_erase carol --reason "request of 2026-03-01"',
    "audit_prune --before 2025-01-01 --archive 2024.jsonl.gz",
    "audit_carry_over  # exit code 1: this database has nothing under the earlier labels",
)
