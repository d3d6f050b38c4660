"""nbgrader's settings for this course. nbgrader's own commands read them when run in this folder."""

from pathlib import Path

from leocourse.authoring.listing import leave_out_exercises
from leocourse.authoring.preprocessor import FromQuestions
from leocourse.checks.answer import STUB

c = get_config()  # noqa: F821 (nbgrader puts it here)

c.CourseDirectory.root = str(Path(__file__).resolve().parent) if "__file__" in globals() else str(Path.cwd())
c.CourseDirectory.course_id = "leo-course"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# Questions with their reference answers, and a sample with slips, lie beside the source: learners never get them.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "questions", "assignment.toml", "sample.py", ".DS_Store"]

# Exercises of lessons lie there too, and are no assignment.
leave_out_exercises()

# Headings and points of a release come from the questions.
c.GenerateAssignment.preprocessors.insert(0, FromQuestions)
c.ClearSolutions.code_stub = {"python": STUB}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

c.Execute.timeout = 120
c.Execute.shutdown_kernel = "immediate"
c.Execute.skip_cells_with_tag = "__none__"  # a tag in a submission must not switch a check off
c.OverwriteCells.add_missing_cells = True

# Exports go where the marks of 'leo grade' go.
c.ExportApp.plugin_class = "nbgrader.plugins.export.CsvExportPlugin"
