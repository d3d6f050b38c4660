"""Applicants and applications."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import UCAS, varied

from .shared import AFTER_LESSON, PMR, slip


def applicants(
    con,
    cycle,
    applications="SUM(main_scheme_application_flag)",
    offer="provider_decision_june30 IN ('Conditional offer', 'Unconditional offer')",
    accepted="MAX(accept_flag)",
    where="",
):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous, {applications} AS applications,
            SUM(CASE WHEN {offer} THEN 1 ELSE 0 END) AS offers, {accepted} AS accepted
        FROM {UCAS}.ucas_{cycle}
        {where}
        GROUP BY pupilmatchingrefanonymous
    """)


def applications_as_rows(con, cycle):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous, main_scheme_application_flag AS applications,
            CASE WHEN provider_decision_june30 LIKE '%offer' THEN 1 ELSE 0 END AS offers, accept_flag AS accepted
        FROM {UCAS}.ucas_{cycle}
    """)


def applications_of(cycle):
    return f"""
        SELECT pupilmatchingrefanonymous, main_scheme_application_flag AS main, provider_decision_june30 AS decision,
            accept_flag
        FROM {UCAS}.ucas_{cycle}
    """


def applicants_pandas(con, cycle):
    rows = con.sql(applications_of(cycle)).df()
    rows["offer"] = rows["decision"].isin(["Conditional offer", "Unconditional offer"]).astype(int)
    return (
        rows.groupby(PMR)
        .agg(applications=("main", "sum"), offers=("offer", "sum"), accepted=("accept_flag", "max"))
        .reset_index()
    )


def applicants_pivot(con, cycle):
    rows = con.sql(applications_of(cycle)).df()
    table = rows[[PMR]].drop_duplicates().set_index(PMR)
    table["applications"] = rows[rows["main"] == 1][PMR].value_counts()
    table["offers"] = rows[rows["decision"].fillna("").str.endswith(" offer")][PMR].value_counts()
    table = table.fillna(0).astype(int)
    table["accepted"] = table.index.isin(rows.loc[rows["accept_flag"] == 1, PMR]).astype(int)
    return table.reset_index()


def applicants_filter(con, cycle):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous,
            COUNT(*) FILTER (WHERE main_scheme_application_flag = 1) AS applications,
            COUNT(*) FILTER (WHERE provider_decision_june30 LIKE '%offer') AS offers,
            CASE WHEN SUM(accept_flag) > 0 THEN 1 ELSE 0 END AS accepted
        FROM {UCAS}.ucas_{cycle}
        GROUP BY pupilmatchingrefanonymous
    """)


def applicants_joined(con, cycle):
    """Each count by itself, then side by side."""
    return con.sql(f"""
        WITH rows_of_cycle AS ({applications_of(cycle)}),
        people AS (SELECT DISTINCT pupilmatchingrefanonymous AS pmr FROM rows_of_cycle),
        main AS (
            SELECT pupilmatchingrefanonymous AS pmr, COUNT(*) AS n FROM rows_of_cycle WHERE main = 1 GROUP BY 1
        ),
        offers AS (
            SELECT pupilmatchingrefanonymous AS pmr, COUNT(*) AS n FROM rows_of_cycle
            WHERE decision <> 'Rejection' GROUP BY 1
        )
        SELECT p.pmr AS pupilmatchingrefanonymous, COALESCE(m.n, 0) AS applications, COALESCE(o.n, 0) AS offers,
            CASE WHEN EXISTS (
                SELECT 1 FROM rows_of_cycle AS r WHERE r.pupilmatchingrefanonymous = p.pmr AND r.accept_flag = 1
            ) THEN 1 ELSE 0 END AS accepted
        FROM people AS p LEFT JOIN main AS m ON m.pmr = p.pmr LEFT JOIN offers AS o ON o.pmr = p.pmr
    """)


CYCLES = range(2008, 2022)

QUESTION = Question(
    name="q9",
    title="Applicants and applications",
    answer_name="applicants",
    kind="function",
    points=2,
    columns={PMR: "text", "applications": "number", "offers": "number", "accepted": "number"},
    identity=(PMR,),
    unit="applicant",
    people=True,
    lesson=AFTER_LESSON,
    heading="University: applying and studying",
    reference_sql=applicants,
    make=varied(applicants),
    reference_pandas=applicants_pandas,
    alternatives=(applicants_filter, applicants_joined, applicants_pivot),
    domain={"cycle": CYCLES},
    universe=" UNION ".join(f"SELECT pupilmatchingrefanonymous FROM {UCAS}.ucas_{cycle}" for cycle in CYCLES),
    hints=(
        "A row is an application: an applicant has up to five in the main scheme, and one more in Clearing.",
        "There are two kinds of offer. Whether somebody was accepted is a flag, not their reply.",
        "All three columns are aggregates over an applicant's rows. Only one of them asks about the main scheme.",
    ),
    misconceptions=(
        slip(
            "clearing-counted",
            "You counted acceptances in Clearing as applications. They are made after the main scheme: add up "
            "main_scheme_application_flag.",
            applications="COUNT(*)",
        ),
        slip(
            "clearing-lost",
            "You looked at the main scheme only, so people who were accepted through Clearing look rejected.",
            where="WHERE main_scheme_application_flag = 1",
        ),
        slip(
            "conditional-only",
            "You counted conditional offers only. An unconditional offer is an offer, too.",
            offer="provider_decision_june30 = 'Conditional offer'",
        ),
        slip(
            "firm-is-accepted",
            "You took a firm reply for an acceptance. Firm is what the applicant chose in June; whether the place was "
            "given came with the results, and accept_flag says so.",
            accepted="MAX(CASE WHEN app_response_june30 = 'Firm' THEN 1 ELSE 0 END)",
        ),
        slip(
            "application-not-applicant",
            "You made one row for each application. An applicant has several: group by the person.",
            applications_as_rows,
        ),
    ),
)
