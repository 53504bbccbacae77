"""`docs/refusals.md` says what the tests try, and nothing else."""

from pathlib import Path

from audit.rules import Rule
from tests.audit.refusals import attempts, on_records, on_states, on_steps, on_users

PAGE = Path("docs/refusals.md").read_text()


def cell(refusal: attempts.Refusal) -> str:
    if refusal is None:
        return "–"
    if isinstance(refusal, type):
        return f"`{refusal.__name__}`"
    return f"`{refusal}`"


def rows(tried: attempts.Attempts) -> list[str]:
    return [f"| {each.path} | {cell(each.sqlite)} | {cell(each.postgresql)} | `{each.name}` |" for each in tried]


def table_below(heading: str) -> list[str]:
    section = PAGE.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def test_the_table_of_states_is_what_is_tried():
    assert table_below("### States") == rows(on_states.attempts)


def test_the_table_of_records_is_what_is_tried():
    assert table_below("### Records") == rows(on_records.attempts)


def test_the_table_of_users_is_what_is_tried():
    assert table_below("### Users") == rows(on_users.attempts)


def test_the_table_of_steps_is_what_is_tried():
    assert table_below("### Steps of scheduled changes") == rows(on_steps.attempts)


def test_the_table_of_rules_is_that_of_the_code():
    assert table_below("## The rules") == [f"| `{rule}` | {rule.label} |" for rule in Rule]


def test_each_rule_has_an_attempt_that_it_stops():
    tried = on_states.attempts + on_records.attempts + on_users.attempts + on_steps.attempts
    stopped = {refusal for each in tried for refusal in (each.sqlite, each.postgresql)}

    assert stopped >= set(Rule)
