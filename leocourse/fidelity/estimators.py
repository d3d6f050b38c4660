"""The estimators: what a researcher would do with the sample, and what the naive comparison gives."""

from __future__ import annotations

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
