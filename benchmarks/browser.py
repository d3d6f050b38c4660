"""How heavy the pages are and how fast SQL runs in them, in headless Chromium with an empty cache.

``python benchmarks/browser.py`` (after ``leo book``) prints the bytes of the landing page and of a lesson, the time
from opening a lesson to its first result, later queries, and a reload; on loopback and at 10 Mbit/s. Files go
out compressed where a host compresses them: text, not the files of the extract, which are compressed already.
Then it times every SQL cell of the lessons in the same DuckDB in Node.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from leocourse.core.paths import course_root
from leocourse.site import build
from leocourse.site.figures import json_option, keep_rows
from leocourse.site.live import program

TEXT = {".html", ".js", ".css", ".json", ".svg", ".mjs", ".map", ".txt"}
LIMITS = {"landing page, kB": 300, "lesson, kB": 900, "first result, s": (5, 12), "reload to result, s": (2.5, None),
          "later query (median), ms": (150, None)}  # fmt: skip
QUERY_MILLISECONDS = 150


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files as a host of static pages does: text compressed, and a check whether a copy is still good."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the file, compressed if it is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        tag = f'"{path.stat().st_mtime_ns:x}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        content = compressed(path) if path.suffix in TEXT else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "max-age=600")
        if path.suffix in TEXT:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server that says nothing when a browser hangs up."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@functools.cache
def compressed(path: Path) -> bytes:
    """A file as a host sends it."""
    return gzip.compress(path.read_bytes(), 6)


def measure(root: Path, chromium: str, lesson: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Drive the browser and return what it measured, by kind of connection."""
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(root / build.SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plan = {"base": f"http://127.0.0.1:{server.server_port}/", "chromium": chromium, "lesson": lesson, "rounds": rounds}
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "in.json", Path(folder) / "out.json"
        given.write_text(json.dumps(plan), encoding="utf-8")
        script = root / "web" / "test" / "speed.mjs"
        subprocess.run(["node", str(script), str(given), str(made)], check=True, timeout=900)
        found = json.loads(made.read_text(encoding="utf-8"))
    server.shutdown()
    return found


def cell_times(root: Path) -> list[dict[str, Any]]:
    """Page, number and milliseconds of every SQL cell of the lessons, the slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "times.json"
        command = ["node", root / "web" / "test" / "cell_speed.mjs", root / program.SITE, root / program.STEPS, made]
        subprocess.run(list(map(str, command)), check=True, timeout=900)
        return sorted(json.loads(made.read_text(encoding="utf-8")), key=lambda each: -each["milliseconds"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lesson", default="", help="page of a lesson, such as book/intro/building-a-cohort")
    parser.add_argument("--rounds", type=int, default=3)
    json_option(parser)
    given = parser.parse_args()
    root, console = course_root(), Console()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or not (root / build.SITE / "leo-web" / "manifest.json").is_file():
        parser.error("needs Chromium, Node, and a book built with 'leo book'")
    steps = json.loads((root / program.STEPS).read_text(encoding="utf-8"))
    live = [page for page, cells in steps.items() if any(cell["tagged"] and cell["sql"] for cell in cells)]
    found = measure(root, chromium, given.lesson or live[0], given.rounds)
    table = Table("What", "loopback", "10 Mbit/s", "limit", title=f"{given.lesson or live[0]}, {given.rounds} rounds")
    rows = []
    for name in found["loopback"]:
        cells, row = [], {"": name}
        for kind in ("loopback", "10 Mbit/s"):
            values = sorted(found[kind].get(name, []))
            median = values[len(values) // 2] if values else None
            row[kind] = None if median is None else round(median, 1)
            cells.append("" if median is None else f"{median:,.1f} ({values[0]:,.1f} to {values[-1]:,.1f})")
        rows.append(row)
        table.add_row(name, *cells, str(LIMITS.get(name, "")))
    console.print(table)
    manifest = json.loads((root / program.SITE / "manifest.json").read_text(encoding="utf-8"))
    packs = manifest["extract"]["packs"]
    console.print(f"Extract: {manifest['extract']['bytes']:,} bytes in {len(packs)} files; program: "
                  f"{manifest['wasm']['bytes']:,} bytes of DuckDB.")  # fmt: skip
    times = cell_times(root)
    quick = [each for each in times if each["milliseconds"] < QUERY_MILLISECONDS]
    console.print(f"SQL cells under {QUERY_MILLISECONDS} ms: {len(quick)} of {len(times)}. The others:")
    for each in times[: len(times) - len(quick)]:
        console.print(f"  {each['page']}, step {each['number'] + 1}: {each['milliseconds']:.0f} ms")
    keep_rows(given.json, rows, [
        f"Of the {len(times)} SQL cells of the lessons, {len(quick)} take less than {QUERY_MILLISECONDS / 1000:g} seconds "
        f"and the slowest {times[0]['milliseconds'] / 1000:.1f}.",
        f"The lessons' data are {manifest['extract']['bytes'] / 1e6:.0f} MB together, fetched table by table.",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
