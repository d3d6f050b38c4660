"""What a check says of a bank of wrong answers.

    python benchmarks/diagnosis.py <file or folder> [--shares] [--only "04 q"] [--one-in 10] [--json FILE]

A bank is a JSON file, or a folder of them: a list of objects with ``assignment``, ``question``, ``slip`` (what is wrong
with it, in words) and ``answer`` (SQL, or Python that defines a function). If an object has ``said`` and ``judged``,
what was said earlier stands beside what is said now. Whether a message names the true cause a person has to judge; what
can be counted is how many are taken for right, get a slip's name, a change, a rule, what rows have in common, or a
symptom. Right answers (``right``) that are refused are counted apart, and so is a slip that ``never`` names as a
false cause.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

from leocourse.authoring.question import load_question, question_path
from leocourse.checks import result as outcome
from leocourse.checks.assignment import Check, assignment
from leocourse.checks.result import Result
from leocourse.checks.words import say
from leocourse.core.paths import course_root
from leocourse.site.figures import json_option, keep_rows

WRONG = ("slip", "change", "rule or common", "symptom", "stopped", "not attempted", "false cause", "accepted")
"""How a wrong answer can be told, the best first."""
CHANGE = say("change", how="").rstrip(" .")
"""How the words of a change to the question begin."""


def read_bank(path: Path) -> list[dict]:
    """The answers of a file, or of all files of a folder."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [each for file in files for each in json.loads(file.read_text(encoding="utf-8"))]


def given(one: dict, name: str) -> object:
    """What a learner would hand over: SQL, or the function that the text defines. Runs the bank's code."""
    text = one["answer"].strip()
    if not any(word in text for word in ("def ", "import ", f"{name} =")):
        return text
    room: dict = {}
    exec("import numpy as np, pandas as pd, seaborn as sns, matplotlib.pyplot as plt", room)
    try:
        code = compile(text, "<bank>", "exec")
    except SyntaxError:
        code = compile(text.replace('\\"', '"'), "<bank>", "exec")
    exec(code, room)
    return room.get(name, ...)


def kind(result: Result, one: dict) -> str:
    """How a result says why."""
    if one.get("right"):
        return "right and accepted" if result.status == outcome.RIGHT else "right and refused"
    if result.misconception in one.get("never", ()):
        return "false cause"
    if result.status == outcome.RIGHT:
        return "accepted"
    if result.status in (outcome.STOPPED, outcome.NOT_ATTEMPTED):
        return result.status
    if result.misconception:
        return "slip"
    if any(each.message.startswith(CHANGE) for each in result.findings):
        return "change"
    return "rule or common" if any(each.evidence for each in result.findings) else "symptom"


def run(bank: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """For each answer of the bank how it was told, and the words."""
    checks: dict[str, Check] = {}
    for one in bank:
        folder = course_root() / "solutions" / one["assignment"]
        name = load_question(question_path(folder, one["question"])).answer_name
        if one["assignment"] not in checks:
            checks[one["assignment"]] = assignment(one["assignment"])
        try:
            result = checks[one["assignment"]](one["question"], given(one, name))
            yield one, kind(result, one), str(result)
        except Exception as error:  # the bank's own code
            yield one, "stopped", f"{type(error).__name__}: {error}"


def shares(told: dict[str, Counter[str]]) -> list[dict[str, object]]:
    """A row for each assignment and one for all: of how many per cent of the wrong answers which was said."""
    rows = []
    for name, each in {**told, "all": sum(told.values(), Counter())}.items():
        wrong = sum(each[how] for how in WRONG)
        percent = {f"{how}, %": round(100 * each[how] / wrong, 1) for how in WRONG if wrong}
        right = each["right and accepted"] + each["right and refused"]
        rows.append({"assignment": name, "wrong answers": wrong, **percent, "right answers": right,
                     "of these refused": each["right and refused"]})  # fmt: skip
    return rows


def main() -> None:
    """Run a bank and print what is said."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("bank", type=Path)
    parser.add_argument("--shares", action="store_true", help="only count")
    parser.add_argument("--one-in", type=int, default=1, help="only one answer in so many, evenly spread")
    json_option(parser)
    parser.add_argument("--only", default="", help="only questions whose name begins so, such as '02 q5'")
    arguments = parser.parse_args()
    mpl.use("Agg")
    bank = [one for one in read_bank(arguments.bank)
            if f"{one['assignment'][:2]} {one['question']}".startswith(arguments.only)]  # fmt: skip
    bank = bank[:: arguments.one_in]
    told: dict[str, Counter[str]] = {one["assignment"][:2]: Counter() for one in bank}
    changes: Counter[tuple[str, str]] = Counter()
    for one, how, words in run(bank):
        told[one["assignment"][:2]][how] += 1
        changes[one.get("judged", "?"), how] += 1
        if arguments.shares:
            continue
        print(f"## {one['assignment'][:2]} {one['question']}: {one['slip']}")
        if "said" in one:
            print(f"before ({one.get('judged', '?')}): {' '.join(one['said'].split())[:300]}")
        print(f"now ({how}): {words}\n", flush=True)
    together = sum(told.values(), Counter())
    for how, number in together.most_common():
        print(f"{how}: {number} of {together.total()}")
    for (before, how), number in sorted(changes.items()):
        print(f"{before} before, {how} now: {number}")
    keep_rows(arguments.json, shares(told))


if __name__ == "__main__":
    main()
