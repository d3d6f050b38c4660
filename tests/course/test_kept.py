"""What tests keep: made once for all processes and runs, and made again when what it is made from changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kept
import pytest

TOGETHER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import kept

def make(folder):
    with open(sys.argv[1] + "/made.txt", "a") as log:
        log.write("once ")
    (folder / "rows.txt").write_text("rows")

root = Path(sys.argv[1])
print(kept.kept("rows", ["in.txt"], make, root=root) / "rows.txt")
"""


@pytest.fixture
def made(tmp_path):
    """Give the text that is kept of one input, and how often it was made."""
    (tmp_path / "in.txt").write_text("one")
    times = []

    def make(folder: Path) -> None:
        times.append(folder)
        (folder / "out.txt").write_text((tmp_path / "in.txt").read_text())

    def get(*options: object) -> tuple[str, int]:
        folder = kept.kept("text", ["in.txt"], make, *options, root=tmp_path)
        return (folder / "out.txt").read_text(), len(times)

    get.times = times
    return get


def test_it_is_made_once_and_again_when_its_input_or_options_change(made, tmp_path):
    assert made() == made() == ("one", 1)
    (tmp_path / "in.txt").write_text("two")
    assert made() == made() == ("two", 2)
    assert made(5) == made(5) == ("two", 3)
    (tmp_path / "in.txt").write_text("one")
    assert made() == ("one", 3), "what was current before is there still: another run may use it"


def test_what_was_not_finished_is_made_anew(made, tmp_path):
    made()
    (made.times[0] / kept.WHOLE).unlink()
    (made.times[0] / "half.txt").write_text("left by a run that was killed")
    assert made() == ("one", 2) and not (made.times[1] / "half.txt").exists()


def test_what_fails_is_made_again_the_next_time(tmp_path):
    def fail(folder: Path) -> None:
        (folder / "half.txt").touch()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept.kept("rows", [], fail, root=tmp_path)
    assert [path.name for path in kept.kept("rows", [], lambda folder: None, root=tmp_path).iterdir()] == [kept.WHOLE]


def test_processes_that_ask_at_once_make_it_once(tmp_path):
    (tmp_path / "in.txt").write_text("one")
    script = TOGETHER.format(tests=str(kept.ROOT / "tests"))
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate()[0].strip() for process in running}
    assert len(said) == 1 and Path(said.pop()).read_text() == "rows"
    assert (tmp_path / "made.txt").read_text() == "once "
