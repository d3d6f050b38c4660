"""Proves that the sandbox holds, by running a submission that tries to break out of it."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.core.paths import MANIFEST, MANIFEST_FORMAT
from leocourse.grading.box.transfer import PRINTED, frames
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import PACKAGE, Box, Isolation

TOLD = "told"
PROBES: dict[str, tuple[str, str]] = {
    "open a network connection": (
        """
        import socket
        socket.create_connection(("1.1.1.1", 53), timeout=3)""",
        "denied",
    ),
    "see a network interface that is up": (
        """
        names = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
        told = "network" if set(names) - {"lo"} else ""
        if not told: raise OSError("only the loopback of an empty network")""",
        "denied",
    ),
    "read the course's repository": (
        """
        import os
        os.listdir(SECRETS)""",
        "denied",
    ),
    "read a file of the person who marks": (
        """
        open(HOME + "/.bashrc")""",
        "denied",
    ),
    "see another process": (
        """
        import os
        others = [n for n in os.listdir("/proc") if n.isdigit() and int(n) not in (1, os.getpid())]
        if not others: raise OSError("only its own")""",
        "denied",
    ),
    "signal a process outside": (
        """
        import os
        os.kill(OUTSIDE, 0)""",
        "denied",
    ),
    "trace a process": (
        """
        import ctypes, os
        if ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0) != 0: raise OSError(ctypes.get_errno(), "ptrace")""",
        "denied",
    ),
    "make a user namespace": (
        """
        import ctypes
        if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0: raise OSError(ctypes.get_errno(), "unshare")""",
        "denied",
    ),
    "mount a file system": (
        """
        import ctypes
        if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/tmp", b"tmpfs", 0, None) != 0:
            raise OSError(ctypes.get_errno(), "mount")""",
        "denied",
    ),
    "become root": (
        """
        import os
        os.setuid(0)
        if os.getuid() != 0: raise OSError("still nobody")""",
        "denied",
    ),
    "have a capability": (
        """
        held = [line for line in open("/proc/self/status") if line.startswith("Cap") and int(line.split()[1], 16)]
        if not held: raise OSError("none")""",
        "denied",
    ),
    "write outside its folder": (
        """
        for place in ("/", "/opt/leo", "/extracts", "/dev", "/usr/lib", "/proc/sys/kernel/hostname"):
            try:
                open(place if place.startswith("/proc") else place + "/x", "w")
                told = place
                break
            except OSError as error:
                last = error
        else:
            raise last""",
        "denied",
    ),
    "start more processes than allowed": (
        """
        import os, time
        started = []
        try:
            for _ in range(MANY):
                child = os.fork()
                if child == 0:
                    time.sleep(30); os._exit(0)
                started.append(child)
            told = f"{len(started)} started"
        finally:
            for child in started: os.kill(child, 9); os.waitpid(child, 0)""",
        "denied",
    ),
    "use more memory than allowed": (
        """
        held = bytearray(MEMORY)""",
        "denied",
    ),
    "fill the disk": (
        """
        import os
        with open("big", "wb") as file:
            try:
                for _ in range(1024): file.write(bytes(2**20))
                told = f"{file.tell()} bytes written"
            finally:
                os.unlink("big")""",
        "denied",
    ),
    "make more files than allowed": (
        """
        import os
        try:
            for number in range(100_000): open(f"f{number}", "w").close()
            told = "100,000 files"
        finally:
            for name in os.listdir("."): os.unlink(name)""",
        "denied",
    ),
    "open more files than allowed": (
        """
        held = []
        try:
            for _ in range(100_000): held.append(open("/dev/null"))
            told = "100,000 files"
        finally:
            for each in held: each.close()""",
        "denied",
    ),
    "read a variable of the person who marks": (
        """
        import os
        if "LEO_DOCTOR" not in os.environ: raise OSError("it is not there")""",
        "denied",
    ),
    "find a key, a question or the generator": (
        """
        import os
        for folder, _, files in os.walk("/opt/leo"):
            if {"keys.py", "q01.py", "gradebook.py", "generate.py"} & set(files):
                told = folder
                break
        else: raise OSError("none")""",
        "denied",
    ),
    "open the extract and do its work": (
        """
        import leocourse
        told = str(leocourse.core.connect().sql("SELECT 42").fetchall()[0][0])""",
        "42",
    ),
}
"""What is tried: code that raises if it is denied or sets ``told``, and what has to come out."""


@dataclass(frozen=True)
class Probe:
    """One attempt from inside, and what came of it."""

    tried: str
    outcome: str
    held: bool


def examine(how: Isolation, limits: Limits | None = None) -> tuple[list[str], list[Probe]]:
    """What the sandbox enforces, in lines, and the attempts to break out of it.

    With the limits of marking unless told otherwise. Raises LeoError if no sandbox can be had.
    """
    limits = limits or Limits()
    os.environ["LEO_DOCTOR"] = "set"
    with tempfile.TemporaryDirectory(prefix="leo-doctor-") as name:
        extract = Path(name) / "extracts" / "0"
        extract.mkdir(parents=True)
        (extract / MANIFEST).write_text(json.dumps({"format": MANIFEST_FORMAT}), encoding="utf-8")
        (extract / "views.sql").write_text("SELECT 1", encoding="utf-8")
        with Box("child", how, limits, 1, {extract.parent: "/extracts"}) as box:
            box.prepare(extracts=[box.place(extract)])
            status, sent = box.call(0, json.dumps(_job(limits)).encode())
            lines = enforced(box)
    if status["ended"] != "done":
        raise LeoError(f"The sandbox did not run the probes ({status.get('why', status['ended'])}).")
    said = "".join(content.decode("utf-8", "replace") for kind, _, _, content in frames(sent) if kind == PRINTED)
    outcomes = {}
    for line in said.splitlines():
        if line.startswith("PROBE "):
            name, _, outcome = line.removeprefix("PROBE ").partition(": ")
            outcomes[name] = outcome
    probes = []
    for tried, (_, wanted) in PROBES.items():
        outcome = outcomes.get(tried, "no answer")
        broken = any(word in outcome for word in ("NameError", "SyntaxError", "AttributeError", "ModuleNotFound"))
        probes.append(Probe(tried, outcome, outcome.startswith(wanted) and not broken))
    return lines, probes


def enforced(box: Box) -> list[str]:
    """What a box enforces, in words."""
    limits = box.limits
    lines = [
        f"{limits.step_seconds} s a cell or answer, {limits.seconds} s in all, {limits.cpu_seconds} s of CPU a process",
        f"{limits.memory_bytes // 2**20:,} MB of memory, {limits.processes} processes, {limits.open_files} open files, "
        f"{limits.disk_bytes // 2**20} MB and {limits.files:,} files on disk, "
        f"{limits.answer_bytes // 2**20} MB of answers",
    ]
    if box.how.name == "bubblewrap":
        who = "a user of its own" if os.getuid() == 0 else "your user without rights"
        lines.append(f"own processes, network, mounts, IPC and host name; {who}; no capability; filter of system calls")
        groups = ", ".join(box.enforced_by_groups) or "none on this machine: limits hold for each process"
        lines.append(f"control groups: {groups}")
    return lines


def _job(limits: Limits) -> dict:
    known = {
        "SECRETS": str(PACKAGE.parent / "solutions"), "HOME": str(Path.home()), "OUTSIDE": os.getpid(),
        "MANY": 4 * limits.processes, "MEMORY": 2 * limits.memory_bytes,
    }  # fmt: skip
    cells = [{"name": "", "kind": "code", "source": "\n".join(f"{name} = {value!r}" for name, value in known.items())}]
    for tried, (code, _) in PROBES.items():
        lines = [line[4:] for line in code.strip("\n").splitlines()]
        source = "\n".join([
            f"{TOLD} = 'it worked'", "try:", *lines,
            "except BaseException as error:", f"    {TOLD} = f'denied ({{type(error).__name__}}: {{str(error)[:60]}})'",
            f"print({f'PROBE {tried}: '!r} + {TOLD})",
        ])  # fmt: skip
        cells.append({"name": "", "kind": "code", "source": source})
    return {"cells": cells, "released": [], "questions": []}
