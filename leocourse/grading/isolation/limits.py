"""What one submission may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one submission, for the whole of its run unless a word says otherwise."""

    step_seconds: int = 30
    """Wall time of one cell, or of one answer with all of its calls: what takes longer is left out, the rest runs."""
    seconds: int = 240
    """Wall time of everything."""
    cpu_seconds: int = 120
    """CPU time of one process."""
    memory_bytes: int = 3 * 2**30
    """Address space of one process, and memory of all of them together where there are cgroups."""
    processes: int = 64
    open_files: int = 256
    disk_bytes: int = 128 * 2**20
    """Size of the writable folder, and of one file in it."""
    files: int = 5_000
    """Files and folders in the writable folder."""
    answer_bytes: int = 64 * 2**20
    """All that leaves: answers, messages and output."""
    output_characters: int = 20_000
