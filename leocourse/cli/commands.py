"""All commands, in the order of ``leo --help``."""

from __future__ import annotations

import atexit
import gc

import typer

from leocourse.cli import book, course, extracts, learner, marking, measures
from leocourse.cli.terminal import errors
from leocourse.core.errors import LeoError

COMMANDS = (
    extracts.extract, extracts.validate, extracts.package, extracts.fidelity, extracts.record,
    measures.measures, measures.measure,
    marking.release, book.book, book.advanced, learner.progress, book.offline, book.lite,
    marking.grade, marking.report, measures.srs, marking.doctor,
    course.course, marking.samples, course.why, course.check_question,
    learner.lab, book.serve, course.test, course.check, book.figures, course.clean,
)  # fmt: skip
"""Each is called as its function, with a dash for an underscore."""

app = typer.Typer(
    help="The LEO course: a synthetic extract, a book, assignments and their marking.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in COMMANDS:
    passed_on = {"ignore_unknown_options": True} if command is learner.lab else None  # they are JupyterLab's
    app.command(context_settings=passed_on)(command)

work_app = typer.Typer(help="Your own copies of lessons and assignments, in work/.", rich_markup_mode=None)
work_app.callback()(learner.work)
work_app.command("update")(learner.work_update)
work_app.command("take")(learner.work_take)
work_app.command("status")(learner.work_status)
app.add_typer(work_app, name="work", invoke_without_command=True)


def run() -> None:
    """Run the command. What a user can put right comes out as one line."""
    gc.set_threshold(50_000)  # libraries make many objects that stay: to look for others among them takes long
    atexit.register(gc.freeze)  # and longest at the end, when everything goes anyway
    try:
        app()
    except LeoError as error:
        errors.print(f"leo: {error}", style="red", soft_wrap=True, highlight=False, markup=False)
        raise SystemExit(2) from None
    except OSError as error:  # a place that cannot be read or written, wherever it came up
        if error.filename is None:
            raise
        line = f"leo: {error.filename}: {error.strerror}."
        errors.print(line, style="red", soft_wrap=True, highlight=False, markup=False)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        errors.print("leo: stopped.", style="red")
        raise SystemExit(130) from None
