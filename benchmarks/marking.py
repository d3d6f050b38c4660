"""Speed and memory of marking: ``nbgrader autograde`` against ``leo grade``, with and without its sandbox.

``python benchmarks/marking.py --submissions 50`` writes honest submissions (each question right, with a slip, or
empty), marks them in each way, proves that all ways give equal marks, and prints seconds per submission and the
peak memory of all processes together. ``leo grade`` is timed as a whole, its extracts and keys included, and its
submissions alone. ``--only ours --submissions 2000`` shows whether time grows in proportion.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from leocourse.checks.keys import assignments
from leocourse.connect import connect
from leocourse.grading.grade import notebook_of
from leocourse.grading.samples import write_samples
from leocourse.paths import LESSON_EXTRACT, course_root
from leocourse.release import tool_environment

RUN = """
import sys, time
from pathlib import Path

if __name__ == "__main__":  # the processes that make extracts read this file too, and need none of it
    from leocourse.grading.grade import grade
    from leocourse.grading.sandbox import isolation

    source, root, output, unsafe, workers = sys.argv[1:]
    times = []
    done = grade(Path(source), Path(root), Path(output), how=isolation(unsafe=unsafe == "unsafe"), workers=int(workers),
                 progress=lambda *_: times.append(time.monotonic()))
    print("first and last", times[0], times[-1], len(times))
"""
SEED = 7
POLL_SECONDS = 0.5
DATA_DEPENDENT = ("q1", "q2", "q4", "q5", "q6")
"""Questions whose sample slip does not copy numbers from the public extract, so that every way marks it alike."""


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


def write_submissions(root: Path, course: Path, number: int) -> str:
    """Honest submissions in nbgrader's ``submitted`` tree. Returns the name of the assignment."""
    folder = assignments(root)[0]
    name, notebook = folder.name, notebook_of(folder)
    samples = write_samples(root, course / "samples")
    books = {each: json.loads((samples / each / f"{name}.ipynb").read_text()) for each in ("right", "slips", "empty")}
    dice = random.Random(SEED)
    for student in range(number):
        book = json.loads(json.dumps(books["right"]))
        for place, cell in enumerate(book["cells"]):
            if cell["metadata"].get("nbgrader", {}).get("grade_id") in DATA_DEPENDENT:
                book["cells"][place] = books[dice.choice(("right", "right", "slips", "empty"))]["cells"][place]
        path = course / "submitted" / f"s{student:04}" / name / f"{notebook}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(book))
    return name


def marks(database: Path, assignment: str) -> dict[str, float]:
    """The points of the machine by student, as the gradebook has them."""
    with Gradebook(f"sqlite:///{database}", course_id="leo-course") as book:
        return {each.student_id: each.score for each in book.assignment_submissions(assignment)}


def run(way: Way, command: list[str], cwd: Path) -> str:
    """Run a command, and note its time and the peak of proportional memory (PSS) of all its processes."""
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
    return {**tool_environment(), "LEO_EXTRACT": str(course / LESSON_EXTRACT), "PYTHONPATH": str(course_root())}


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


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=50)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", choices=("ours", "sandbox", "all"), default="all")
    chosen = parser.parse_args()
    root = course_root()
    with connect(root / LESSON_EXTRACT):
        pass  # says what to do if there is no extract
    ways = []
    with tempfile.TemporaryDirectory(prefix="leo-benchmark-") as name:
        course = Path(name)
        for part in ("solutions", "exercises", "data/schema", "data/reference"):
            shutil.copytree(root / part, course / part)
        for part in ("nbgrader_config.py", "_toc.yml"):
            shutil.copy(root / part, course / part)
        (course / LESSON_EXTRACT).parent.mkdir(parents=True)
        (course / LESSON_EXTRACT).symlink_to(root / LESSON_EXTRACT)
        assignment = write_submissions(root, course, chosen.submissions)
        kinds = {"sandbox": ["safe"], "ours": ["safe", "unsafe"], "all": ["safe", "unsafe"]}[chosen.only]
        for kind in kinds:
            way = Way("leo grade" if kind == "safe" else "leo grade --unsafe")
            output = course / f"marked-{kind}"
            command = [sys.executable, "-c", RUN, course / "submitted", course, output, kind, chosen.workers]
            (course / "run.py").write_text(RUN)
            command[1:3] = [course / "run.py"]
            said = run(way, list(map(str, command)), course)
            first, last, number = said.split("first and last ")[1].split()[:3]
            way.alone = (float(last) - float(first)) / max(int(number) - 1, 1)
            way.marks = marks(output / "gradebook.db", assignment)
            ways.append(way)
        if chosen.only == "all":
            nbgrader = [sys.executable, "-m", "nbgrader"]
            run(Way("release"), [*nbgrader, "generate_assignment", assignment, "--force"], course)
            way = Way("nbgrader autograde")
            run(way, [*nbgrader, "autograde", assignment], course)
            way.alone = way.seconds / chosen.submissions
            way.marks = marks(course / "gradebook.db", assignment)
            ways.append(way)
    different = [each.name for each in ways if each.marks != ways[0].marks]
    table = Table(title=f"{chosen.submissions} submissions, {chosen.workers} workers")
    for column in (
        "",
        "seconds in all",
        "seconds a submission",
        "without setting up",
        "CPU seconds",
        "faster",
        "peak MB",
    ):
        table.add_column(column)
    slowest = ways[-1].seconds
    for way in ways:
        table.add_row(
            way.name, f"{way.seconds:.1f}", f"{way.seconds / chosen.submissions:.3f}", f"{way.alone:.3f}",
            f"{way.cpu:.1f}", f"{slowest / way.seconds:.1f}", f"{way.peak_bytes / 2**20:.0f}",
        )  # fmt: skip
    Console().print(table)
    if different or len(ways[0].marks) != chosen.submissions:
        raise SystemExit(f"The marks are not equal: {', '.join(different) or 'some are missing'}")
    print(f"Equal marks in all {len(ways)} ways, {sum(ways[0].marks.values()):g} points in all.")


if __name__ == "__main__":
    main()
