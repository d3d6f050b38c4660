"""What a check says stands in one file, and Python and the page fill its sentences in alike."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from string import Formatter

import pytest
from needs import need

from leocourse.checks.words import LADDER, say

SENTENCES = {
    (name, form): text
    for name, found in LADDER["sentences"].items()
    for form, text in (found.items() if isinstance(found, dict) else [("", found)])
}
HOSTILE = ["$&", "{wanted}", "{0}", "{", "}}", "\\1", "<b>", "it's", "%s", "naïve 𝒳"]
"""Text that means something to what fills in gaps."""


def gaps(text):
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def all_gaps(name):
    """The gaps of all forms of a sentence: who says it does not know which form it will be."""
    return list(dict.fromkeys(gap for (other, _), text in SENTENCES.items() if other == name for gap in gaps(text)))


def is_said(name, text):
    """Whether code says a sentence: by its name, or by the beginning of it, as in ``"rule_" + name``."""
    begins = [name[: at + 1] for at, letter in enumerate(name) if letter == "_"]
    return f'"{name}"' in text or any(f'"{each}"' in text or f'"{each}{{' in text for each in begins)


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    need(found, "This test needs Node.")
    return found


def test_python_and_the_page_say_the_same(root, node):
    cases = [
        (name, {gap: HOSTILE[(start + at) % len(HOSTILE)] for at, gap in enumerate(all_gaps(name))}, count)
        for name, _ in SENTENCES for start in range(len(HOSTILE)) for count in (0, 1, 2)
    ]  # fmt: skip
    words = (root / "web" / "src" / "check" / "words.js").as_uri()
    script = (
        f"import {{ say }} from {json.dumps(words)}; import {{ readFileSync }} from 'node:fs';"
        "const cases = JSON.parse(readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(cases.map(([name, values, count]) => say(name, values, count))));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [say(name, count, **values) for name, values, count in cases]


def test_a_gap_is_not_left_open():
    with pytest.raises(KeyError):
        say("row")
    with pytest.raises(KeyError):
        say("no-such-sentence")


def test_every_sentence_is_said_and_none_is_written_a_second_time(root):
    """The words between the gaps are in no other file of either checker, so that they cannot come apart."""
    python = [path for room in ("checks", "authoring") for path in sorted((root / "leocourse" / room).glob("*.py"))]
    page = sorted((root / "web" / "src").rglob("*.js"))
    texts = {path: re.sub(r'"""[^"]*"""', "", path.read_text(encoding="utf-8")) for path in [*python, *page]}
    for (name, form), sentence in SENTENCES.items():
        assert any(is_said(name, text) for text in texts.values()), f"{name} is never said"  # a button only in the page
        longest = max(re.split(r"\{\w+\}", sentence), key=len).strip()
        if len(longest) > 15:
            there = [path.name for path in texts if re.search(rf'["\'`][^"\'`\n]*{re.escape(longest)}', texts[path])]
            assert not there, f"{name} {form}: {there}"
