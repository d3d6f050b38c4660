"""The command: every step is there, errors are one line, and a second run does only what changed."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys

import pytest

from leocourse.authoring.release import tool_environment
from leocourse.cli import steps_table
from leocourse.measures import model
from leocourse.schema import load_schema


def leo(*arguments, cwd=None, **variables):
    command = [sys.executable, "-m", "leocourse.cli", *map(str, arguments)]
    environment = {**tool_environment(), "COLUMNS": "200", **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_every_step_of_the_makefile_is_a_subcommand(root):
    text = (root / "Makefile").read_text()
    called = set(re.findall(r"\$\(BIN\)/leo (\w+)", text))
    _, help_text, _ = leo("--help", cwd=root)
    assert {"course", "extract", "release", "book", "samples", "test", "lab", "serve", "clean"} <= called
    assert all(re.search(rf"^  {name} ", help_text, re.M) for name in called | {"grade"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "--people", "0", "--output", "x"], "--people must be between 1 and 60,000,000: got 0."),
        (["extract", "--people", "-3", "--output", "x"], "--people must be"),
        (["extract", "--seed", "-1", "--output", "x"], "--seed must be a whole number"),
        (["extract", "--people", "5", "--without", "gremlins", "--output", "x"], "Unknown fault 'gremlins': choose from"),
        (["grade", "nowhere"], "There is no folder or zip called"),
        (["extract", "--people", "5", "--output", "/" + "x" * 300], "File name too long"),
        (["grade", "tests", "--seeds", "7", "7"], "two different whole numbers"),
    ],
)  # fmt: skip
def test_what_a_user_can_put_right_is_one_line(root, tmp_path, arguments, words):
    arguments = [str(tmp_path / part) if part in ("x", "nowhere") else part for part in arguments]
    code, out, err = leo(*arguments, cwd=root)
    assert code == 2 and re.search(words, err), err
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in out + err
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a place where nobody may make a folder")
def test_a_place_that_marks_cannot_go_to_is_one_clear_line(root, sandbox, tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "06-table-for-release.ipynb").write_text("{}")
    code, _, err = leo("grade", tmp_path, "--output", "/proc/x", cwd=root)
    assert (code, err) == (2, "leo: /proc/x: No such file or directory.\n")


def test_a_port_in_use_is_one_clear_line(root):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, err = leo("serve", "--port", taken.getsockname()[1], cwd=root)
    assert code == 2 and re.search("cannot be used|There is no built book", err)


def test_an_extract_of_any_size_and_seed_is_made_once(root, tmp_path):
    folder = tmp_path / "small"
    code, out, _ = leo("extract", "--people", 200, "--seed", 5, "--output", folder, cwd=root)
    assert code == 0 and "200 people" in out and (folder / "manifest.json").is_file()
    code, out, _ = leo("extract", "--people", 200, "--seed", 5, "--output", folder, cwd=root)
    assert code == 0 and "current" in out
    code, out, _ = leo("extract", "--people", 300, "--seed", 5, "--output", folder, cwd=root)
    assert code == 0 and "300 people" in out and "current" not in out


def test_an_unwritable_folder_is_one_clear_line(root):
    code, _, err = leo("extract", "--people", 5, "--output", "/proc/extract", cwd=root)
    assert code == 2 and "Cannot write the extract to /proc/extract" in err


def test_outside_the_course_the_command_still_finds_it(tmp_path):
    code, out, _ = leo("--help", cwd=tmp_path)
    assert code == 0 and "course" in out


def test_marking_tells_by_its_exit_code_that_something_could_not_be_marked(root, lesson, sandbox, tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "06-table-for-release.ipynb").write_text("{")
    # The environment's tools are not on the PATH of somebody who calls .venv/bin/leo.
    code, out, _ = leo("grade", tmp_path / "in", "--output", tmp_path / "out", cwd=root, PATH=os.defpath)
    assert code == 1 and "not marked" in out and "looks cut off" in out


def test_no_measure_reads_a_table_that_the_advanced_extract_leaves_out():
    schema = load_schema()
    tables = {view.name.lower(): table.name for table in schema.tables.values() for view in table.views}
    left_out = set(schema.tables) - set(steps_table.tables_of_estimates())
    assert left_out
    for name in model.names():
        words = set(re.findall(r"\w+", model.load(name).sql.lower()))
        read = {tables[word] for word in words & set(tables)}
        assert not read & left_out, (
            f"{name} reads {sorted(read & left_out)}, which 'leo extract --advanced' leaves out."
        )


def test_the_advanced_extract_has_the_tables_of_estimates_and_no_single_examinations(root, tmp_path):
    code, out, _ = leo("extract", "--advanced", "--people", 60, "--output", tmp_path / "advanced", cwd=root)
    assert code == 0 and "60 people" in out
    tables = json.loads((tmp_path / "advanced" / "manifest.json").read_text(encoding="utf-8"))["tables"]
    assert {"school_census", "ks4_pupil", "hesa", "leo_earnings", "cla"} <= set(tables)
    assert not set(tables) & {"ks5_exam", "plams", "ks3_result"}
    code, out, _ = leo("extract", "--advanced", "--people", 60, "--output", tmp_path / "advanced", cwd=root)
    assert code == 0 and "current" in out
    code, _, error = leo("extract", "--advanced", "--record", cwd=root)
    assert code != 0 and "--record is for the lesson extract" in error
