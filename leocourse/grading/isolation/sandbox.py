"""The boxes in which submissions run and in which answers are compared, seen from outside.

A box is one process inside bubblewrap (or a container), with the libraries loaded, that forks a child into a
sandbox of its own for each request: see :mod:`leocourse.grading.box.zygote` and :mod:`leocourse.grading.box.confine`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import py_compile
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, BinaryIO

from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.grading.box.zygote import read_message, write_message
from leocourse.grading.isolation.cgroups import Group
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.seccomp import program
from leocourse.measures.model import load, names

PACKAGE = Path(__file__).resolve().parents[2]
ROOMS = ("core", "schema", "measures", "checks", "disclosure", "grading/box")
"""The folders of this package that go into a box, each as a whole: none of them knows an answer or makes a row."""
FACE = ("__init__.py", "lesson.py", "grading/__init__.py")
"""What names them, and what lessons and answers import."""
ENDINGS = ("csv", "json")
START = (
    "import gc, sys; gc.disable(); sys.path.insert(0, sys.argv[1]); from leocourse.grading.box.zygote import main; "
    "main(sys.argv[2], [int(each) for each in sys.argv[3:]])"
)
"""While libraries load there is little for Python to collect, and much to look through."""
INSIDE = "/opt/leo"
CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL", "CAP_SYS_RESOURCE")
"""What the process that builds sandboxes needs if it is root. Student code has none of them."""
SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime")
"""What Python and its packages load besides themselves. No programs."""
MALLOC = ":".join(f"glibc.malloc.{setting}" for setting in (
    "tcache_count=2000", f"trim_threshold={2**28}", f"mmap_threshold={2**25}"
))  # fmt: skip
"""A child lives for seconds: what it frees is kept for its next query, to spare page faults."""
FIRST_USER = 1_000_000_000
START_SECONDS = 120
_numbers = itertools.count()


class BoxGone(Exception):
    """A box ended, or did not answer in time."""


@dataclass(frozen=True)
class Isolation:
    """How student code is kept apart: ``bubblewrap``, ``podman``, ``docker``, or ``none``."""

    name: str
    image: str = ""
    """For containers: an image with this Python's version of every package."""

    @property
    def safe(self) -> bool:
        """Whether there is a sandbox at all."""
        return self.name != "none"


def isolation(name: str = "", image: str = "", unsafe: bool = False) -> Isolation:
    """What to isolate with: bubblewrap unless a container engine is named. Raises LeoError if it is not there.

    ``unsafe`` does without, if that is really wanted: student code then runs with the rights of the caller.
    """
    if unsafe:
        return Isolation("none")
    name = name or os.environ.get("LEO_SANDBOX", "") or "bubblewrap"
    image = image or os.environ.get("LEO_SANDBOX_IMAGE", "")
    if name not in ("bubblewrap", "podman", "docker"):
        raise LeoError(f"Unknown sandbox '{name}': choose from bubblewrap, podman, docker.")
    tool = {"bubblewrap": "bwrap"}.get(name, name)
    if not shutil.which(tool):
        raise LeoError(
            f"Marking needs a sandbox, and {tool} is not installed: install {name}, or mark without one (--unsafe)."
        )
    if name == "bubblewrap":
        program(student=True)
    elif not image:
        raise LeoError(f"Marking with {name} needs the name of an image: --image or LEO_SANDBOX_IMAGE.")
    return Isolation(name, image)


def usable() -> bool:
    """Whether the default sandbox can be had on this machine."""
    try:
        isolation()
    except LeoError:
        return False
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Box:
    """A box of one role, with as many servers (slots) as there are workers. Use as a context manager.

    ``mounts`` maps folders and files of this machine to their places in the box; all are read-only there.
    """

    def __init__(self, role: str, how: Isolation, limits: Limits, slots: int, mounts: dict[Path, str]) -> None:
        self.how, self.limits, self.slots = how, limits, slots
        self._role, self._mounts = role, mounts
        self._lock = threading.Lock()
        self._age = 0
        self._prepared: dict[str, Any] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="leo-box-"))
        self._runtime = _copy_runtime(self._folder / "runtime")
        self._groups: list[Group] = []
        self._user = FIRST_USER + (os.getpid() % 10_000_000) * 64 + (next(_numbers) % 2) * 32
        self._start()

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything in the box and clear up."""
        self._stop()
        for group in self._groups:
            group.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def enforced_by_groups(self) -> list[str]:
        """The limits that control groups enforce for a whole submission."""
        return self._groups[0].enforces if self._groups else []

    def place(self, path: Path) -> str:
        """Where a mounted path is, as the box sees it."""
        if self.how.safe:
            for source, target in self._mounts.items():
                if path.is_relative_to(source):
                    return str(Path(target) / path.relative_to(source))
        return str(path)

    def prepare(self, **settings: Any) -> None:
        """Tell the box what to make ready (paths as the box sees them), and try that a sandbox can be had.

        Raises LeoError if none can.
        """
        boxed = self.how.name == "bubblewrap"
        self._prepared = {
            "limits": asdict(self.limits),
            "namespaces": boxed,
            "first_user": self._user if boxed and os.getuid() == 0 else None,
            "seccomp": program(student=True).hex() if boxed else "",
            **settings,
        }
        try:
            self._make_ready()
            status, _ = self.call(0, b"")
        except BoxGone as error:
            raise LeoError(f"The sandbox ({self.how.name}) does not start: {error}. See 'leo doctor'.") from error
        if status["ended"] != "done":
            raise LeoError(
                f"No sandbox can be set up here ({status.get('why', status['ended'])}). "
                "See 'leo doctor', or mark without one (--unsafe)."
            )

    def call(self, slot: int, request: bytes) -> tuple[dict[str, Any], bytes]:
        """Have a request handled. Gives what became of the child (``ended``: done, time, size, refused or gone;
        ``cpu_seconds``, ``peak_bytes``) and the bytes that it wrote, unread. A box that ended is started again."""
        for _ in range(2):
            age = self._age
            try:
                return self._exchange(slot, request)
            except (BoxGone, OSError, ValueError):  # the last: another thread has closed it
                with self._lock:
                    if age == self._age:
                        self._stop()
                        self._start()
                        self._make_ready()
        return {"ended": "gone"}, b""

    def _exchange(self, slot: int, request: bytes) -> tuple[dict[str, Any], bytes]:
        if self._once and self._used:
            raise BoxGone("used")
        self._used = True
        requests, replies = self._channels[slot]
        watch = threading.Timer(self.limits.seconds + 30, self._process.kill)
        watch.start()
        try:
            write_message(requests, request)
            status, output = read_message(replies), read_message(replies)
        finally:
            watch.cancel()
        if status is None or output is None:
            raise BoxGone("it ended")
        return json.loads(status), output

    @property
    def _once(self) -> bool:
        """A container cannot make sandboxes in itself, so each submission gets a new one."""
        return self.how.name in ("podman", "docker")

    def _start(self) -> None:
        self._age += 1
        self._used = False
        pairs = [] if self._once else [socket.socketpair() for _ in range(self.slots)]
        numbers = [inside.fileno() for _, inside in pairs]
        environment = {} if self.how.safe else _environment(str(self._folder))
        self._log = (self._folder / "log").open("ab")
        with tempfile.TemporaryFile() as rules:
            if self.how.name == "bubblewrap":
                rules.write(program(student=False))
                rules.seek(0)
            command = self.command(numbers, rules.fileno())
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
                pass_fds=[*numbers, rules.fileno()], cwd=self._folder, start_new_session=True,
                env=environment or None,
            )  # fmt: skip
        self._channels: list[tuple[BinaryIO, BinaryIO]] = []
        for outside, inside in pairs:
            inside.close()
            if hasattr(socket, "SO_PASSCRED"):  # Linux: tells which process is at the other end, for its group
                outside.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self._channels.append((outside.makefile("wb"), outside.makefile("rb")))
        self._sockets = [outside for outside, _ in pairs]

    def _make_ready(self) -> None:
        """Send the box its settings and wait for its servers."""
        watch = threading.Timer(START_SECONDS, self._process.kill)
        watch.start()
        try:
            write_message(self._process.stdin, json.dumps(self._prepared).encode())
            if read_message(self._process.stdout) != b"ready":
                raise BoxGone(self._said())
            if self._once:
                self._channels = [(self._process.stdin, self._process.stdout)] * self.slots
                if read_message(self._process.stdout) != b"here":
                    raise BoxGone(self._said())
                return
            made = not self._groups
            for slot in range(self.slots):
                process = _hello(self._sockets[slot])
                if process is None:
                    raise BoxGone(self._said())
                if made and self.how.safe:
                    memory = self.limits.memory_bytes + 2**29
                    self._groups.append(Group(f"{self._role}-{self._user}-{slot}", memory, 2 * self.limits.processes))
                if self.how.safe:
                    self._groups[slot].add(process)
        except OSError as error:
            raise BoxGone(self._said()) from error
        finally:
            watch.cancel()

    def _stop(self) -> None:
        if self._once:
            subprocess.run([self.how.name, "rm", "--force", self._name], capture_output=True, check=False)
        self._process.kill()  # bubblewrap takes everything in the box with it
        self._process.wait()
        ends = [*self._sockets, *(end for pair in self._channels for end in pair)]
        for stream in (*ends, self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):  # what was not sent yet has nobody to go to
                stream.close()

    def _said(self) -> str:
        lines = (self._folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it ended without a word"

    def command(self, channels: list[int], rules: int = -1) -> list[str]:
        """The command that starts the box. ``rules`` is the file with the filter of system calls."""
        if self.how.name == "bubblewrap":
            return self._bubblewrap(channels, rules)
        if self._once:
            return self._container()
        return [sys.executable, "-I", "-c", START, str(self._runtime), self._role, *map(str, channels)]

    def _bubblewrap(self, channels: list[int], rules: int) -> list[str]:
        root = os.getuid() == 0
        command = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
        command += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "leo", "--clearenv"]
        if root:
            command += ["--cap-drop", "ALL", *(part for each in CAPABILITIES for part in ("--cap-add", each))]
        else:
            command += ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-add", "ALL"]
        command += ["--tmpfs", "/", "--proc", "/proc", "--tmpfs", "/dev"]
        for name in ("null", "zero", "full", "random", "urandom"):
            command += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
        command += ["--symlink", "/proc/self/fd", "/dev/fd", "--remount-ro", "/dev"]
        system = [name for name in SYSTEM if os.path.exists(name) and not os.path.islink(name)]
        binds = {**{path: path for path in (*system, *_python_paths())}, str(self._runtime): INSIDE}
        binds |= {str(source): target for source, target in self._mounts.items()}
        for folder in sorted({str(above) for target in binds.values() for above in Path(target).parents} - {"/"}):
            command += ["--perms", "0755", "--dir", folder]  # without it only root could pass
        for source, target in binds.items():
            command += ["--ro-bind", source, target]
        for name in ("/lib", "/lib64"):
            if os.path.islink(name):
                command += ["--symlink", os.readlink(name), name]
        # A Python that lies in /tmp, as that of a course cloned there does, must not be covered.
        home = "/scratch" if any(target.startswith("/tmp/") for target in binds.values()) else "/tmp"
        command += ["--tmpfs", home, "--chdir", home, "--remount-ro", "/"]
        for name, value in _environment(home).items():
            command += ["--setenv", name, value]
        command += ["--seccomp", str(rules), "--", sys.executable, "-I", "-c", START, INSIDE, self._role]
        return command + [str(channel) for channel in channels]

    def _container(self) -> list[str]:
        limits, self._name = self.limits, f"leo-marking-{os.getpid()}-{next(_numbers)}"
        command = [self.how.name, "run", "--rm", "--interactive", "--name", self._name]
        command += ["--network", "none", "--ipc", "none", "--read-only", "--hostname", "leo", "--user", "65534:65534"]
        command += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--workdir", "/tmp"]
        command += ["--pids-limit", str(limits.processes), "--memory", str(limits.memory_bytes)]
        command += ["--memory-swap", str(limits.memory_bytes), "--cpus", "1"]
        command += ["--ulimit", f"nofile={limits.open_files}", "--ulimit", f"fsize={limits.disk_bytes}"]
        command += ["--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.disk_bytes},nr_inodes={limits.files},mode=1777"]
        for source, target in {self._runtime: INSIDE, **self._mounts}.items():
            command += ["--volume", f"{source}:{target}:ro"]
        for name, value in _environment("/tmp").items():
            command += ["--env", f"{name}={value}"]
        return [*command, self.how.image, "python3", "-I", "-c", START, INSIDE, self._role]


def readable(folder: Path) -> Path:
    """Let everybody read a folder that goes into a box, whatever the caller's umask. Returns it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _hello(outside: socket.socket) -> int | None:
    """The number, as seen here, of the process that says it is there. None if it is gone; 0 if nobody tells."""
    outside.settimeout(START_SECONDS)
    size = socket.CMSG_SPACE(12)
    data, extras, _, _ = outside.recvmsg(8 + len(b"here"), size)
    outside.settimeout(None)
    if not data.endswith(b"here"):
        return None
    return next((int.from_bytes(value[:4], sys.byteorder) for _, _, value in extras), 0)


def _copy_runtime(target: Path) -> Path:
    """What a box runs, laid out as a course, so that measures find their tables.

    With times and bytecode as they are here, or every box would compile all modules again.
    """
    for source in _runtime_files():
        copy = target / "leocourse" / source.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        if source.suffix == ".py" and (compiled := _bytecode(source)).is_file():
            Path(cache_from_source(copy)).parent.mkdir(exist_ok=True)
            shutil.copy2(compiled, cache_from_source(copy))
    # Measures are part of what learners may use: they need the schema and the public tables that they read.
    root = course_root(PACKAGE)
    tables = {table for name in names() for table in load(name).public}
    (target / "data" / "reference").mkdir(parents=True)
    for file in (f"data/reference/{table}.{ending}" for table in tables for ending in ENDINGS):
        shutil.copy(root / file, target / file)
    shutil.copytree(root / "data" / "schema", target / "data" / "schema")
    (target / "_toc.yml").touch()
    return readable(target)


def _runtime_files() -> Iterator[Path]:
    """The files of this package that go into a box, without caches."""
    yield from (PACKAGE / name for name in FACE)
    for room in ROOMS:
        yield from (path for path in sorted((PACKAGE / room).rglob("*")) if path.is_file() and path.suffix != ".pyc")


def _bytecode(source: Path) -> Path:
    """Where the bytecode of a module is; made if it is missing or old, and if there may be any."""
    compiled = Path(cache_from_source(source))
    with contextlib.suppress(OSError, py_compile.PyCompileError):
        if not compiled.is_file() or compiled.stat().st_mtime < source.stat().st_mtime:
            py_compile.compile(str(source), doraise=True)
    return compiled


def _python_paths() -> list[str]:
    """What this Python consists of, apart from ``/usr/lib``. Of the system's programs, no other than Python itself."""
    places = dict.fromkeys((sys.base_prefix, sys.prefix))
    own = [place for place in places if place not in ("/usr", "/usr/local")]
    inside = tuple(f"{place}/" for place in own)
    outside = [path for path in _links(sys.executable) if not path.startswith(inside)]
    return [*own, *(["/usr/local/lib"] if "/usr/local" in places else []), *outside]


def _links(path: str) -> list[str]:
    """A path and, if it is a link, all that it leads to, link by link."""
    found = [path]
    while os.path.islink(found[-1]):
        found.append(os.path.normpath(os.path.join(os.path.dirname(found[-1]), os.readlink(found[-1]))))
    return found


def _environment(home: str) -> dict[str, str]:
    """Only what is needed: no variable of the person who marks reaches a submission."""
    return {
        "PATH": os.defpath, "HOME": home, "TMPDIR": home, "IPYTHONDIR": f"{home}/ipython",
        "MPLCONFIGDIR": f"{home}/matplotlib", "MPLBACKEND": "agg", "LANG": "C.UTF-8", "LEO_MARKING": "1",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
        "GLIBC_TUNABLES": MALLOC,
    }  # fmt: skip
