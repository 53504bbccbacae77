"""docs/recovering.md: each of its commands is run, in the situation that its section is about."""

import logging
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.integrity.kept import journal
from audit.models import UserStateAudit
from tests.audit.put_back import A_VERSION_BACK
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path("docs/recovering.md").read_text()
COMMAND = re.compile(r"^python manage\.py (?P<arguments>[^#\n]+?)(?:\s+# (?P<comment>.*))?$", re.MULTILINE)
RECORDS = UserStateAudit._meta.db_table


def section(heading: str) -> list[tuple[list[str], str]]:
    """The commands of a section, each with what the page says of its exit code."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    return [(shlex.split(each["arguments"]), each["comment"] or "") for each in COMMAND.finditer(blocks)]


def run(arguments: list[str]) -> int:
    """Run a command as the shell would, with its redirection; return the exit code."""
    out, target, mode = StringIO(), None, "w"
    for sign, how in ((">", "w"), (">>", "a")):
        if sign in arguments:
            place = arguments.index(sign)
            arguments, target, mode = arguments[:place], arguments[place + 1], how
    code = 0
    try:
        call_command(*arguments, stdout=out, stderr=StringIO())
    except CommandError as error:
        code = error.returncode
    if target:
        with Path(target).open(mode) as file:
            file.write(out.getvalue())
    return code


@pytest.fixture
def site(transactional_db, tmp_path, monkeypatch):
    """Where `checkpoints` and `journal` are, of a site at which Alice and Bob were locked."""
    monkeypatch.chdir(tmp_path)
    handler = logging.FileHandler("journal")
    journal.logger.addHandler(handler)
    people = [make_user(name) for name in ("alice", "bob")]
    run(["audit_checkpoint", ">>", "checkpoints"])
    for person in people:
        person.fsm.lock(by="system")
    run(["audit_checkpoint", ">>", "checkpoints"])
    yield people
    journal.logger.removeHandler(handler)
    handler.close()


def lose(tamper, user):
    """As if the change had never come to this database."""
    values = [user.pk, UserStateAudit.objects.of(user).latest().sequence]
    tamper(f"DELETE FROM {RECORDS} WHERE user_id = %s AND sequence = %s", values)
    tamper(
        f"UPDATE user_lifecycle_userfsm SET {A_VERSION_BACK}, current_state = 'active' WHERE user_id = %s",
        [user.pk],
    )
    tamper("UPDATE auth_user SET is_active = true WHERE id = %s", [user.pk])
    tamper("DELETE FROM user_audit_auditcheckpoint")


def is_carried_out(heading: str) -> None:
    commands = section(heading)
    assert commands
    for arguments, comment in commands:
        assert run(arguments) == (1 if comment.startswith("exit code 1") else 0), arguments


def test_after_a_failover(site, tamper):
    for person in site:
        lose(tamper, person)

    is_carried_out("After a failover")

    assert len(Path("journal.new").read_text().splitlines()) == UserStateAudit.objects.count()
    assert len(Path("checkpoints").read_text().splitlines()) == 3


def test_after_a_restore(site, tamper):
    lose(tamper, site[0])

    is_carried_out("After a restore")


def test_after_a_tampering_was_found(site, tamper):
    tamper(f"UPDATE {RECORDS} SET description = 'x' WHERE user_id = %s AND sequence = 1", [site[0].pk])

    is_carried_out("After a tampering was found")

    assert '"edited"' in Path("findings.json").read_text()


def test_after_a_clock_was_wrong(site):
    is_carried_out("After a clock was wrong")


def test_a_large_record(site):
    is_carried_out("A large record")

    assert not Path("progress").exists()


def test_each_command_of_the_page_is_in_a_section_that_is_carried_out():
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    with_commands = {heading for heading in headings if section(heading)}

    assert with_commands == {
        "After a failover",
        "After a restore",
        "After a tampering was found",
        "After a clock was wrong",
        "A large record",
    }


def test_an_error_says_when_and_where(site, tamper):
    lose(tamper, site[0])
    with pytest.raises(CommandError) as raised:
        call_command("audit_verify", checkpoint=["checkpoints"], stdout=StringIO())

    assert re.search(r"\(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, host .+, database .+\)", str(raised.value))
