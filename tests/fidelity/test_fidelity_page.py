"""The page on fidelity: it shows what was recorded, and what was recorded belongs to the present simulation."""

import json
import re
import shutil
from html import unescape

import numpy as np
import pandas as pd
import pytest

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.extract import generate, parameters
from leocourse.fidelity import correlations, coverage, estimands
from leocourse.fidelity import recorded as recordings
from leocourse.fidelity.effects import EFFECTS
from leocourse.fidelity.published import JUDGED, summary
from leocourse.site.pages import fidelity as fp

ROOT = course_root()
NAMES = (recordings.FIGURES, recordings.CORRELATIONS, recordings.RECOVERED)


@pytest.fixture(scope="module")
def page():
    return fp.page(ROOT)


@pytest.fixture(scope="module")
def figures():
    return recordings.recorded(ROOT, recordings.FIGURES)[0]


@pytest.fixture
def copy(tmp_path):
    """The reference data in a course of their own."""
    shutil.copytree(ROOT / recordings.REFERENCE, tmp_path / recordings.REFERENCE)
    for name in (recordings.LESSON_HASHES, recordings.LIVES_HASH):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def rows(page, caption):
    """The cells of the table with a caption."""
    table = re.search(rf"<caption>{re.escape(caption)}</caption>.*?</table>", page, re.DOTALL)[0]
    body = table.split("<tbody>")[1]
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"<tr>.*?</tr>", body)]  # fmt: skip


# What was recorded


@pytest.mark.parametrize("name", NAMES)
def test_recorded_tables_are_described(name):
    table, about = recordings.recorded(ROOT, name)
    assert len(table) == about["rows"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["date"]) and re.search(r" --record |^leo record ", about["command"])


def test_what_was_recorded_belongs_to_the_present_simulation():
    assert recordings.stale(ROOT) == [], "run 'leo record'"


def test_another_simulation_makes_the_records_stale(copy):
    assert recordings.stale(copy) == []
    with (copy / recordings.LESSON_HASHES).open("a") as file:  # faults or records changed, no lives
        file.write("\n")
    assert recordings.stale(copy) == [recordings.CORRELATIONS]
    with (copy / recordings.LIVES_HASH).open("a") as file:
        file.write("\n")
    assert recordings.stale(copy) == ["estimands", *NAMES[2:], *NAMES[:2]]


def test_another_estimand_makes_the_coverage_stale_and_other_words_do_not(copy):
    path = copy / recordings.ESTIMANDS
    known = json.loads(path.read_text())
    known["furlough"]["estimator"] += " and more"
    path.write_text(json.dumps(known))
    assert recordings.stale(copy) == [] and not estimands.words_are_current(copy)
    estimands.write_words(path)
    assert estimands.words_are_current(copy)
    known["furlough"]["estimand"] += 0.5
    path.write_text(json.dumps(known))
    assert recordings.stale(copy) == [recordings.RECOVERED]
    known["furlough"]["planted"] += 1
    path.write_text(json.dumps(known))
    assert recordings.stale(copy) == ["estimands", recordings.RECOVERED]


def test_a_changed_or_missing_record_is_one_clear_line(copy):
    path = copy / recordings.REFERENCE / "effects.csv"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(LeoError, match="was changed"):
        fp.page(copy)
    path.unlink()
    with pytest.raises(LeoError, match="is missing"):
        fp.page(copy)


def test_recording_and_reading_give_the_same_table(copy):
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, np.nan]})
    recordings.record(
        copy, "trial", table, title="t", command="c", made_from=recordings.LESSON_HASHES, about={"people": 3},
        seconds=61.4,
    )  # fmt: skip
    again, about = recordings.recorded(copy, "trial")
    pd.testing.assert_frame_equal(again, table)
    assert (
        about["seconds"] == 61
        and about["people"] == 3
        and about["made_from"]["sha256"] == keep.fingerprint(copy / recordings.LESSON_HASHES)
    )


def test_every_planted_effect_is_covered_as_often_as_it_should_be():
    table, about = recordings.recorded(ROOT, recordings.RECOVERED)
    assert table["effect"].tolist() == list(EFFECTS)
    assert table["estimand"].tolist() == [line["estimand"] for line in parameters.stored().values()]
    assert about["seeds"] >= 30 and table["people"].min() >= 5_000
    missed = [line["effect"] for line in table.to_dict("records") if not coverage.within(line)]
    assert [name for name in missed if not EFFECTS[name].bias] == []


def test_the_low_fidelity_mode_leaves_nothing_between_columns():
    table = recordings.recorded(ROOT, recordings.CORRELATIONS)[0]
    large = table[table["large_pairs"] > 0]
    assert len(large) >= 10 and (large["largest"] < correlations.LIMIT).all()
    assert (table["over_chance"] < 1.01).all()


# The page


def test_the_page_gives_every_figure_with_its_difference(page, figures):
    shown = {caption: rows(page, caption) for caption in set(re.findall(r"<caption>([^<]+)</caption>", page))}
    for (breakdown, group), part in figures.groupby(["breakdown", "group"], sort=False):
        table = {int(row[0]): row[1:] for row in shown[breakdown if group == "All" else f"{breakdown}: {group}"]}
        assert sorted(table) == sorted(part["year"].unique())
        for row in part.itertuples():
            cell = table[row.year][fp.MEASURES.index(row.measure)]
            numbers = [float(each.replace(",", "").replace(fp.MINUS, "-").replace("+", "").rstrip("%"))
                       for each in re.findall(rf"[+{fp.MINUS}]?[\d,.]*\d", cell)]  # fmt: skip
            expected = [row.published] if np.isnan(row.ours) else [row.published, row.ours, row.difference]
            assert numbers == pytest.approx(expected, abs=0.51 if row.measure == fp.PAY else 0.051), cell
            assert cell.endswith("*") == (row.breakdown in JUDGED and not abs(row.difference) <= row.tolerance)


@pytest.mark.parametrize("outside", [0, 5])
def test_the_page_says_how_many_figures_are_outside_and_lists_each(figures, outside, monkeypatch):
    recorded, changed = recordings.recorded, figures.assign(within=figures["tolerance"].notna())
    changed.loc[changed.index[changed["within"]][:outside], "within"] = False
    monkeypatch.setattr(fp, "recorded", lambda root, name: (changed, recorded(root, name)[1]) if name == recordings.FIGURES
                        else recorded(root, name))  # fmt: skip
    page, total = fp.page(ROOT), summary(changed).iloc[-1]["figures"]
    if not outside:
        assert f"**All {total:,} figures are within tolerance.**" in page and "outside tolerance</caption>" not in page
        return
    assert f"**{total - outside:,} of {total:,} figures are within tolerance, {outside:,} are not.**" in page
    listed = rows(page, "Figures outside tolerance")
    assert sum(len(row[2].split(", ")) for row in listed) == outside


def test_charts_are_read_out_and_follow_the_colours_of_the_page(page):
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 2
    for chart in charts:
        title, description = (re.search(rf"<{part} [^>]*>(.+?)</{part}>", chart)[1] for part in ("title", "desc"))
        assert len(title) > 20 and len(description) > 150 and 'role="img"' in chart
        assert not re.search(r"#[0-9a-fA-F]{3,6}|rgb|\bfill=|\bstroke=", chart)


def test_the_chart_has_a_mark_for_every_published_figure(figures):
    everyone = figures[figures["breakdown"] == "National"]
    assert fp.national_chart(figures).count('class="published"') == len(everyone)
    judged = figures[figures["tolerance"].notna() & (figures["measure"] != fp.PAY) & figures["ours"].notna()]
    assert fp.difference_chart(figures).count('class="dot"') == len(judged)


def test_effects_and_correlations_stand_on_the_page(page):
    effects = rows(page, "Planted effects")
    assert [row[0] for row in effects] == [effect.question for effect in EFFECTS.values()]
    left = recordings.recorded(ROOT, recordings.CORRELATIONS)[0]
    assert [row[0] for row in rows(page, "Correlations in the low-fidelity mode")] == left["table"].tolist()


# Correlations


def test_joined_columns_are_found_and_shuffled_ones_are_not(monkeypatch):
    rng = np.random.default_rng(1)
    one = rng.integers(0, 50, 5_000)
    view = pd.DataFrame({
        "one": one, "other": rng.integers(0, 9, 5_000), "text": [f"{value:02d}" for value in one], "alike": 1,
        "seldom": [3] * 20 + [None] * 4_980,
    })  # fmt: skip
    ranks = correlations._ranked(view)
    kept = correlations._varied(ranks)
    assert kept.tolist() == [True, True, True, False, False]
    found = correlations._largest(ranks[:, kept])
    assert found["pairs"] == 3 and found["over_chance"] == pytest.approx(1 / correlations.by_chance(3, 5_000))
    apart = correlations._largest(ranks[:, [0, 1]])
    assert apart["over_chance"] < 1 and np.isnan(apart["largest"])


def test_a_teaching_extract_is_refused_and_a_small_low_fidelity_one_measured(clean_extract, tmp_path):
    with pytest.raises(LeoError, match="no low-fidelity extract"):
        correlations.correlations(clean_extract)
    with pytest.raises(LeoError, match="no whole extract"):
        correlations.correlations(tmp_path)
    generate(tmp_path / "extract", 1_000, 7, mode="low-fidelity", workers=1)
    found = correlations.correlations(tmp_path / "extract").set_index("table")
    assert {"school_census", "leo_earnings"} <= set(found.index)
    assert (found["over_chance"] < 1.2).all() and json.loads((tmp_path / "extract" / "manifest.json").read_text())
