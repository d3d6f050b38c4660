"""The course's secret: from it come the seeds of learners' own extracts, and the codes that stand for names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from leocourse.core.errors import LeoError

SECRET = "course-secret.txt"
"""In the folder of the course, and in ``.gitignore``; ``$LEO_SECRET`` names another file."""
SHORTEST = 32


def secret_file(root: Path) -> Path:
    """Where the course's secret lies."""
    return Path(os.environ.get("LEO_SECRET") or root / SECRET)


def course_secret(root: Path) -> bytes:
    """The secret, made on first use, so that only its owner may read it. Keep a copy: no one can make it again.

    Raises LeoError if it cannot be read or is too short to be secret.
    """
    path = secret_file(root)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise LeoError(f"The course's secret cannot be written to {path}: {error.strerror}.") from error
    return read_secret(root)


def read_secret(root: Path) -> bytes:
    """The secret that is there. Raises LeoError if there is none or it is too short."""
    path = secret_file(root)
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise LeoError(f"The course's secret cannot be read from {path}: {error.strerror}.") from error
    if len(secret) < SHORTEST:
        raise LeoError(f"The course's secret in {path} is shorter than {SHORTEST} characters.")
    return secret


def seed_of(secret: bytes, student: str) -> int:
    """The seed of a learner's own extract: 62 bits that nobody can work out without the secret."""
    return int.from_bytes(_digest(secret, "extract", student)[:8], "big") >> 2


def code_of(secret: bytes, purpose: str, student: str) -> str:
    """Sixteen characters that stand for a student: the same ones every time, and no use without the secret."""
    return base64.b32encode(_digest(secret, purpose, student)[:10]).decode().lower()


def _digest(secret: bytes, purpose: str, text: str) -> bytes:
    return hmac.new(secret, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
