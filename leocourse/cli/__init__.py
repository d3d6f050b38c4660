"""The command ``leo``: every step of the course, for those who have make and those who have not.

``commands`` lists them, a module for each group has their functions, and ``steps_table`` says what the steps of the
course read and write. Who wants the table alone loads no command.
"""

from typing import Any


def main() -> None:
    """Run the command. What a user can put right comes out as one line."""
    from leocourse.cli.commands import run

    run()


def __getattr__(name: str) -> Any:
    """``app``, the commands as Typer knows them, once it is asked for."""
    if name == "app":
        from leocourse.cli.commands import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
