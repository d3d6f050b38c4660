"""The estimators: what a researcher would do with the sample, and what the naive comparison gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leocourse.fidelity.worlds import Sample, columns

# estimators


def least_squares(
    outcome: np.ndarray, treatment: np.ndarray, controls: np.ndarray | None = None, *, alike: bool = False
) -> np.ndarray:
    """Coefficients of the treatments and their standard errors, shape (treatments, 2).

    The errors allow for unequal variances (the variant called HC2) unless they are ``alike``. A treatment
    that fewer than three people have gets no number.
    """
    rest = [] if controls is None else [controls]
    design = np.column_stack([treatment, np.ones(len(outcome)), *rest])
    scale = np.sqrt((design**2).sum(axis=0))
    scale = np.where(scale > 0, scale, 1)
    design = design / scale
    bread = np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True)
    coefficient = bread @ (design.T @ outcome)
    leverage = ((design @ bread) * design).sum(axis=1)
    left = outcome - design @ coefficient
    if alike:
        variance = np.diag(bread) * (left**2).sum() / max(len(outcome) - leverage.sum(), 1)
    else:
        weight = left**2 / (1 - np.clip(leverage, 0, 0.999))
        variance = np.diag(bread @ (design.T @ (design * weight[:, None])) @ bread)
    found = np.column_stack([coefficient, np.sqrt(np.maximum(variance, 0))]) / scale[:, None]
    found = found[: treatment.shape[1]]
    found[(treatment != 0).sum(axis=0) < 3] = np.nan
    return found


def instrumented(
    outcome: np.ndarray,
    treatment: np.ndarray,
    instrument: np.ndarray,
    controls: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
) -> np.ndarray:
    """Two-stage least squares: coefficients of the treatments and standard errors, shape (treatments, 2).

    As many instruments as treatments. The errors allow for unequal variances, as those of :func:`least_squares` do;
    with ``clusters``, one column or two, for what the rows of a group have in common, in either of two ways.
    """
    rest = columns(np.ones(len(outcome))) if controls is None else columns(np.ones(len(outcome)), controls)
    own, by = np.column_stack([treatment, rest]), np.column_stack([instrument, rest])
    scale = np.sqrt((own**2).sum(axis=0))
    own, by = own / np.where(scale > 0, scale, 1), by / np.maximum(np.sqrt((by**2).sum(axis=0)), 1e-300)
    bread = np.linalg.pinv(by.T @ own, rcond=1e-10)
    coefficient = bread @ (by.T @ outcome)
    leverage = ((own @ bread) * by).sum(axis=1)
    score = by * ((outcome - own @ coefficient) / np.sqrt(1 - np.clip(leverage, 0, 0.9)))[:, None]
    variance = np.diag(bread @ _meat(score, clusters) @ bread.T)
    found = np.column_stack([coefficient, np.sqrt(np.maximum(variance, 0))]) / np.where(scale > 0, scale, 1)[:, None]
    return found[: np.shape(treatment)[1]]


def _meat(score: np.ndarray, clusters: np.ndarray | None) -> np.ndarray:
    """The products of scores, added up within clusters first: two columns of them cross (Cameron, Gelbach, Miller)."""
    if clusters is None:
        return score.T @ score
    each = [np.unique(column, return_inverse=True)[1] for column in np.reshape(clusters, (len(score), -1)).T]
    ways = [(1, each[0])]
    if len(each) == 2:
        ways += [(1, each[1]), (-1, each[0] * (each[1].max() + 1) + each[1])]
    total = np.zeros((score.shape[1], score.shape[1]))
    for sign, way in ways:
        _, group = np.unique(way, return_inverse=True)
        sums = np.stack([np.bincount(group, column) for column in score.T], axis=1)
        total += sign * (sums.T @ sums)
    return total


def clustered(
    outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of least squares and their covariance, which allows for anything alike within a cluster (CR1).

    ``weights``: of the rows. Columns that say nothing, or repeat others, are allowed.
    """
    root = np.ones(len(outcome)) if weights is None else np.sqrt(weights)
    design, outcome = design * root[:, None], outcome * root
    scale = np.sqrt((design**2).sum(axis=0))
    scale = np.where(scale > 0, scale, 1)
    design = design / scale
    bread = np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True)
    coefficient = bread @ (design.T @ outcome)
    left = outcome - design @ coefficient
    _, cluster = np.unique(cluster, return_inverse=True)
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    scores = np.add.reduceat((design * left[:, None])[order], starts, axis=0)
    count = len(starts)
    meat = scores.T @ scores * count / max(count - 1, 1)
    return coefficient / scale, bread @ meat @ bread / np.outer(scale, scale)


def within_units(columns_: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Columns less their means in each unit: what is left once units have levels of their own."""
    _, unit = np.unique(unit, return_inverse=True)
    count = np.bincount(unit)
    means = np.column_stack([np.bincount(unit, each) / count for each in columns_.T])
    return columns_ - means[unit]


def differences_from_not_yet_treated(
    outcome: np.ndarray,
    unit: np.ndarray,
    time: np.ndarray,
    adopted: np.ndarray,
    label: np.ndarray,
    controls: np.ndarray | None = None,
) -> np.ndarray:
    """Effects of a change that units make at different times, shape (labels, 2): estimates and standard errors.

    A row is a person in a unit at a time; the unit changes at the time ``adopted``, or never (a time past all). Every
    group of units and time after its change has an effect of its own, and is compared with units that have not changed
    yet and with its own time before: nobody who is treated already serves as a comparison. ``label`` (from 0) says to
    which estimate a treated row counts, an average over its rows, and -1 that it is left out. Errors are clustered by
    unit. A label without rows gets no number.
    """
    treated = time >= adopted
    _, of = np.unique(unit, return_inverse=True)
    untreated = np.bincount(of, ~treated)  # without a row before its change a unit says nothing
    used = np.where(treated, label >= 0, True) & (untreated[of] > 0)
    outcome, unit, time, adopted, label, treated = (
        each[used] for each in (outcome, unit, time, adopted, label, treated)
    )
    cells, cell = np.unique(np.column_stack([label, adopted, time])[treated], axis=0, return_inverse=True)
    effects = np.zeros((len(outcome), len(cells)))
    effects[np.flatnonzero(treated), cell.reshape(-1)] = 1
    times = (time[:, None] == np.unique(time)[1:]).astype(float)
    rest = [] if controls is None else [controls[used]]
    design = within_units(np.column_stack([effects, times, *rest]), unit)
    coefficient, covariance = clustered(within_units(outcome[:, None], unit)[:, 0], design, unit)
    found = np.full((int(label.max()) + 1 if len(cells) else 0, 2), np.nan)
    rows = effects.sum(axis=0)
    for number in range(len(found)):
        share = np.zeros(len(coefficient))
        share[: len(cells)] = np.where(cells[:, 0] == number, rows, 0)
        if share.any():
            share /= share.sum()
            found[number] = share @ coefficient, np.sqrt(max(share @ covariance @ share, 0))
    return found


def cumulative_incidence(month: np.ndarray, event: np.ndarray, last: int, weights: np.ndarray | None = None) -> float:
    """Share to whom event 1 has happened by the month ``last`` (Aalen and Johansen's estimator).

    ``month``: of the event, or the last in which somebody was followed. ``event``: 1, another number for an event after
    which event 1 cannot come, and 0 for somebody who is followed no longer. Months count from 1.
    """
    weights = np.ones(len(month)) if weights is None else weights
    share, free = 0.0, 1.0
    left = np.bincount(month, weights, minlength=last + 2)
    at_risk = left.sum() - np.cumsum(left) + left
    of_one, of_any = (np.bincount(month, weights * kind, minlength=last + 2) for kind in (event == 1, event > 0))
    for each in range(1, last + 1):
        if at_risk[each] > 0:
            share += free * of_one[each] / at_risk[each]
            free *= 1 - of_any[each] / at_risk[each]
    return share


def jackknife(value: Callable[[np.ndarray], float], group: np.ndarray) -> np.ndarray:
    """An estimate and its standard error, shape (1, 2): from what it is without each of some groups of people.

    ``value`` gives the estimate of the people who are chosen.
    """
    groups = np.unique(group)
    without = np.array([value(group != each) for each in groups])
    spread = (len(groups) - 1) / len(groups) * ((without - without.mean()) ** 2).sum()
    return np.array([[value(np.ones(len(group), dtype=bool)), np.sqrt(spread)]])


def within_people(outcome: np.ndarray, treatment: np.ndarray, controls: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Coefficients of the treatments from each person's own changes, and their standard errors, shape (treatments, 2).

    A row a person and year. What is fixed in a person falls out; errors allow for whatever goes together within one.
    """
    rows = within_units(np.column_stack([outcome, treatment, controls]), person)
    coefficient, covariance = clustered(rows[:, 0], rows[:, 1:], person)
    return np.column_stack([coefficient, np.sqrt(np.maximum(np.diag(covariance), 0))])[: treatment.shape[1]]


def two_stage(
    outcome: np.ndarray, treatment: np.ndarray, instrument: np.ndarray, controls: np.ndarray,
    cluster: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Two-stage least squares: coefficients of the treatments and robust standard errors, shape (treatments, 2).

    There are as many instruments as treatments or more. ``cluster`` numbers the rows that belong together: those of
    one person, of one school. With the treatment as its own instrument this is least squares with robust errors.
    """
    first = np.column_stack([instrument, np.ones(len(outcome)), controls])
    design = np.column_stack([treatment, np.ones(len(outcome)), controls])
    scale = np.sqrt((design**2).sum(axis=0))
    scale = np.where(scale > 0, scale, 1)
    design, first = design / scale, first / np.maximum(np.sqrt((first**2).sum(axis=0)), 1e-12)
    fitted = first @ (np.linalg.pinv(first.T @ first, rcond=1e-10, hermitian=True) @ (first.T @ design))
    bread = np.linalg.pinv(fitted.T @ fitted, rcond=1e-10, hermitian=True)
    coefficient = bread @ (fitted.T @ outcome)
    score, many = fitted * (outcome - design @ coefficient)[:, None], len(outcome)
    if cluster is not None:
        _, of = np.unique(cluster, return_inverse=True)
        many = int(of.max()) + 1
        score = np.column_stack([np.bincount(of, weights=column, minlength=many) for column in score.T])
    variance = np.diag(bread @ (score.T @ score) @ bread) * many / max(many - design.shape[1], 1)
    found = np.column_stack([coefficient, np.sqrt(np.maximum(variance, 0))]) / scale[:, None]
    return found[: treatment.shape[1]]


def on_the_treated(outcome: np.ndarray, treated: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Mean outcome of the treated less what a regression among the untreated foretells for them, shape (1, 2).

    Unlike a coefficient it averages effects that differ over those who are treated.
    """
    design = np.column_stack([np.ones(len(outcome)), controls])
    design = design / np.maximum(np.sqrt((design**2).sum(axis=0)), 1e-12)
    bread = np.linalg.pinv(design[~treated].T @ design[~treated], rcond=1e-10, hermitian=True)
    coefficient = bread @ (design[~treated].T @ outcome[~treated])
    left, mean = outcome - design @ coefficient, design[treated].mean(axis=0)
    score = design[~treated] * left[~treated][:, None]
    foretold = mean @ bread @ (score.T @ score) @ bread @ mean
    gain = left[treated]
    return np.array([[gain.mean(), np.sqrt(gain.var(ddof=1) / len(gain) + foretold)]])


def net_of(column: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """What a regression on the controls leaves of a column.

    A slope between two columns net of the same controls is the coefficient of a regression that holds them equal: so a
    naive comparison can hold too much equal.
    """
    design = np.column_stack([np.ones(len(column)), controls])
    design = design / np.maximum(np.sqrt((design**2).sum(axis=0)), 1e-12)
    return column - design @ (np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True) @ (design.T @ column))


def within_cells(outcome: np.ndarray, treated: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Mean difference between treated and untreated people of the same cell, weighted by the treated.

    Returns the estimate and its standard error, shape (1, 2). Cells without untreated people count nowhere.
    """
    _, cell = np.unique(cell, return_inverse=True)
    size = cell.max() + 1
    without = np.bincount(cell[~treated], minlength=size)
    total, square = (np.bincount(cell[~treated], outcome[~treated] ** power, minlength=size) for power in (1, 2))
    mean = total / np.maximum(without, 1)
    spread = np.maximum(square / np.maximum(without, 1) - mean**2, 0)
    used = treated & (without[cell] > 0)
    gain = outcome[used] - mean[cell[used]]
    many = np.bincount(cell[used], minlength=size)
    variance = ((gain - gain.mean()) ** 2).sum() + (many**2 * spread / np.maximum(without, 1)).sum()
    return np.array([[gain.mean(), np.sqrt(variance) / len(gain)]])


def imputed(outcome: np.ndarray, treated: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """What the treated have beyond what a regression among the others foretells for people like them.

    Unlike the coefficient of a dummy, this is the mean over the treated also where the effect differs between people.
    Returns the estimate and its standard error, shape (1, 2).
    """
    design = np.column_stack([np.ones(len(outcome)), controls])
    scale = np.sqrt((design**2).sum(axis=0))
    design = design / np.where(scale > 0, scale, 1)
    others = design[~treated]
    bread = np.linalg.pinv(others.T @ others, rcond=1e-10, hermitian=True)
    coefficient = bread @ (others.T @ outcome[~treated])
    left = outcome[~treated] - others @ coefficient
    variance = bread * (left**2).sum() / max(len(others) - np.linalg.matrix_rank(others), 1)
    gain, like = outcome[treated] - design[treated] @ coefficient, design[treated].mean(axis=0)
    error = np.sqrt(gain.var(ddof=1) / len(gain) + like @ variance @ like)
    return np.array([[gain.mean(), error]])


def join(each: list[Sample]) -> Sample:
    """One sample of the people of several blocks."""
    names = each[0].naive
    compared = {
        name: tuple(np.concatenate([one.naive[name][part] for one in each]) for part in (0, 1)) for name in names
    }
    parts = (np.concatenate([getattr(one, part) for one in each]) for part in ("outcome", "treatment", "controls"))
    more = {name: np.concatenate([one.more[name] for one in each]) for name in each[0].more}
    return Sample(*parts, compared, each[0].matched, each[0].alike, more)


def intended(sample: Sample) -> np.ndarray:
    """Estimates of the intended estimator and their standard errors, shape (effects, 2)."""
    if sample.matched:
        return within_cells(sample.outcome, sample.treatment[:, 0] > 0, sample.controls[:, 0])
    return least_squares(sample.outcome, sample.treatment, sample.controls, alike=sample.alike)


def naive(outcome: np.ndarray, treatment: np.ndarray) -> tuple[float, float]:
    """The naive comparison and its standard error: a difference of means, or a slope, with nothing held equal."""
    if np.all(treatment == 1):  # before and after
        return float(outcome.mean()), float(outcome.std(ddof=1) / np.sqrt(len(outcome)))
    return tuple(map(float, least_squares(outcome, columns(treatment))[0]))


def project(difference: np.ndarray, treatment: np.ndarray) -> np.ndarray:
    """What each treatment adds to the difference, by least squares, and the standard error.

    With one treatment that is the mean over the treated. With levels and groups each gets its own part.
    """
    bread = np.linalg.pinv(treatment.T @ treatment, hermitian=True)
    value = bread @ (treatment.T @ difference)
    left = difference - treatment @ value
    variance = np.diag(bread @ (treatment.T @ (treatment * (left**2)[:, None])) @ bread)
    return np.column_stack([value, np.sqrt(np.maximum(variance, 0))])
