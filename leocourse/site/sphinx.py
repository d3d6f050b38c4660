"""A Sphinx extension with what makes the book a site: cards, progress, links for readers, lighter pages.

Set in ``_config.yml`` under ``sphinx: config: leo_site``; everything that needs an address is off until it is there:

``repository``
    ``owner/name`` on GitHub, or ``$LEO_BOOK_REPOSITORY``: "Report a problem" opens an issue that names the page.
``report``
    An address for e-mail instead.
``branch``, ``binder``, ``jupyterlite``, ``jupyterhub``
    The branch, and the addresses of services. Each that is set adds a button to lessons: "Open in ...".
    ``jupyterlite`` may be a folder of this site: ``lite``.
``giscus``
    ``repo``, ``repo_id``, ``category``, ``category_id``: comments, loaded when a reader asks for them.

The address of the site is ``html.baseurl``, or ``$LEO_BOOK_URL``.
"""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

from leocourse.site.files import write_site_files
from leocourse.site.tidy import AS_WRITTEN, tidy_site

LESSONS = ("book/intro/", "book/advanced/")
"""Where lessons are. No two have the same name: a learner's copies lie in one folder."""
PROGRESS_PAGE = "book/start/progress"
PRACTICE = "book/reference/generated/practice/"
SCRIPTS = ("progress-file.js", "drafts.js", "progress.js", "glossary.js", "language.js", "theme-fixes.js")
DESCRIPTION = 200
"""The most characters of a description on a card."""


def setup(app: Any) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.add_config_value("leo_site", {}, "html")
    for script in SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))
    app.connect("config-inited", _read_environment)
    app.connect("builder-inited", _read_assignments)
    app.connect("html-page-context", add_to_page, priority=900)
    app.connect("build-finished", _finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _read_environment(app: Any, config: Any) -> None:
    """Take addresses from the environment, as a deployment gives them."""
    if address := os.environ.get("LEO_BOOK_URL"):
        config.html_baseurl = address
    if config.html_baseurl:
        config.html_baseurl = config.html_baseurl.rstrip("/") + "/"
    if repository := os.environ.get("LEO_BOOK_REPOSITORY"):
        config.leo_site = {**config.leo_site, "repository": repository}


def _read_assignments(app: Any) -> None:
    """The exercises of lessons, and the assignments: their questions, and which of them no page can check."""
    from leocourse.authoring.exercise import exercise_folders
    from leocourse.authoring.question import assignments, question_files

    app.leo_exercises = {folder.name: [f"q{int(each.stem[1:])}" for each in question_files(folder)]
                         for folder in exercise_folders(Path(app.srcdir))}  # fmt: skip
    loaded = assignments(Path(app.srcdir))
    app.leo_assignments = [
        {
            "name": each.name,
            "title": each.title,
            "questions": [question.name for question in each.questions],
            "notebook": [question.name for question in each.questions if question.kind != "sql"],
        }
        for each in loaded
    ]


# Maths: browsers show MathML themselves, so that no page needs MathJax ------------------------------


def _inline_math(translator: Any, node: nodes.Node) -> None:
    translator.body.append(_mathml(node.astext(), block=False))
    raise nodes.SkipNode


def _block_math(translator: Any, node: nodes.Node) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    translator.body.append(f'<div class="math">{number}{_mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def _mathml(tex: str, block: bool) -> str:
    return tex2mathml(tex, as_block=block)


# Pages ---------------------------------------------------------------------------------------------


def add_to_page(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Add to a page its card, its part in the learner's progress, and links for readers."""
    if app.builder.format != "html" or "body" not in context:
        return
    if doctree is not None:
        context["metatags"] = context.get("metatags", "") + card(app, page, context, doctree)
        context["body"] += report_link(app, page, context.get("title", page)) + comments(app.config.leo_site)
    if page.startswith(LESSONS) or page in (app.config.root_doc, PROGRESS_PAGE):
        _add_progress(app, page, context)
    if page == PROGRESS_PAGE:
        app.add_js_file("progress-page.js", loading_method="defer")
    _add_open_in(app, page, context)


def _title(app: Any, page: str) -> str:
    return app.env.titles[page].astext() if page in app.env.titles else page


def _plain(text: str) -> str:
    """Text of a title as the theme holds it, without its markup."""
    return BeautifulSoup(text, "html.parser").get_text()


def card(app: Any, page: str, context: dict[str, Any], doctree: Any) -> str:
    """Meta tags that say what a page is, for search engines and for links that people share."""
    base = app.config.html_baseurl
    description = first_paragraph(doctree)
    tags = {
        "og:title": _plain(context.get("title", page)),
        "og:type": "website" if page == app.config.root_doc else "article",
        "og:site_name": app.config.html_title or app.config.project,
        "og:description": description,
        "og:locale": "en_GB",
    }
    lines = [f'<meta name="description" content="{html.escape(description)}" />'] if description else []
    if base:
        tags["og:url"] = f"{base}{page}.html"
        pictures = [app.builder.images[each["uri"]] for each in doctree.findall(nodes.image)
                    if each.get("uri") in app.builder.images]  # fmt: skip
        drawn = [name for name in pictures if name.endswith((".png", ".jpg"))]  # cards do not show SVG
        if drawn:
            tags["og:image"] = f"{base}_images/{quote(drawn[0])}"
            tags["og:image:alt"] = next(
                (each.get("alt", "") for each in doctree.findall(nodes.image)
                 if app.builder.images.get(each.get("uri")) == drawn[0]), "")  # fmt: skip
        lines.append(f'<meta name="twitter:card" content="{"summary_large_image" if drawn else "summary"}" />')
    lines += [f'<meta property="{name}" content="{html.escape(text)}" />' for name, text in tags.items() if text]
    return "\n" + "\n".join(lines) + "\n"


def first_paragraph(doctree: Any) -> str:
    """The first paragraph of a page that stands in no box, at most ``DESCRIPTION`` characters of it."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if isinstance(paragraph.parent, nodes.section) and len(text) > 40:
            return text if len(text) <= DESCRIPTION else text[:DESCRIPTION].rsplit(" ", 1)[0] + " …"
    return ""


def report_link(app: Any, page: str, title: str) -> str:
    """A link by which a reader reports a problem, with the page named. Empty until there is an address."""
    site, title = app.config.leo_site, _plain(title)
    where = f"{app.config.html_baseurl}{page}.html" if app.config.html_baseurl else f"{page}.html"
    subject, body = f"Problem with the page: {title}", f"Page: {where}\n\nWhat is wrong, and what you expected:\n"
    if site.get("repository"):
        query = urlencode({"title": subject, "body": body}, quote_via=quote)
        address = f"https://github.com/{site['repository']}/issues/new?{query}"
    elif site.get("report"):
        address = f"mailto:{site['report']}?{urlencode({'subject': subject, 'body': body}, quote_via=quote)}"
    else:
        return ""
    return f'<p class="leo-report"><a href="{html.escape(address)}">Report a problem with this page</a></p>\n'


def comments(site: dict[str, Any]) -> str:
    """A button that loads comments by giscus. Nothing is asked of another site before it is pressed."""
    wanted = ("repo", "repo_id", "category", "category_id")
    giscus = site.get("giscus") or {}
    if not all(giscus.get(each) for each in wanted):
        return ""
    data = " ".join(f'data-{name.replace("_", "-")}="{html.escape(str(giscus[name]))}"' for name in wanted)
    return (
        f'<section class="leo-comments" aria-label="Comments" {data}>'
        '<button type="button" class="leo-button leo-show-comments">Show comments (loads giscus.app)</button>'
        "</section>\n"
    )


def _add_progress(app: Any, page: str, context: dict[str, Any]) -> None:
    """Give the page the lessons and questions there are, and the places where progress is shown."""
    lessons = [name for name in app.env.toctree_includes.get(app.config.root_doc, []) if name.startswith(LESSONS)]
    to = app.builder.get_relative_uri

    def name(lesson: str) -> str:
        return lesson.rsplit("/", 1)[-1]

    course: dict[str, Any] = {
        "page": to(page, PROGRESS_PAGE),
        "lessons": [
            {
                "name": name(each),
                "title": _title(app, each),
                "href": to(page, each) or "#",
                "exercises": app.leo_exercises.get(name(each), []),
            }
            for each in lessons
        ],
        "assignments": [
            {**each, "href": to(page, PRACTICE + each["name"])}
            if PRACTICE + each["name"] in app.env.found_docs
            else each
            for each in app.leo_assignments
        ],
    }
    body = context["body"]
    if page in lessons:
        course["lesson"] = name(page)
        body += '<div id="leo-lesson-end" class="leo-lesson-end"></div>\n'
    if page == app.config.root_doc:
        listed = "".join(
            f'<li><a class="reference internal" href="{html.escape(each["href"])}">{html.escape(each["title"])}</a> '
            f'<span class="leo-mark" data-leo-lesson="{html.escape(each["name"])}"></span></li>'
            for each in course["lessons"]
        )
        marked = "".join(
            f"<li>{html.escape(each['title'])} "
            f'<span class="leo-mark" data-leo-assignment="{html.escape(each["name"])}"></span></li>'
            for each in app.leo_assignments
        )
        contents = (
            f'<div class="leo-contents"><ol>{listed}</ol>'
            + (f"<p>Assignments:</p><ul>{marked}</ul>" if marked else "")
            + '<p id="leo-progress-total"></p><p class="leo-progress-notice" role="status"></p></div>'
        )
        body = _in_place(body, contents)
    data = json.dumps(course, ensure_ascii=False).replace("<", "\\u003c")
    context["body"] = body + f'<script type="application/json" id="leo-course">{data}</script>\n'


def _in_place(body: str, contents: str) -> str:
    """The text of a page with the contents where it leaves room for them."""
    page = BeautifulSoup(body, "html.parser")
    if room := page.select_one("div.leo-contents"):
        room.replace_with(BeautifulSoup(contents, "html.parser"))
    return page.decode(formatter=AS_WRITTEN)


def _add_open_in(app: Any, page: str, context: dict[str, Any]) -> None:
    """Buttons that open a lesson elsewhere, for the services that are configured."""
    site = app.config.leo_site
    if not page.startswith(LESSONS) or "header_buttons" not in context:
        return
    repository, branch = site.get("repository", ""), site.get("branch") or "main"
    notebook = page.rsplit("/", 1)[-1]
    copy = f"lessons/{notebook}.ipynb"
    links = {}
    if site.get("jupyterlite"):
        lite = site["jupyterlite"].rstrip("/")
        lite = lite if re.match(r"(https?:)?/", lite) else f"{context['pathto'](lite, 1)}"
        links["JupyterLite"] = f"{lite}/lab/index.html?path={copy}"
    if site.get("binder") and repository:
        links["Binder"] = f"{site['binder'].rstrip('/')}/v2/gh/{repository}/{branch}?urlpath=lab/tree/work/{copy}"
    if site.get("jupyterhub") and repository:
        folder = repository.split("/")[-1]
        query = urlencode(
            {"repo": f"https://github.com/{repository}", "branch": branch, "urlpath": f"lab/tree/{folder}/{page}.md"}
        )
        links["JupyterHub"] = f"{site['jupyterhub'].rstrip('/')}/hub/user-redirect/git-pull?{query}"
    if links:
        buttons = [
            {"type": "link", "url": url, "text": name, "tooltip": f"Open in {name}", "icon": "fas fa-rocket",
             "label": f"open-{name.lower()}-button"} for name, url in links.items()
        ]  # fmt: skip
        context["header_buttons"].insert(
            0,
            {"type": "group", "tooltip": "Open this lesson in", "icon": "fas fa-rocket", "buttons": buttons,
             "label": "launch-buttons"},
        )  # fmt: skip


# The end of a build --------------------------------------------------------------------------------


def _finish(app: Any, error: Exception | None) -> None:
    """Tidy the pages and write the files of the site."""
    if error is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    as_you_type = bool((app.config.html_theme_options or {}).get("search_as_you_type"))
    tidy_site(folder, as_you_type)
    title = app.config.html_title or app.config.project
    write_site_files(folder, sorted(app.env.found_docs), app.config.html_baseurl, app.config.root_doc, title)
