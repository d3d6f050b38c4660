"""Sphinx extension: puts what ``leocourse.site.live.program`` made into the pages. Does nothing if there is nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leocourse.site.live.program import EXERCISES, LOADER, SITE, STEPS


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", _take)
    app.connect("html-page-context", _add_steps)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _take(app: Any, config: Any) -> None:
    """Publish the files beside the pages. The loader goes on every page."""
    root = Path(app.confdir)
    if not (root / STEPS).is_file():
        return
    config.html_extra_path = [*config.html_extra_path, str(root / SITE.parent)]
    config.html_static_path = [*config.html_static_path, str(root / LOADER)]
    app.add_js_file("leo-live.js", loading_method="defer")
    app.add_css_file("leo-live.css")


def _add_steps(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """A lesson carries the SQL of its cells and its exercises, so that pages and data cannot be of different builds."""
    root = Path(app.confdir)
    if doctree is None or not (root / STEPS).is_file():
        return
    steps = json.loads((root / STEPS).read_text(encoding="utf-8")).get(page)
    if steps and any(step["tagged"] and step["sql"] for step in steps):
        _carry(context, "leo-steps", steps)
    if exercises := json.loads((root / EXERCISES).read_text(encoding="utf-8")).get(page):
        _carry(context, "leo-exercises", exercises)


def _carry(context: dict[str, Any], name: str, value: Any) -> None:
    """Put a value into a page as JSON."""
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
    context["body"] += f'\n<script type="application/json" id="{name}">{text}</script>\n'
