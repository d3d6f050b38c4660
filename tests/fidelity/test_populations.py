"""Studies share their people in coverage, and each finds among them what it finds among its own."""

from dataclasses import replace

import numpy as np
import pytest

from leocourse.fidelity import populations
from leocourse.fidelity.effects import gap_years, part_time_certificates, routes, short_courses
from leocourse.fidelity.estimands import lived

READ = [replace(study, people=8_000) for study in (
    short_courses.STUDY, gap_years.STUDY, part_time_certificates.STUDY, *routes.STUDIES[:3],
)]  # fmt: skip


@pytest.fixture(scope="module")
def shared():
    return populations.Populations(61, READ)


@pytest.mark.parametrize("study", READ, ids=lambda study: study.names[0])
def test_a_study_finds_among_shared_people_what_it_finds_among_its_own(shared, study):
    among_shared = populations.estimate(study, shared.of(study))
    own = populations.estimate(study, lived(61, np.arange(study.people), study))
    assert np.isfinite(own).all() and among_shared == pytest.approx(own, rel=1e-5, abs=1e-4)


def test_studies_of_one_size_are_lived_once_and_without_those_whom_none_reads(shared):
    assert len({id(shared.of(study)) for study in READ}) == 1
    assert 0 < len(shared.of(READ[0]).people) < 0.7 * READ[0].people
