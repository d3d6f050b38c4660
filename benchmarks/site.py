"""What a page of the built book weighs over the wire before anybody presses anything: ``python benchmarks/site.py``.

A page with all files that it loads by itself, also those that its style sheets name, compressed with gzip as a
server would (pictures and fonts are compressed already and count as they are). Exit code 1 if a page is over its limit
or asks another site.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from leocourse.site.figures import json_option, keep_rows
from leocourse.site.tidy import site_pages
from leocourse.site.weight import references, weight

LANDING, LESSON, OTHER = 300_000, 900_000, 900_000
"""Bytes."""


def limit(name: str) -> int:
    """How much a page may weigh."""
    return LANDING if name == "book/index.html" else LESSON if name.startswith("book/intro/") else OTHER


def main() -> int:
    """Measure every page of the site and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", type=Path, default=Path("_build") / "html")
    parser.add_argument("--all", action="store_true", help="every page, not only the landing page and lessons")
    parser.add_argument("--detail", help="the files of one page, such as book/index.html")
    json_option(parser)
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        print(f"There is no built book in {arguments.site}: run 'leo book'.", file=sys.stderr)
        return 2
    weights, failed = {}, False
    for page in site_pages(arguments.site):
        name = page.relative_to(arguments.site).as_posix()
        files, outside = references(arguments.site, page)
        sizes = {path: weight(path) for path in (page, *files)}
        total = sum(sizes.values())
        if name == arguments.detail:
            for path, size in sorted(sizes.items(), key=lambda each: -each[1]):
                print(f"{size:>9,}  {path.resolve().relative_to(arguments.site.resolve())}")
        if outside or total > limit(name):
            failed = True
            print(f"{name}: {total:,} bytes of at most {limit(name):,}; other sites: {', '.join(outside) or 'none'}")
        if arguments.all or name == "book/index.html" or name.startswith("book/intro/"):
            weights[name] = (total, 1 + len(files))
    for name, (total, files) in weights.items():
        print(f"{total / 1000:>7,.0f} kB of {limit(name) / 1000:>4,.0f} in {files:>3} files  {name}")
    rows = [{"page": name, "kB": round(total / 1000), "files": files, "limit, kB": round(limit(name) / 1000)}
            for name, (total, files) in weights.items()]  # fmt: skip
    keep_rows(arguments.json, rows)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
