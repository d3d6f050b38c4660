"""``python -m leocourse.cli`` is ``leo``."""

from leocourse.cli import main

if __name__ == "__main__":
    main()
