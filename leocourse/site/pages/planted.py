"""The page of what is planted: for each question of the bank what the simulation holds, and each effect in full.

What is planted for a question is written by hand in ``data/reference/question-bank``; numbers are those recorded.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.fidelity.effects import EFFECTS
from leocourse.fidelity.recorded import ESTIMANDS, RECOVERED, recorded
from leocourse.fidelity.worlds import RESULT, SHARE, STEP, Effect
from leocourse.site.pages.markup import NOTICE, html, table_html

FOLDER = Path("data/reference/question-bank")
BANK = Path("book/reference/research-questions.md")
MINUS = "−"
_ENTRY = re.compile(r"^### ([A-Z]\d+): (.+)$", re.MULTILINE)
_TEXTS = ("planted", "who", "change", "outcome", "when", "design", "bias", "nothing", "rests_on")
_ALWAYS = ()
_WITH_EFFECT = ("planted", "who", "change", "outcome", "when", "design")


@dataclass(frozen=True)
class Planted:
    """What the simulation holds for one question of the bank."""

    question: str
    """Its number, as A2."""
    title: str
    effects: tuple[str, ...]
    """Names in :data:`leocourse.fidelity.effects.EFFECTS`; none where no effect is planted."""
    texts: dict[str, str]
    """By name, what the file says (see :data:`_TEXTS`)."""


def read_bank(root: Path) -> dict[str, str]:
    """The titles of the questions of the bank, by number."""
    return dict(_ENTRY.findall((root / BANK).read_text(encoding="utf-8")))


def read_planted(root: Path) -> list[Planted]:
    """What is planted for each question of the bank, in its order.

    Raises LeoError, naming the file, for a question without one, a file without a question, an effect that does not
    exist, and an entry that is not whole.
    """
    titles = read_bank(root)
    files = {path.stem: path for path in (root / FOLDER).glob("*.toml")}
    for stem in [*sorted(titles.keys() ^ files.keys())]:
        why = "there is no such question in the bank" if stem in files else "the file is missing"
        raise LeoError(f"{FOLDER}/{stem}.toml: {why}.")
    return [_read(files[number], number, title) for number, title in titles.items()]


def _read(path: Path, number: str, title: str) -> Planted:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LeoError(f"{FOLDER}/{path.name} cannot be read: {error}.") from error
    if set(said) != {*_TEXTS, "effects"}:
        wrong = ", ".join(sorted(set(said) ^ {*_TEXTS, "effects"}))
        raise LeoError(f"{FOLDER}/{path.name}: missing or unknown: {wrong}.")
    for name in [each for each in said["effects"] if each not in EFFECTS]:
        raise LeoError(f"{FOLDER}/{path.name}: there is no effect '{name}'.")
    for name in (*_ALWAYS, *(_WITH_EFFECT if said["effects"] else ("nothing",))):
        if not said[name].strip():
            raise LeoError(f"{FOLDER}/{path.name}: {name} is empty.")
    texts = {name: said[name].strip() for name in _TEXTS}
    if texts["planted"]:  # a sentence that is lifted from the page says what it is about
        texts["planted"] = f"In the simulation: {texts['planted']}"
    return Planted(number, title, tuple(said["effects"]), texts)


def amount(value: float, unit: str) -> str:
    """A value of an effect as people read it: per cent of pay, percentage points, standard deviations."""
    if unit == STEP:
        number, words = 100 * (math.exp(value * math.log(1.001)) - 1), "% of pay"
    elif unit == SHARE:
        number, words = value / 10_000, " points"
    elif unit == RESULT:
        number, words = value / 1_000, " SD"
    else:
        number, words = value, f" {unit}"
    digits = 2 if words == " SD" else 1
    return f"{number:+,.{digits}f}{words}".replace("-", MINUS)


def anchor(name: str) -> str:
    """The address of an effect on the page."""
    return "effect-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def planted_page(root: Path) -> str:
    """The page, as Markdown: the table of questions, then every effect."""
    known = json.loads((root / ESTIMANDS).read_text(encoding="utf-8"))
    recovered = recorded(root, RECOVERED)[0].set_index("effect")
    planted = read_planted(root)
    asked: dict[str, list[str]] = {}
    for entry in planted:
        for name in entry.effects:
            asked.setdefault(name, []).append(entry.question)
    parts = [
        "# What is planted",
        NOTICE,
        "For each question of the [question bank](../research-questions.md) this page says what the simulation holds, "
        "which number answers it, which design finds that number from the records alone, and how far a naive "
        "comparison is from it.\n"
        "Nothing here is a finding: we planted these numbers.",
        "An **estimand** is what the right estimator would give with unlimited data, computed from potential outcomes: "
        "the same simulated people live once with the treatment and once without it.\n"
        "*People needed* is the number among whom the naive comparison misses by five standard errors.",
        "## By question",
        html(table_html("What is planted, by question", _HEADS, [_row(entry, known) for entry in planted])),
        "## Questions",
        *(_question(entry, known) for entry in planted),
        "## Effects",
    ]
    parts += [_effect(name, EFFECTS[name], known[name], recovered.loc[name], asked.get(name, [])) for name in known]
    return "\n\n".join(parts) + "\n"


_HEADS = ["Question", "What is planted", "Estimand", "Design", "True", "Naive", "People needed"]


def _row(entry: Planted, known: dict[str, dict]) -> list[str]:
    said = {name: escape(text) for name, text in entry.texts.items()}
    first = f'<a href="#planted-{entry.question.lower()}">{entry.question}</a> {escape(entry.title)}'
    if not entry.effects:
        return [first, said["planted"], f"None. {said['nothing']}", "", "", "", ""]
    values = [_values(name, known[name]) for name in entry.effects]
    return [first, said["planted"], _estimand(said), said["design"], *map("<br>".join, zip(*values, strict=True))]


def _estimand(said: dict[str, str]) -> str:
    return "; ".join(said[name].rstrip(".") for name in ("who", "change", "outcome", "when")) + "."


def _question(entry: Planted, known: dict[str, dict]) -> str:
    """One question in full, under an anchor of its own."""
    said = entry.texts
    found = ", ".join(f"[{name}](#{anchor(name)})" for name in entry.effects)
    points = [
        ("Planted", said["planted"]),
        ("Estimand", _estimand(said) if entry.effects else ""),
        ("Effects", found or f"None. {said['nothing']}"),
        ("People needed", "; ".join(f"{name}: {_values(name, known[name])[2]}" for name in entry.effects)),
        ("Design", said["design"]),
        ("What is left", said["bias"]),
        ("Rests on", said["rests_on"]),
        ("In the bank", f"[{entry.question}](#rq-{entry.question.lower()})"),
    ]
    return f"(planted-{entry.question.lower()})=\n### {entry.question}: {entry.title}\n\n{_listed(points)}"


def _listed(points: list[tuple[str, str]]) -> str:
    return "\n".join(f"{head}\n: {_lines(words)}\n" for head, words in points if words)


def _lines(words: str) -> str:
    """A sentence a line, as pages are written."""
    return re.sub(r"([.?!]) (?=[A-Z])", r"\1\n  ", words)


def _values(name: str, line: dict) -> tuple[str, str, str]:
    """Truth, naive number and people needed of an effect, the first linked to where it is told in full."""
    unit, enough = EFFECTS[name].unit, line["enough_people"]
    link = f'<a href="#{anchor(name)}">{escape(name)}</a>: {amount(line["estimand"], unit)}'
    return link, amount(line["naive"], unit), f"{enough:,}" if enough else "not told apart"


def _effect(name: str, effect: Effect, line: dict, recovered: pd.Series, asked: list[str]) -> str:
    """One effect in full, under an anchor of its own."""
    enough = f"{line['enough_people']:,}" if line["enough_people"] else "more than there are"
    points = [
        ("Question", effect.question),
        ("Who is compared", effect.compared),
        ("Acts", effect.since or "always"),
        ("Worth", f"{amount(line['estimand'], effect.unit)}, in {line['treated']:,} treated people"),
        ("Right estimator", effect.estimator),
        ("Reads", ", ".join(f"[`{table}`]({table}.md)" for table in effect.tables)),
        ("Covered", f"in {100 * recovered['covered']:.1f}% of {recovered['seeds']:,.0f} samples of "
                    f"{recovered['people']:,} people"),
        ("Naive", f"{effect.naive}: {amount(line['naive'], effect.unit)}, {line['errors_away']:.0f} standard errors "
                  f"away; five among {enough} people"),
        ("What is left", effect.bias),
        ("Answers", ", ".join(f"[{each}](#rq-{each.lower()})" for each in asked)),
        ("Parameter", f"`{effect.parameter}` in `truth.parameters`"),
    ]  # fmt: skip
    return f"({anchor(name)})=\n### {name[:1].upper()}{name[1:]}\n\n{_listed(points)}"
