"""A newer Python is found wherever it is installed."""

import sys

import pytest

from tests.abroad import newer_python

LACKS_SOMETHING = "#!/bin/sh\necho 'No module named ensurepip' >&2; exit 1\n"


def script(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def says(version):
    return f"#!/bin/sh\necho {version}\n"


@pytest.fixture(autouse=True)
def nothing_else_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))


def test_this_one_is_new_enough_for_itself():
    assert newer_python.found(sys.version_info[:2]) == sys.executable


def test_the_oldest_that_is_new_enough_is_taken_from_the_path_or_from_pyenv(tmp_path):
    script(tmp_path / "bin", "python3.42", says("3 42 0"))
    old = script(tmp_path / "pyenv/versions/3.41.1/bin", "python3", says("3 41 1"))
    script(tmp_path / "pyenv/versions/3.40.9/bin", "python3", says("3 40 9"))

    assert newer_python.found((3, 41)) == old


def test_what_does_not_run_or_lacks_a_part_is_no_python(tmp_path):
    script(tmp_path / "bin", "python3.42", LACKS_SOMETHING)
    (tmp_path / "bin" / "python3.43").write_text("no program")

    assert newer_python.found((3, 41)) is None


def test_what_is_named_as_an_older_one_is_not_started(tmp_path):
    script(tmp_path / "bin", "python3.9", f"#!/bin/sh\ntouch {tmp_path}/started; echo 3 41 0\n")

    assert newer_python.found((3, 41)) is None
    assert not (tmp_path / "started").exists()
