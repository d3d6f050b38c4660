"""Feedback: the ladder's words and what to do next, readable by everybody, and nothing hostile survives in it."""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from needs import PATIENCE, browser

from leocourse.checks.result import Result
from leocourse.grading.books.feedback import PRINTED_LIMIT, STYLE, feedback_mail, feedback_page
from leocourse.grading.harmless import plain_markdown

HOSTILE = (
    "<script>document.title='taken'</script><img src=https://example.org/x onerror=\"document.title='taken'\">"
    "<svg onload=\"document.title='taken'\"></svg></pre></p><a href=javascript:document.title='taken'>x</a>"
    "<style>body{display:none}</style><meta http-equiv=refresh content='0;url=https://example.org'>"
    "![x](https://example.org/x.png)[y](https://example.org) https://example.org www.example.org ``` ````` \n"
    "# taken\n---\n{{ 7 * 7 }}\x1b[31m\u202e\x00\ud800"
)
RESULTS = [
    Result("q1", "One row a pupil", "right", 1.0, 2.0),
    Result("q2", "Keys", "not right yet", 0.0, 2.0, "You lost 3 pupils.", "inner", "The join that loses people", "Building a cohort"),
    Result("q3", "Cohorts", "partly right", 0.5, 3.0, f"got {HOSTILE}", lesson="Building a cohort"),
    Result("q4", "Days", "stopped", 0.0, 3.0, f"ValueError: {HOSTILE}", lesson="Measuring earnings"),
    Result("q5", "Work", "not attempted", 0.0, 3.0, "There is no answer yet.", lesson="Measuring earnings"),
]  # fmt: skip
HINTS = {"q2": ("Does your join lose anybody?", "An inner join drops them."), "q1": ("Count rows.",)}
OUTCOME = {"printed": HOSTILE, "errors": [{"cell": HOSTILE, "error": HOSTILE}]}


def written(form, printed=HOSTILE):
    return form(
        "Cohort and earnings", f"ada {HOSTILE}", RESULTS, [HOSTILE], ["q8"], OUTCOME | {"printed": printed}, hints=HINTS
    )


class Elements(HTMLParser):
    """The elements of a page in order, with what they hold."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, *tags):
        return [(tag, attrs) for tag, attrs in self.found if tag in tags]


def test_each_question_has_its_message_its_slip_its_lesson_a_hint_and_what_to_do_next():
    page, mail = written(feedback_page), written(feedback_mail)
    for text in (page, mail):
        for words in ("3.5 of 13 points", "The join that loses people", "You lost 3 pupils.", "Building a cohort",
                      "Does your join lose anybody?", "hand in again", "Still to be marked by a person: q8"):  # fmt: skip
            assert words in text
        assert "An inner join drops them." not in text  # one hint at a time
        assert "Count rows." not in text  # no hint where the answer is right


def test_the_page_has_language_landmarks_and_headings_in_order():
    elements = Elements(written(feedback_page))
    assert elements.found[0] == ("html", {"lang": "en-GB"})
    assert [len(elements.all(each)) for each in ("header", "main", "footer", "title")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _ in elements.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    names = {attrs["id"] for _, attrs in elements.all("h3")}
    assert [attrs["aria-labelledby"] in names for _, attrs in elements.all("article")] == [True] * len(RESULTS)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_enough_in_light_and_dark():
    """WCAG 2.1: 4.5 for text, 3 for lines that carry meaning."""
    schemes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", STYLE)]
    assert len(schemes) == 2
    for colours in schemes:
        for text in ("text", "link"):
            assert min(contrast(colours[text], colours[back]) for back in ("back", "soft")) >= 4.5
        for line in ("line", "right", "partly", "wrong"):
            assert contrast(colours[line], colours["back"]) >= 3


def test_nothing_of_a_submission_becomes_an_element_of_the_page():
    elements = Elements(written(feedback_page))
    allowed = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "h1", "h2", "h3", "p", "strong",
               "span", "div", "ul", "li", "article", "cite", "details", "summary", "code", "pre"}  # fmt: skip
    assert {tag for tag, _ in elements.found} <= allowed
    assert not [
        attrs for _, attrs in elements.found if any(name.startswith("on") or name in ("src", "href") for name in attrs)
    ]
    policy = next(attrs["content"] for tag, attrs in elements.found if attrs.get("http-equiv"))
    assert "default-src 'none'" in policy and "unsafe" not in policy and "base-uri 'none'" in policy
    style = re.search(r"<style>(.*?)</style>", written(feedback_page), re.DOTALL)[1]
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy  # or the page has no style
    assert "\u202e" not in written(feedback_page) and "\x1b" not in written(feedback_page)


def test_huge_output_and_many_notes_are_cut():
    for form in (feedback_page, feedback_mail):
        assert len(written(form, printed="x" * 10_000_000)) < PRINTED_LIMIT + 30_000
        long = form("T", "ada", RESULTS, ["note"] * 500, [], {"errors": [{"cell": "a", "error": "b"}] * 500})
        assert long.count("the rest is cut off") == 2 and len(long) < 20_000


def test_nothing_of_a_submission_becomes_a_link_an_image_or_html_in_the_mail():
    rendered = (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(written(feedback_mail))
    )
    elements = Elements(rendered)
    assert {tag for tag, _ in elements.found} <= {"h1", "h2", "h3", "p", "strong", "em", "ul", "li", "code", "pre"}
    assert len(elements.all("h1")) == 1
    assert len(elements.all("pre")) == 1


@pytest.mark.parametrize(
    "text", ["- a", "+ a", "1. a", "1) a", "=== a", "# a", "> a", "* a", "| a |", "https://a.example", "www.a.example"]
)
def test_no_text_starts_a_list_a_heading_or_a_link(text):
    rendered = MarkdownIt("commonmark").render(plain_markdown(text))
    assert [tag for tag, _ in Elements(rendered).found] == ["p"]
    assert "://" not in rendered and "www." not in rendered


def dom_after_loading(path):
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
    command += [f"--user-data-dir={path.parent / 'profile'}", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def test_no_script_runs_in_a_real_browser(tmp_path):
    good, bad, kept = tmp_path / "good.html", tmp_path / "bad.html", tmp_path / "kept.html"
    page = written(feedback_page)
    script = "<script>document.title='taken'</script>"
    good.write_text(page, encoding="utf-8")
    kept.write_text(page.replace("</main>", script + "</main>"), encoding="utf-8")
    bad.write_text(f"<title>Feedback</title>{script}", encoding="utf-8")
    assert "<title>taken</title>" in dom_after_loading(bad)  # the browser of this test does run scripts
    for path in (good, kept):  # the second: even one that escaping had missed is stopped by the policy
        assert "<title>Feedback: Cohort and earnings</title>" in dom_after_loading(path)
    assert not Elements(dom_after_loading(good)).all("script", "img", "svg", "a", "iframe")
