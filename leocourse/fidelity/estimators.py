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


def within_person(outcome: np.ndarray, treatment: np.ndarray, controls: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Each person compared with themselves in other years: coefficients and standard errors, shape (treatments, 2).

    A row a person and year. The errors allow for what the years of a person have in common.
    """
    _, person = np.unique(person, return_inverse=True)
    many = np.bincount(person)
    design = np.column_stack([treatment, controls]).astype(float)
    means = np.stack([np.bincount(person, column) for column in [outcome, *design.T]], axis=1) / many[:, None]
    outcome, design = outcome - means[person, 0], design - means[person, 1:]
    scale = np.sqrt((design**2).sum(axis=0))
    scale = np.where(scale > 1e-9, scale, 1)
    design = design / scale
    bread = np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True)
    coefficient = bread @ (design.T @ outcome)
    left = outcome - design @ coefficient
    score = np.stack([np.bincount(person, column * left) for column in design.T], axis=1)
    variance = np.diag(bread @ (score.T @ score) @ bread) * len(many) / (len(many) - 1)
    found = np.column_stack([coefficient, np.sqrt(np.maximum(variance, 0))]) / scale[:, None]
    return found[: np.shape(treatment)[1]]


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
