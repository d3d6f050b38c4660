"""Runs one submission, in a process of its own that has neither the key nor the gradebook.

Reads a job from ``job.json`` in the working folder: the notebook's code cells, and for each question the
name under which the answer stands and the arguments to call it with. Writes each answer as Arrow
(``<question>-<call>.arrow``) and ``outcome.json``. What it writes is parsed elsewhere, as hostile.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

OUTPUT_LIMIT = 20_000


def main(folder: Path) -> None:
    """Run the job in ``folder``."""
    import matplotlib

    matplotlib.use("Agg")
    from IPython.core.interactiveshell import InteractiveShell

    from leocourse.checks.answer import Answer
    from leocourse.checks.assignment import run_calls
    from leocourse.connect import connect
    from leocourse.grading.transfer import write_answer

    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.ast_node_interactivity = "none"  # nobody looks at a cell's last value here
    errors, printed = [], io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        for number, code in enumerate(job["cells"], start=1):
            result = shell.run_cell(code, store_history=False)
            failure = result.error_before_exec or result.error_in_exec
            if failure is not None:
                errors.append({"cell": number, "error": f"{type(failure).__name__}: {failure}"[:300]})
        outcome: dict[str, Any] = {"errors": errors, "questions": {}}
        for question in job["questions"]:
            given = shell.user_ns.get(question["answer_name"])
            answers = run_calls(question, given, connect)
            entries = []
            for call, answer in enumerate(answers):
                if isinstance(answer, Answer):
                    try:
                        write_answer(answer, folder / f"{question['name']}-{call}.arrow")
                        entries.append({"status": "answer"})
                    except Exception as error:  # a value of theirs that no table can hold
                        entries.append({"status": "stopped", "message": f"The answer holds a bad value: {error}"})
                else:
                    entries.append({"status": answer.status, "message": answer.message})
            outcome["questions"][question["name"]] = entries
            _write(folder, outcome, printed)  # after each question, so that a later crash costs only the rest


def _write(folder: Path, outcome: dict[str, Any], printed: io.StringIO) -> None:
    outcome["printed"] = printed.getvalue()[-OUTPUT_LIMIT:]
    (folder / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
