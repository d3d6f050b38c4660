"""Files that a site has besides its pages: sitemap, robots, the page for what is not there."""

from __future__ import annotations

import html
import json
from pathlib import Path

from leocourse.core.files import write_whole

# Site files ----------------------------------------------------------------------------------------


def write_site_files(folder: Path, pages: list[str], base: str, first: str, title: str) -> None:
    """Write 404.html and the index, and, where the address of the site is known, sitemap.xml and robots.txt."""
    write_whole(folder / "404.html", not_found(base, first, title))
    write_whole(folder / "index.html", redirect(first, title))
    sitemap, robots = folder / "sitemap.xml", folder / "robots.txt"
    if not base:
        sitemap.unlink(missing_ok=True)
        robots.unlink(missing_ok=True)
        return
    addresses = "".join(f"  <url><loc>{html.escape(f'{base}{page}.html')}</loc></url>\n" for page in pages)
    write_whole(
        sitemap,
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{addresses}</urlset>\n',
    )
    write_whole(robots, f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n")


def redirect(first: str, title: str) -> str:
    """The page at the root: it sends on to the first page of the book."""
    address = html.escape(f"{first}.html")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        '<link rel="icon" href="data:,">\n'
        f'<meta http-equiv="refresh" content="0; url={address}"></head>\n'
        f'<body><main><h1>{html.escape(title)}</h1><p><a href="{address}">To the book</a></p></main></body></html>\n'
    )


NOT_FOUND = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Page not found: {title}</title>
<link rel="icon" href="data:,">
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1rem; }}
  a {{ color: #0b5c7d; }}
  @media (prefers-color-scheme: dark) {{ body {{ background: #14181e; color: #e6edf3; }} a {{ color: #74c7e8; }} }}
</style>
</head>
<body>
<main>
<h1>This page is not here</h1>
<p>It may have moved, or the address may have a slip.</p>
<p><a id="home" href="{home}">To the start of the book</a>, or <a id="search" href="{search}">search it</a>.</p>
</main>
<script>
// The book may lie in any folder of its server, and this page is shown for any address below it.
(function (base) {{
  function point(root) {{
    document.getElementById("home").href = root + {first};
    document.getElementById("search").href = root + "search.html";
  }}
  var parts = location.pathname.split("/").slice(0, -1);
  function look() {{
    if (!parts.length) return;
    var root = parts.join("/") + "/";
    fetch(root + "objects.inv", {{ method: "HEAD" }}).then(function (answer) {{
      if (answer.ok) point(root); else {{ parts.pop(); look(); }}
    }}, function () {{ }});
  }}
  if (!base) look();
}})({base});
</script>
</body>
</html>
"""


def not_found(base: str, first: str, title: str) -> str:
    """The page for addresses that do not exist. It loads nothing, so it works whatever the address was."""
    root = base or "/"
    return NOT_FOUND.format(
        title=html.escape(title),
        home=html.escape(f"{root}{first}.html"),
        search=html.escape(f"{root}search.html"),
        first=json.dumps(f"{first}.html"),
        base=json.dumps(base),
    )
