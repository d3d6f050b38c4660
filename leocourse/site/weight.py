"""What a page loads, and what that weighs on the wire."""

from __future__ import annotations

import gzip
import html
import re
from pathlib import Path

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
        address = html.unescape(address).split("#")[0].split("?")[0]
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


def _page_addresses(text: str) -> list[str]:
    addresses = re.findall(r'<(?:script|img|iframe|source|audio|video|embed)\b[^>]*?\ssrc="([^"]+)"', text)
    for link in re.findall(r"<link\b[^>]*>", text):
        if re.search(r'rel="(?:[^"]*\s)?(?:stylesheet|icon|preload|modulepreload|shortcut icon)"', link):
            addresses += re.findall(r'href="([^"]+)"', link)
    return addresses


def weight(path: Path) -> int:
    """Bytes over the wire: compressed with gzip, unless the file is compressed already."""
    content = path.read_bytes()
    return len(content) if path.suffix in PACKED else len(gzip.compress(content, 9, mtime=0))
