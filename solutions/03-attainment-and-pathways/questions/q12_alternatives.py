"""Other right answers to question 12, written differently."""

from __future__ import annotations

from .q12_spells import ACTIVITY_SPELLS, activity_people, activity_spells
from .shared import PMR


def activity_sets(con):
    """Months as sets, person by person."""
    months = {}
    for pupil, kind, first, last in activity_spells(con).fetchall():
        months.setdefault(pupil, {}).setdefault(kind, set()).update(range(first, last + 1))
    rows = []
    for pupil in activity_people(con):
        mine = months.get(pupil, {})
        kept = [
            kind for kind in (1, 2, 3)
            if any(set(range(start, start + 6)) <= mine.get(kind, set()) for start in range(7))
        ]  # fmt: skip
        if len(mine.get(4, ())) == 12:
            kept.append(4)
        rows.append({PMR: pupil, "activity": kept[0] if kept else 5 if mine else 6})
    return rows


def activity_masks(con):
    """Twelve bits a kind. A number and its five shifts have a bit in common if six bits stand in a row."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        masks AS (
            SELECT pmr, kind, BIT_OR(((1 << (last_month + 1)) - (1 << first_month))::BIGINT) AS bits
            FROM spells GROUP BY pmr, kind
        ),
        kept AS (
            SELECT pmr, MIN(CASE
                WHEN kind = 4 THEN CASE WHEN bits = 4095 THEN 4 ELSE 5 END
                WHEN bits & (bits >> 1) & (bits >> 2) & (bits >> 3) & (bits >> 4) & (bits >> 5) > 0 THEN kind
                ELSE 5
            END) AS activity
            FROM masks GROUP BY pmr
        )
        SELECT p.pmr AS pupilmatchingrefanonymous, COALESCE(k.activity, 6) AS activity
        FROM people AS p LEFT JOIN kept AS k ON k.pmr = p.pmr
    """)


def activity_windows(con):
    """Six months in a row as a join with the seven windows that there are."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        covered AS (
            SELECT DISTINCT s.pmr, s.kind, m.range AS n
            FROM spells AS s JOIN range(12) AS m ON m.range BETWEEN s.first_month AND s.last_month
        ),
        windows AS (
            SELECT c.pmr, c.kind, w.range AS start, COUNT(*) AS months
            FROM covered AS c JOIN range(7) AS w ON c.n BETWEEN w.range AND w.range + 5 GROUP BY ALL
        ),
        kept AS (
            SELECT pmr, kind FROM windows WHERE kind < 4 AND months = 6
            UNION SELECT pmr, kind FROM covered WHERE kind = 4 GROUP BY pmr, kind HAVING COUNT(*) = 12
            UNION SELECT pmr, 5 FROM covered
            UNION SELECT pmr, 6 FROM people
        )
        SELECT pmr AS pupilmatchingrefanonymous, MIN(kind) AS activity FROM kept GROUP BY pmr
    """)
