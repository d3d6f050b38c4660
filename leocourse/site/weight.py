"""What a page loads, and what that weighs on the wire."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from bs4 import BeautifulSoup

# Weight --------------------------------------------------------------------------------------------

PACKED = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".woff", ".woff2", ".gz"}
"""Files that are compressed already, and that servers send as they are."""


def references(folder: Path, page: Path) -> tuple[list[Path], list[str]]:
    """The files that a page loads by itself, also those named in its style sheets, and addresses elsewhere."""
    found: dict[Path, None] = {}
    outside: list[str] = []
    waiting = [(page, address) for address in _page_addresses(page.read_text(encoding="utf-8"))]
    while waiting:
        origin, address = waiting.pop()
        address = address.split("#")[0].split("?")[0]
        if not address or address.startswith("data:"):
            continue
        if re.match(r"(\w+:)?//", address):
            outside.append(address)
            continue
        path = (origin.parent / address).resolve()
        if path in found or not path.is_file() or not path.is_relative_to(folder.resolve()):
            continue
        found[path] = None
        if path.suffix == ".css":
            text = path.read_text(encoding="utf-8")
            waiting += [(path, each) for each in re.findall(r'(?:url\(|@import )\s*["\']?([^"\')]+)', text)]
    return list(found), outside


LOADED = ("stylesheet", "icon", "preload", "modulepreload")
"""What a link must be for a browser to load it."""


def _page_addresses(text: str) -> list[str]:
    page = BeautifulSoup(text, "html.parser")
    addresses = [each["src"] for each in page.select(":is(script, img, iframe, source, audio, video, embed)[src]")]
    links = [each for each in page.select("link[rel][href]") if set(LOADED) & set(each["rel"])]
    return addresses + [each["href"] for each in links]


def weight(path: Path) -> int:
    """Bytes over the wire: compressed with gzip, unless the file is compressed already."""
    content = path.read_bytes()
    return len(content) if path.suffix in PACKED else len(gzip.compress(content, 9, mtime=0))
