"""Between this course and the secure service: DuckDB SQL as T-SQL, and T-SQL run on a simulated extract."""

from leocourse.srs.run import Result, run
from leocourse.srs.writing import measure_tsql, to_tsql

__all__ = ["Result", "measure_tsql", "run", "to_tsql"]
