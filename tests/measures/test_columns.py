"""Every name in the SQL of the measures exists. Run first: the other tests of a measure need this."""

from __future__ import annotations

import duckdb
import pytest

import leocourse as leo
from leocourse.core.errors import LeoError
from leocourse.measures import load, model, names
from leocourse.measures.broken import BrokenMeasure, place
from leocourse.measures.example import open_views, sql_of, views_in


def test_every_measure_reads_tables_and_columns_that_exist():
    wrong = {}
    views = {view.name: view for name in names() for view in views_in(_sql(name, wrong))}
    with open_views(views.values()) as con:
        for name in names():
            try:
                leo.measure(con, name)
            except LeoError as error:
                wrong[str(error)] = None
    for name in names():
        wrong |= {f"{place(load(name))} reads {view}, which the schema does not have.": None
                  for view in model.missing_views(load(name))}  # fmt: skip
    if wrong:
        pytest.fail("\n".join(["", *wrong]), pytrace=False)


def _sql(name: str, wrong: dict[str, None]) -> str:
    try:
        return sql_of(name)
    except LeoError as error:
        wrong[str(error)] = None
        return ""


# What a slip in the SQL is called --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "name", "old", "new", "says"),
    [
        ("work", "earnings", "e.earnings", "e.earningz",
         "work/earnings.sql reads leo_earnings.earningz: there is no such column; near: earnings"),
        ("work", "earnings", "SUM(e.earnings)", "SUM(earningz)", "leo_earnings.earningz: there is no such column; near: earnings"),
        ("work", "earnings", ".leo_earnings", ".leo_earningz",
         "work/earnings.sql reads leo_earningz: there is no such view; near: leo_earnings"),
        ("work", "earnings", "base.price_index", "base.price_indx",
         "work/earnings.sql reads measures.tax_years.price_indx: there is no such column; near: price_index"),
        ("work", "earnings", "measures.tax_years", "measures.tax_year",
         "work/earnings.sql reads measures.tax_year: there is no such measure; near: tax_years"),
        ("work", "earnings", "pay.ae_id,", "pay.aeid,", "work/earnings.sql reads pay.aeid: there is no such column"),
        ("work", "earnings", "COALESCE(d.days, 0)", "COALESCE(d.days, 0", "work/earnings.sql cannot be computed: syntax error"),
        ("work", "employment_spells", "e.uncertainstartdate", "e.uncertanstartdate",
         "work/employment_spells.sql reads leo_employment.uncertanstartdate: there is no such column; near: uncertainstartdate"),
        ("background", "sex", "s.gender_{", "s.gendr_{",
         "background/sex.sql reads plasc_2002.gendr_02: there is no such column; near: gender_02"),
        ("background", "ethnic_group", ".spring_census_{", ".spring_censuz_{",
         "background/ethnic_group.sql reads npd_i2.spring_censuz_2006: there is no such view; near: spring_census_2"),
        ("context", "university_tariff", "t.tariff_group", "t.tarif_group",
         "context/university_tariff.sql reads reference.universities.tarif_group: there is no such column; near: tariff_group"),
        ("context", "university_tariff", "reference.universities", "reference.university",
         "context/university_tariff.sql reads reference.university: there is no such table; near: universities"),
    ],
)  # fmt: skip
def test_a_slip_is_one_line_that_names_the_file_and_what_is_near(changed_sql, group, name, old, new, says):
    changed_sql(group, name, old, new)
    with open_views(views_in(_sql(name, {}))) as con, pytest.raises(BrokenMeasure) as error:
        leo.measure(con, name)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_measure_that_reads_a_broken_one_says_which_is_broken(changed_sql):
    changed_sql("work", "tax_years", "later.cpi", "later.cpj")
    with (
        open_views(views_in(sql_of("earnings"))) as con,
        pytest.raises(BrokenMeasure, match="work/tax_years.sql reads "),
    ):
        leo.measure(con, "earnings")


def test_a_view_that_is_missing_in_some_years_only_is_found(changed_sql):
    """Rendering leaves such years out, so nothing else would say so."""
    changed_sql("background", "sex", "{plasc 2006 spring_census}_{yyyy}", "{plasc 2006 springcensus}_{yyyy}")
    assert model.missing_views(load("sex"))[0] == "npd_i2.springcensus_2006"


def test_rows_that_do_not_fit_are_no_fault_of_the_sql():
    """A learner may have put another table in the place of a view: what DuckDB says of its rows stays as it is."""
    views = views_in(sql_of("furlough"))
    with open_views(views, [view.name for view in views]) as con:
        con.execute("""INSERT INTO leo_i2."2005003".leo_cjrs (edukey, cjrs_dtm_ind) VALUES ('K1', 'none')""")
        con.execute("""INSERT INTO leo_i2."2005003".learner_ae_id_to_edukey_lookup VALUES (1, 'K1')""")
        with pytest.raises(duckdb.ConversionException):
            leo.measure(con, "furlough")
