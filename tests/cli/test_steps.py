"""When a step is done again: the engine, what the course's steps read, and what they open while they run."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leocourse.authoring.lessons import lessons
from leocourse.cli.steps_table import course_steps, offline_steps
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.site.live.cells import cells
from leocourse.site.stored import is_stored
from leocourse.steps import STATES, Step, Steps, digest, files_of

ROOT = Path(__file__).resolve().parents[2]
EXTRACT = LESSON_EXTRACT.as_posix()


# The engine ----------------------------------------------------------------------------------------


def put(root, name, text="one"):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def joined(root):
    """What the step of these tests does: it writes the names and texts of its inputs into one file."""
    texts = [f"{path.relative_to(root)}={path.read_text()}" for path in files_of(root, ("in", "*.cfg", "!in/not"))]
    put(root, "out/all.txt", "\n".join(texts))


def one(root, **other):
    return Steps(root, [Step("one", ("in", "*.cfg", "!in/not"), ("out",), joined, **other)])


def test_a_step_is_done_once_and_says_why(tmp_path):
    put(tmp_path, "in/a")
    said = []
    assert one(tmp_path).make("one", said.append) and not one(tmp_path).make("one", said.append)
    assert said == ["one: not done yet"] and one(tmp_path).why("one") == ""
    assert one(tmp_path).make("one", said.append, force=True) and said[-1] == "one: asked for"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda root: put(root, "in/a", "two"), "in/a changed"),
        (lambda root: put(root, "in/deep/er/b"), "in/deep/er/b is new"),
        (lambda root: (root / "in/a").unlink(), "in/a is gone"),
        (lambda root: (root / "in/a").rename(root / "in/c"), "in/a is gone"),
        (lambda root: put(root, "new.cfg"), "new.cfg is new"),
        (lambda root: put(root, "out/all.txt", "mine"), "out/all.txt changed, which it wrote"),
        (lambda root: put(root, "out/more.txt"), "out/more.txt is new, which it wrote"),
        (lambda root: shutil.rmtree(root / "out"), "out is missing"),
        (lambda root: put(root, f"{STATES}/one.json", "[]"), "not done yet"),
        (lambda root: put(root, f"{STATES}/one.json", '{"read": {}}'), "not done yet"),
        (lambda root: put(root, f"{STATES}/one.json", ""), "not done yet"),
    ],
)
def test_a_change_is_seen_whatever_the_date_says(tmp_path, change, reason):
    put(tmp_path, "in/a")
    one(tmp_path).make("one")
    before = (tmp_path / "in/a").stat()
    change(tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert one(tmp_path).why("one") == reason
    assert one(tmp_path).make("one") and one(tmp_path).why("one") == ""


@pytest.mark.parametrize("name", ["in/__pycache__/a.pyc", "in/.ipynb_checkpoints/a", "in/not/b", "other", "in/a.pyc"])
def test_what_is_no_input_does_not_matter(tmp_path, name):
    put(tmp_path, "in/a")
    one(tmp_path).make("one")
    put(tmp_path, name)
    assert one(tmp_path).why("one") == ""
    os.utime(tmp_path / "in/a", (1, 1))
    assert one(tmp_path).why("one") == ""


def test_settings_and_what_others_write_into_count(tmp_path):
    put(tmp_path, "in/a")
    put(tmp_path, "book.db")
    told = ["a"]
    steps = one(tmp_path, settings=lambda: told[0], leaves=("book.db",))
    steps.make("one")
    put(tmp_path, "book.db", "more marks")
    assert steps.why("one") == ""
    told[0] = "b"
    assert steps.why("one") == "its settings changed"
    steps.make("one")
    (tmp_path / "book.db").unlink()
    assert steps.why("one") == "book.db is missing"


def test_a_run_that_fails_or_is_stopped_is_done_again(tmp_path):
    put(tmp_path, "in/a")
    one(tmp_path).make("one")

    def half(root):
        put(root, "out/all.txt", "half")
        raise KeyboardInterrupt

    put(tmp_path, "in/a", "two")
    with pytest.raises(KeyboardInterrupt):
        Steps(tmp_path, [replace(one(tmp_path).table["one"], run=half)]).make("one")
    put(tmp_path, "in/a", "one")  # as it was when the step was last done
    assert one(tmp_path).why("one") == "not done yet"


def test_a_change_while_a_step_runs_is_seen_the_next_time(tmp_path):
    put(tmp_path, "in/a")

    def edited(root):
        joined(root)
        put(root, "in/a", "two")

    Steps(tmp_path, [replace(one(tmp_path).table["one"], run=edited)]).make("one")
    assert one(tmp_path).why("one") == "in/a changed"


def test_steps_before_are_done_first_and_once(tmp_path):
    done = []

    def step(name, reads, after=()):
        return Step(name, reads, (f"{name}.txt",), lambda root: (done.append(name), put(root, f"{name}.txt")),
                    after=after)  # fmt: skip

    table = [step("c", ("a.txt", "b.txt"), ("b", "a")), step("b", ("a.txt",), ("a",)), step("a", ("in",))]
    put(tmp_path, "in")
    steps = Steps(tmp_path, table)
    assert steps.make("c") and done == ["a", "b", "c"]
    assert not steps.make("c")
    (tmp_path / "a.txt").unlink()
    assert not steps.make("c") and done == ["a", "b", "c", "a"], "the same came out, so nothing else is done"


@pytest.mark.parametrize("late", ["out/a.txt", "out/new.txt"])
def test_a_step_that_finishes_what_another_wrote_makes_neither_stale(tmp_path, late):
    """As the site runs lessons that failed before: then the next command had run all of both again."""

    def steps(finishes):
        first = Step("first", ("in",), ("out",), lambda root: put(root, "out/a.txt", "half"))
        last = Step("last", ("in", "out"), ("site",), lambda root: (put(root, late, "whole"), put(root, "site/x")),
                    after=("first",), finishes=finishes)  # fmt: skip
        return Steps(tmp_path, [first, last])

    put(tmp_path, "in/a")
    steps(()).make("last")
    assert steps(()).why("first").endswith("which it wrote") and steps(()).why("last")
    steps(("first",)).make("last")
    assert [steps(("first",)).why(name) for name in ("first", "last")] == ["", ""]
    assert not steps(("first",)).make("last")
    put(tmp_path, "out/a.txt", "somebody's")
    assert steps(("first",)).why("first") == "out/a.txt changed, which it wrote"


def test_the_site_may_finish_the_lessons():
    assert course_steps(ROOT).table["site"].finishes == ("lessons",)


def test_what_another_command_made_is_taken_only_if_it_stands(tmp_path):
    put(tmp_path, "in/a")
    put(tmp_path, "out/all.txt", "mine")
    assert not one(tmp_path, stands=lambda root: True).make("one") and (tmp_path / "out/all.txt").read_text() == "mine"
    put(tmp_path, "out/all.txt", "changed")
    assert one(tmp_path, stands=lambda root: True).make("one"), "what it knew was changed by hand"
    (tmp_path / STATES / "one.json").unlink()
    assert one(tmp_path, stands=lambda root: False).make("one")


NAMES = st.sampled_from(["in/a", "in/b", "in/sub/a", "x.cfg", "out/all.txt", "out/b", "in/not/c"])
CHANGES = st.lists(st.tuples(NAMES, st.sampled_from(["one", "two", None])), max_size=12)


@given(CHANGES)
def test_after_any_changes_a_step_that_says_current_has_written_what_it_would(tmp_path_factory, changes):
    root = tmp_path_factory.mktemp("steps")
    put(root, "in/a")
    steps = one(root)
    steps.make("one")
    for name, text in changes:
        if text is None:
            (root / name).unlink(missing_ok=True)
        else:
            put(root, name, text)
        if steps.why("one"):
            steps.make("one")
        there = (root / "out/all.txt").read_text()
        joined(root)
        assert there == (root / "out/all.txt").read_text()


def test_a_digest_sees_names_contents_and_what_is_missing(tmp_path):
    put(tmp_path, "in/a/x")
    seen = {digest([tmp_path / "in"]), digest([tmp_path / "nothing"])}
    for name, text in (("in/a/x", "two"), ("in/b/x", "one")):
        put(tmp_path, name, text)
        seen.add(digest([tmp_path / "in"]))
    shutil.move(tmp_path / "in/b/x", tmp_path / "in/a/y")
    assert len({*seen, digest([tmp_path / "in"]), digest([tmp_path / "in/a/x"])}) == 6


# The course's steps: each file whose change used to be missed -------------------------------------


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the course as git has it, in which every step is taken for done."""
    root = tmp_path_factory.mktemp("course")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if not name.startswith(("tests/", "benchmarks/")) and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    for name in (f"{EXTRACT}/manifest.json", f"{EXTRACT}/views.sql", f"{EXTRACT}/keys/01.json",
                 f"{EXTRACT}-truth/manifest.json", "_build/web/program.json", "_build/web/steps.json",
                 "book/reference/generated/ks1.md", "_build/html/index.html"):  # fmt: skip
        put(root, name)
    table = [replace(step, run=lambda root: None) for step in every(root).values()]
    for step in table:
        Steps(root, [replace(step, after=(), finishes=())]).make(step.name)
    return root


def every(root):
    """The steps of the course, and those of what works offline, by name."""
    return course_steps(root).table | offline_steps(root, Path("_build/offline"), print).table


def touched(root, name):
    """The steps that read a file: those whose reasons name it, once a line was added to it."""
    path = root / name
    before = path.read_bytes() if path.is_file() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((before or b"") + b"\n")
    try:
        steps = Steps(root, every(root).values())
        return {each for each in steps.table if re.match(f"{re.escape(name)} (changed|is new)$", steps.why(each))}
    finally:
        path.unlink() if before is None else path.write_bytes(before)


LESSONS = {"lesson-inputs", "site"}
PAGES = {"reference", "practice", "measures"}
ALWAYS = {"samples", "offline-site"}
"""Of the whole package and all data."""


@pytest.mark.parametrize(
    ("name", "again", "left"),
    [
        # lessons call measures, and say what may leave
        ("leocourse/measures/background/sex.sql", {*LESSONS, "web-data", "keys", *PAGES}, {"extract", "web-program"}),
        ("leocourse/measures/background/new.sql", {*LESSONS, "web-data", "keys", *PAGES}, {"extract"}),
        ("leocourse/disclosure/disclosure.toml", {*LESSONS, "keys", "samples"}, {"extract", "web-program"}),
        ("leocourse/lesson.py", {*LESSONS, "web-data"}, {"extract", "keys", "release", *PAGES}),
        ("requirements.txt", {*LESSONS, "keys", "web-data"}, {"extract"}),
        (f"{EXTRACT}/manifest.json", {*LESSONS, "keys", "web-data", "reference", "measures"}, {"release", "practice"}),
        ("data/reference/universities.csv", {*LESSONS, "keys", "web-data", "reference", "measures"}, {"extract"}),
        ("data/schema/datapackage.json", {*LESSONS, "extract", "keys", "web-data", *PAGES}, {"web-program"}),
        # a lesson: no other is run again
        ("book/intro/what-leo-is.md", {"lessons", "site", "web-data", "reference", "keys"}, {"lesson-inputs", "shell"}),
        # the site and the command line: no lesson runs again
        ("leocourse/site/sphinx.py", {"shell", "site"}, {"lesson-inputs", "lessons", "keys", *PAGES}),
        ("leocourse/site/tidy.py", {"shell", "site"}, {"lesson-inputs", "lessons", "keys", *PAGES}),
        ("leocourse/site/build.py", {"site", *PAGES}, {"lesson-inputs", "lessons", "shell", "keys"}),
        ("leocourse/site/offline.py", {"offline-csv"}, {*LESSONS, "lessons", "shell", "samples", *PAGES}),
        ("leocourse/cli/extracts.py", {"offline-site"}, {*LESSONS, "lessons", "shell", "samples", *PAGES, "extract", "keys"}),
        ("leocourse/grading/grade.py", {"samples"}, {*LESSONS, "lessons", "keys", "release", *PAGES}),
        ("leocourse/srs/run.py", {"samples"}, {*LESSONS, "lessons", "keys"}),
        ("_toc.yml", {"shell", "site", "lessons", "reference", "web-data"}, {"lesson-inputs", "keys"}),
        ("_config.yml", {"shell", "site"}, {"lesson-inputs", "lessons"}),
        ("book/_static/leo.css", {"shell", "site"}, {"lesson-inputs", "lessons"}),
        ("book/reference/generated/ks1.md", {"site"}, {"lesson-inputs", "lessons", "shell", "web-data"}),
        # page data and the program of the pages
        ("leocourse/site/live/cells.py", {"web-data", "practice", "shell", "site"}, {"lesson-inputs", "keys"}),
        ("leocourse/site/live/data.py", {"web-data"}, {"lesson-inputs", "keys"}),
        (f"{EXTRACT}/keys/01.json", {"web-data"}, {*LESSONS, *PAGES}),
        ("web/src/app.js", {"web-program"}, {"web-packages", "lesson-inputs"}),
        ("web/trim.mjs", {"web-program"}, {"web-packages"}),
        ("book/_static/drafts.js", {"web-program", "shell"}, {"web-packages"}),
        ("web/package-lock.json", {"web-packages", "web-program"}, LESSONS),
        # reference pages are made from all of these
        ("leocourse/site/pages/fidelity.py", PAGES, {*LESSONS, "lessons", "web-data"}),
        ("leocourse/authoring/release.py", {*PAGES, "keys", "release", "web-data"}, {"lesson-inputs", "lessons"}),
        ("leocourse/fidelity/correlations.py", PAGES, {"extract", "keys", *LESSONS}),
        ("leocourse/fidelity/effects/furlough.py", PAGES, {"extract", "keys", *LESSONS}),
        ("data/reference/fidelity.csv", {"reference"}, {"extract", "web-program"}),
        ("data/reference/low-fidelity.csv", {"reference"}, {"extract"}),
        ("data/reference/coverage.csv", {"reference"}, {"extract"}),
        ("data/reference/effects.json", {"reference"}, {"extract"}),
        ("exercises/06-table-for-release/new.ipynb", {"practice", "reference", "samples"}, {"lesson-inputs", "keys"}),
        ("solutions/misconceptions.toml", {*PAGES, "keys", "release", "web-data", "shell"}, {"extract", "lessons"}),
        # the extract's version
        ("data/reference/estimands.json", {"extract", "reference"}, {"web-program"}),
        ("leocourse/extract/lives/pay.py", {"extract", *PAGES, "offline-csv"}, {*LESSONS, "keys", "web-data"}),
        ("leocourse/fidelity/published.py", PAGES, {"extract"}),
        # what is handed out
        ("nbgrader_config.py", {"release", "samples"}, {"keys", *LESSONS}),
        ("leocourse/checks/answer.py", {*LESSONS, "release", "keys", "web-data", "samples", *PAGES}, {"extract"}),
        ("docs/marking.md", {"offline-site"}, {*LESSONS, *PAGES}),
    ],
)  # fmt: skip
def test_a_change_is_seen_by_what_depends_on_it_and_by_nothing_else(tree, name, again, left):
    found = touched(tree, name)
    assert again <= found, f"not seen by {sorted(again - found)}"
    assert not left & found, f"needlessly done: {sorted(left & found)}"


def test_an_address_makes_a_new_site_and_runs_no_lesson(tree, monkeypatch):
    monkeypatch.setenv("LEO_BOOK_URL", "https://example.org/")
    steps = Steps(tree, course_steps(tree).table.values())
    assert {name for name in steps.table if steps.why(name) == "its settings changed"} == {"shell", "site"}


def test_jupyterlite_in_the_site_is_not_the_sites(tree):
    steps = course_steps(tree)
    before = steps.why("site")
    put(tree, "_build/html/lite/index.html")
    assert steps.why("site") == before
    put(tree, "_build/html/mine.html")
    assert steps.why("site") == "_build/html/mine.html is new, which it wrote" or before


# What steps load and open ---------------------------------------------------------------------------

LOADED = """
import json, sys
from pathlib import Path
for name in {modules!r}:
    __import__(name)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps([file for file in files if file]))
"""


def lesson_modules():
    """The modules of the package that lessons import."""
    found = {"leocourse.disclosure"}  # loaded by its name, as leo.disclosure
    for page in lessons(ROOT):
        if is_stored(page):  # what it gave is kept, and the book does not run it
            continue
        for cell in cells(page.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse("\n".join(re.sub(r"^%.*", "", line) for line in cell.code.split("\n")))):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("leocourse"):
                    found.add(node.module)
                if isinstance(node, ast.Import):
                    found |= {each.name for each in node.names if each.name.startswith("leocourse")}
    return sorted(found)


@pytest.mark.parametrize(
    ("steps", "modules"),
    [
        (["lesson-inputs"], None),
        (["shell", "site"], ["leocourse.site.sphinx", "leocourse.site.live.sphinx"]),
        (["keys", "release"], ["leocourse.authoring.release"]),
        (["reference", "practice", "measures"], ["leocourse.site.build"]),
        (["web-data"], ["leocourse.site.live.program"]),
        (["extract"], ["leocourse.extract"]),
        (["offline-csv"], ["leocourse.site.offline", "leocourse.validation.package"]),
        (["samples"], ["leocourse.grading.grade", "leocourse.grading.samples"]),
    ],
)
def test_every_module_that_a_step_loads_is_among_its_inputs(steps, modules):
    code = LOADED.format(modules=modules or lesson_modules())
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {Path(file) for file in json.loads(done.stdout) if Path(file).is_relative_to(ROOT / "leocourse")}
    assert loaded
    table = every(ROOT)
    for name in steps:
        missed = loaded - set(files_of(ROOT, table[name].reads)) - MACHINERY
        if name == "extract":  # what decides a row; the package's face is loaded with it, and decides none
            missed = {path for path in missed if path.relative_to(ROOT).parts[1] not in FACE}
        assert not missed, f"{name} loads {sorted(path.relative_to(ROOT).as_posix() for path in missed)}"


MACHINERY = {ROOT / "leocourse" / name for name in ("steps.py", "cli/__init__.py", "cli/steps_table.py")}
"""They say what is done when, and make nothing."""
FACE = ("__init__.py", "core", "checks", "measures")
"""What ``import leocourse`` loads. The order of modules keeps the extract from depending on measures and checks."""
HOOK = """
import os, sys
_folder = os.environ.get("OPENED")
if _folder:
    _seen = set()
    def _note(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & (os.O_WRONLY | os.O_RDWR) == 0:
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path.startswith(os.environ["OPENED_ROOT"] + os.sep) and path not in _seen:
                _seen.add(path)
                fd = os.open(os.path.join(_folder, str(os.getpid())), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.write(fd, path.encode() + b"\\n")
                os.close(fd)
    sys.addaudithook(_note)
"""
"""Writes down, for each process, what Python opens to read below a folder. Children inherit it."""
RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from leocourse.cli.steps_table import course_steps
from leocourse.steps import Steps
if __name__ == "__main__":  # children are spawned
    course_steps(Path.cwd()).table[sys.argv[1]].run(Path.cwd())
"""


def opened(name, tmp_path):
    """The files of the course that a step opens, itself and its children, while it runs in the course's folder."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "opened").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(HOOK)
    script = tmp_path / "run.py"
    script.write_text(RUN)
    environment = os.environ | {
        "PYTHONPATH": str(tmp_path / "hook"), "OPENED": str(tmp_path / "opened"), "OPENED_ROOT": str(ROOT)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(script), name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    written = [path.read_text().split("\n") for path in (tmp_path / "opened").iterdir()]
    return {Path(line) for lines in written for line in lines if line}, len(written)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "processes"),
    [("extract", 1), ("release", 2), ("keys", 2), ("reference", 1), ("practice", 1), ("measures", 1), ("web-data", 1),
     ("samples", 2), ("lessons", 3), ("site", 2)],
)  # fmt: skip
def test_every_file_that_a_step_opens_is_among_its_inputs(lesson, tmp_path, name, processes):
    course_steps(ROOT).make(name)  # what it needs is there
    paths, seen = opened(name, tmp_path)
    assert seen >= processes, "children were looked at too"
    step, table = course_steps(ROOT).table[name], course_steps(ROOT).table
    reads = [*step.reads, *(table["lesson-inputs"].reads if name == "lessons" else ())]
    written = [pattern for each in (step, *(table[before] for before in step.after)) for pattern in each.writes]
    known = (
        set(files_of(ROOT, reads)) | set(files_of(ROOT, written)) | MACHINERY
    )  # a record of a folder reads all of it
    missed = {path for path in map(source, paths) if counts(path, step) and path not in known}
    if name == "extract":
        missed = {path for path in missed if path.relative_to(ROOT).parts[:1] != ("leocourse",)
                  or path.relative_to(ROOT).parts[1] not in FACE}  # fmt: skip
    assert not missed, sorted(path.relative_to(ROOT).as_posix() for path in missed)


def source(path):
    """The module that a cached one was compiled from."""
    return path.parent.parent / f"{path.name.split('.')[0]}.py" if path.parent.name == "__pycache__" else path


def counts(path, step):
    """Whether a file is one of the course: not of the environment, of git, or what the step itself leaves."""
    parts = path.relative_to(ROOT).parts
    own = any(path == ROOT / left for left in step.leaves) or path.name.startswith((".leo-", "gradebook.db"))
    scratch = parts[0] == "_build" and (parts[1:2] and (parts[1].startswith((".", "release.", "jupyter_execute"))
                                                        or parts[1].endswith(".log")))  # fmt: skip
    return path.is_file() and parts[0] not in (".venv", ".git") and not own and not scratch
