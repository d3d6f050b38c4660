"""Puts the calling process into a sandbox of its own. Runs inside the box, just before student code.

Every submission gets fresh namespaces (processes, network, mounts, IPC, host name), a ``/proc`` that shows
only its own processes, one small writable folder, no capability, a user without rights, a filter of system
calls, and limits. Whatever cannot be set raises OSError, and then nothing of the submission runs.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Any

PROCESSES = 0x20000000
NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x40000000
"""Mounts, host name, IPC, network."""
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 16_384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_SECUREBITS = 1, 4, 22, 24, 28
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
SECURE = 0b1110_0011
"""No rights for being root, none kept over a change of user, none raised again: all locked."""

libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def prctl(option: int, *arguments: Any) -> None:
    """Call prctl. Raises OSError."""
    padded = [ctypes.c_void_p(each) if isinstance(each, int) else each for each in arguments]
    _check(libc.prctl(option, *padded, *[ctypes.c_void_p(0)] * (4 - len(padded))), "prctl")


def writable() -> str:
    """The one folder in a box that can be written to."""
    return os.environ["TMPDIR"]


def fork_apart() -> int:
    """Fork a child that is process 1 among processes of its own. Gives 0 there, and its number here."""
    with open("/proc/self/ns/pid") as ours:
        _check(libc.unshare(PROCESSES), "unshare")
        child = -1
        try:
            child = os.fork()
        finally:
            if child:
                _check(libc.setns(ours.fileno(), PROCESSES), "setns")  # or this process could not do so again
        return child


def unshare() -> None:
    """Leave the other namespaces of the box."""
    _check(libc.unshare(NAMESPACES), "unshare")


def mount_private(disk_bytes: int, files: int) -> None:
    """A ``/proc`` of this process's own, and an empty writable folder of limited size at ``writable()``."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE, None)
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    safe = MS_NOSUID | MS_NODEV
    _mount("tmpfs", writable(), "tmpfs", safe, f"size={disk_bytes},nr_inodes={files},mode=1777")


def limit(limits: dict[str, int]) -> None:
    """Set the limits that hold for each process, and have the kernel choose it first when memory runs out."""
    for name, value in (
        ("RLIMIT_CPU", limits["cpu_seconds"]),
        ("RLIMIT_AS", limits["memory_bytes"]),
        ("RLIMIT_NPROC", limits["processes"]),
        ("RLIMIT_NOFILE", limits["open_files"]),
        ("RLIMIT_FSIZE", limits["disk_bytes"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
    ):
        if hasattr(resource, name):  # not every system has each
            resource.setrlimit(getattr(resource, name), (value, value))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # no such file outside Linux


def drop_rights(user: int | None, seccomp: bytes) -> None:
    """Become ``user`` (if given), lose every capability for good, and load the filter."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
    prctl(PR_SET_SECUREBITS, SECURE)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the last that this kernel knows
    if user is not None:
        os.setresuid(user, user, user)
    prctl(PR_CAP_AMBIENT, 4)
    header, empty = (ctypes.c_uint32 * 2)(0x2008_0522, 0), (ctypes.c_uint32 * 6)()
    _check(libc.capset(header, empty), "capset")
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    prctl(PR_SET_DUMPABLE, 0)  # nobody in the sandbox reads or writes another process's memory through /proc
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    made = _Program(len(seccomp) // 8, seccomp)
    prctl(PR_SET_SECCOMP, 2, ctypes.byref(made))


def children(process: int) -> list[int]:
    """Children of a process, those included that it inherited. None are seen outside Linux."""
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            return [int(each) for each in file.read().split()]
    except OSError:
        return []


def descendants(process: int) -> list[int]:
    """Children of a process, and theirs."""
    found = children(process)
    for each in found:
        found += children(each)
    return found


def memory_held(processes: list[int] | None = None) -> int:
    """Bytes that processes hold, beyond what each got from this one when it was forked: its descendants, or others."""
    ours, page = _private_pages(os.getpid()), os.sysconf("SC_PAGE_SIZE")
    looked_at = descendants(os.getpid()) if processes is None else processes
    return sum(max(_private_pages(each) - ours, 0) for each in looked_at) * page


def seconds_used(processes: list[int]) -> float:
    """Seconds of CPU that processes have used up to now. Of those that cannot be seen, none."""
    ticks = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/stat") as file:
                ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
        except (OSError, ValueError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _private_pages(process: int) -> int:
    try:
        with open(f"/proc/{process}/statm") as file:
            _, resident, shared = file.read().split()[:3]
        return int(resident) - int(shared)
    except OSError:
        return 0


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind)]
    status = libc.mount(*texts, ctypes.c_ulong(flags), None if data is None else data.encode())
    _check(status, f"mount {target}")


def _check(status: int, what: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
