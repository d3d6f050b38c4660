"""Speed and memory of marking: ``nbgrader autograde`` against ``leo grade``, with and without its sandbox.

``python benchmarks/marking.py --submissions 50`` writes honest submissions (each question right, with a slip, or
empty), marks them in each way, proves that all ways give equal marks, and prints seconds per submission and the
peak memory of all processes together. ``leo grade`` is timed as a whole, its extracts and keys included, and its
submissions alone. It runs before nbgrader and once more after it, and the mean counts: the speed of a machine that
others share changes meanwhile. ``--only sandbox --submissions 2000`` shows whether time grows in proportion.

``--otter PYTHON`` (or ``$LEO_OTTER``) adds ``otter run`` on the first few submissions. PYTHON is that of an environment with the course's
requirements, this package and otter-grader. Otter gets one test a question, which calls the course's own check.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from leocourse.authoring.question import assignment_folders, load_assignment, notebook_of
from leocourse.authoring.release import tool_environment
from leocourse.core.connect import connect
from leocourse.core.paths import LESSON_EXTRACT, course_root
from leocourse.grading.samples import write_samples
from leocourse.site.figures import json_option, keep_rows

SEED = 7
POLL_SECONDS = 3.0
"""Looking at the memory of processes takes time from them."""
OTTER_SUBMISSIONS = 2
CREDITS = (0.0, 0.5, 0.75, 0.9, 1.0)
"""The credits that a check can give. Otter's test cases pass or fail, so a question has one for each step."""
HARD_CODED = ("06-table-for-release", "q3")
"""The one sample slip that copies numbers from the public extract, which only marking on an unseen one notices."""


@dataclass
class Way:
    """One way of marking, and what it took."""

    name: str
    seconds: float = 0.0
    alone: float = 0.0
    cpu: float = 0.0
    """CPU seconds of all processes: what to compare where the machine has other work."""
    peak_bytes: int = 0
    marks: dict[str, float] = field(default_factory=dict)


def write_submissions(root: Path, course: Path, folder: Path, number: int) -> None:
    """Honest submissions to the assignment in ``folder``, in nbgrader's ``submitted`` tree."""
    name, notebook = folder.name, notebook_of(folder)
    samples = write_samples(root, course / "samples", name)
    books = {each: json.loads((samples / each / f"{name}.ipynb").read_text()) for each in ("right", "slips", "empty")}
    dice, questions = random.Random(SEED), {question.name for question in load_assignment(folder).questions}
    for student in range(number):
        book = json.loads(json.dumps(books["right"]))
        for place, cell in enumerate(book["cells"]):
            question = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if cell["cell_type"] == "code" and question in questions and (name, question) != HARD_CODED:
                book["cells"][place] = books[dice.choice(("right", "right", "slips", "empty"))]["cells"][place]
        path = course / "submitted" / f"s{student:04}" / name / f"{notebook}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(book))


def marks(database: Path, assignment: str) -> dict[str, float]:
    """The points of the machine by student, as the gradebook has them."""
    with Gradebook(f"sqlite:///{database}", course_id="leo-course") as book:
        return {each.student_id: each.score for each in book.assignment_submissions(assignment)}


def leo(way: Way, course: Path, assignment: str, workers: int) -> None:
    """Mark every submission with ``leo grade``, and note when the feedback of the first and the last was there."""
    output = Path(tempfile.mkdtemp(dir=course))
    command = [*way.name.split(), "submitted", "--output", output, "--workers", workers]
    run(way, list(map(str, command)), course)
    times = sorted(page.stat().st_mtime for page in output.glob("feedback/*/*/feedback.html"))
    way.alone = (times[-1] - times[0]) / max(len(times) - 1, 1)
    way.marks = marks(output / "gradebook.db", assignment)


def otter(way: Way, course: Path, assignment: Path, python: str) -> None:
    """Mark the first few submissions with ``otter run``, and note the mean of their seconds."""
    tests, tools = course / "otter" / "tests", Path(python).parent
    tests.mkdir(parents=True)
    for question in load_assignment(assignment).questions:
        kept = f"found_{question.name}"  # checked once, although every case is run
        found = f">>> {kept} = globals().get('{kept}') or check('{question.name}', {question.answer_name})\n"
        cases = [
            {"code": f"{found}>>> assert {kept}.credit >= {credit}\n", "points": (credit - before) * question.points}
            for before, credit in pairwise(CREDITS)
        ]  # fmt: skip
        suite = {"cases": [case | {"hidden": False, "locked": False} for case in cases], "type": "doctest"}
        test = {
            "name": question.name,
            "points": None,
            "suites": [suite | {"scored": True, "setup": "", "teardown": ""}],
        }
        (tests / f"{question.name}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n")
    folder = tests.parent
    run(Way("tests"), [str(tools / "otter"), "generate", "-t", "tests", "-o", "tests.zip", "--no-environment"], folder)
    for submission in sorted((course / "submitted").iterdir())[:OTTER_SUBMISSIONS]:
        (notebook,) = submission.rglob("*.ipynb")
        one = Way(way.name)
        run(one, [str(tools / "otter"), "run", "-a", "tests.zip", str(notebook)], folder)
        scores = json.loads((folder / "results.json").read_text())["tests"]
        way.marks[submission.name] = round(sum(each.get("score") or 0 for each in scores), 4)
        way.seconds, way.cpu = way.seconds + one.seconds, way.cpu + one.cpu
        way.peak_bytes = max(way.peak_bytes, one.peak_bytes)
    way.alone = way.seconds / len(way.marks)


def run(way: Way, command: list[str], cwd: Path) -> str:
    """Run a command, and note its time and the peak of proportional memory (PSS) of all its processes, now and then."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, cwd=cwd, env=_environment(cwd), stdout=out, stderr=subprocess.STDOUT)
        done = threading.Event()
        watch = threading.Thread(target=_watch, args=(way, process.pid, done))
        watch.start()
        code = process.wait()
        way.seconds = time.monotonic() - started
        done.set()
        watch.join()
        out.seek(0)
        said = out.read()
    if code != 0:
        raise SystemExit(f"{way.name} failed:\n{said[-3000:]}")
    return said


def _environment(course: Path) -> dict[str, str]:
    extract = next(each / LESSON_EXTRACT for each in (course, *course.parents) if (each / LESSON_EXTRACT).exists())
    return {**tool_environment(), "LEO_EXTRACT": str(extract), "PYTHONPATH": str(course_root())}


def _watch(way: Way, root: int, done: threading.Event) -> None:
    while not done.wait(POLL_SECONDS):
        tree = _tree(root)
        way.peak_bytes = max(way.peak_bytes, sum(map(_memory, tree)))
        way.cpu = max(way.cpu, sum(map(_cpu, tree)))


def _tree(root: int) -> list[int]:
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, todo = [], [root]
    while todo:
        process = todo.pop()
        found.append(process)
        todo += [each for each, parent in parents.items() if parent == process]
    return found


def _cpu(process: int) -> float:
    """CPU seconds of a process and of its children that ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def line(way: Way, ways: list[Way], submissions: int) -> dict:
    """What is kept of one way: see :mod:`leocourse.site.figures`."""
    each = way.seconds / len(way.marks)
    slow = next((other.alone for other in ways if other.name == "nbgrader autograde"), None)
    of = "" if len(way.marks) == submissions else f" ({len(way.marks)} of them)"
    return {
        f"{submissions:,} submissions": f"`{way.name}`{of}",
        "seconds a submission": round(each, 2),
        "without setting up": round(way.alone, 2),
        "times faster": slow and round(slow / each, 1),
        "without setting up, times faster": slow and round(slow / way.alone, 1),
        "peak memory, GB": round(way.peak_bytes / 2**30, 1),
    }


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=50)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--assignment", help="its folder's name (default: the first)")
    parser.add_argument("--otter", metavar="PYTHON", default=os.environ.get("LEO_OTTER"), help="or $LEO_OTTER")
    parser.add_argument("--only", choices=("ours", "sandbox", "all"), default="all")
    json_option(parser)
    chosen = parser.parse_args()
    root = course_root()
    with connect(root / LESSON_EXTRACT):
        pass  # says what to do if there is no extract
    with tempfile.TemporaryDirectory(prefix="leo-benchmark-") as name:
        course = Path(name)
        for part in ("solutions", "exercises", "data/schema", "data/reference"):
            shutil.copytree(root / part, course / part)
        for part in ("nbgrader_config.py", "_toc.yml"):
            shutil.copy(root / part, course / part)
        (course / LESSON_EXTRACT).parent.mkdir(parents=True)
        (course / LESSON_EXTRACT).symlink_to(root / LESSON_EXTRACT)
        folders = {folder.name: folder for folder in assignment_folders(root)}
        assignment = chosen.assignment or next(iter(folders))
        if not (root / LESSON_EXTRACT / "keys" / f"{assignment}.json").is_file():  # nbgrader's checks need it
            raise SystemExit(f"The lesson extract has no key for {assignment}: run 'leo release' first.")
        write_submissions(root, course, folders[assignment], chosen.submissions)
        ways = [Way("leo grade"), *([Way("leo grade --unsafe")] if chosen.only != "sandbox" else [])]
        ours = list(ways)
        for way in ours:
            leo(way, course, assignment, chosen.workers)
        if chosen.only == "all":
            nbgrader = [sys.executable, "-m", "nbgrader"]
            run(Way("release"), [*nbgrader, "generate_assignment", assignment, "--force"], course)
            way = Way("nbgrader autograde")
            run(way, [*nbgrader, "autograde", assignment], course)
            way.alone = way.seconds / chosen.submissions
            way.marks = marks(course / "gradebook.db", assignment)
            ways.append(way)
            for before in ours:
                after = Way(before.name)
                leo(after, course, assignment, chosen.workers)
                print(f"{after.name}: {before.seconds:.1f} seconds before nbgrader, {after.seconds:.1f} after it")
                for figure in ("seconds", "alone", "cpu"):
                    setattr(before, figure, (getattr(before, figure) + getattr(after, figure)) / 2)
                before.peak_bytes = max(before.peak_bytes, after.peak_bytes)
                if after.marks != before.marks:
                    raise SystemExit(f"The marks of two runs of {after.name} are not equal.")
        if chosen.otter:
            ways.append(Way("otter run"))
            otter(ways[-1], course, folders[assignment], chosen.otter)
    wanted = ways[0].marks
    different = [each.name for each in ways if {name: wanted.get(name) for name in each.marks} != each.marks]
    table = Table(title=f"{chosen.submissions} submissions, {chosen.workers} workers")
    for column in (
        "",
        "submissions",
        "seconds in all",
        "seconds a submission",
        "without setting up",
        "CPU seconds",
        "faster",
        "peak MB",
    ):
        table.add_column(column)
    each = {way.name: way.seconds / len(way.marks) for way in ways}
    for way in ways:
        faster = each.get("nbgrader autograde", math.nan) / each[way.name]
        table.add_row(
            way.name, str(len(way.marks)), f"{way.seconds:.1f}", f"{each[way.name]:.3f}", f"{way.alone:.3f}",
            f"{way.cpu:.1f}", f"{faster:.1f}", f"{way.peak_bytes / 2**20:.0f}",
        )  # fmt: skip
    Console().print(table)
    if different or len(wanted) != chosen.submissions:
        raise SystemExit(f"The marks are not equal: {', '.join(different) or 'some are missing'}")
    print(f"Equal marks in all {len(ways)} ways, {sum(wanted.values()):g} points in all.")
    keep_rows(chosen.json, [line(way, ways, chosen.submissions) for way in ways])


if __name__ == "__main__":
    main()
