"""The table of contents is read as YAML, however it is written."""

from __future__ import annotations

import pytest

from leocourse.authoring.contents import contents, pages
from leocourse.authoring.lessons import lessons
from leocourse.core.errors import LeoError

NOTEBOOK = "---\nkernelspec:\n  name: python3\n---\n\n# A\n"


def course(folder, toc):
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    for name in ("a", "b", "été", "made/one", "made/two"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.md").write_text(NOTEBOOK, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "toc",
    [
        "root: a\nparts:\n- caption: P\n  chapters:\n  - file: b\n    sections:\n    - file: été\n",
        'root: "a"  # first\nparts: [{caption: P, chapters: [{file: b, sections: [{file: "été"}]}]}]\n',
        "root: a\nchapters:\n  # - file: made/one\n  - file: b\n    title: 'file: made/two'\n  - file: été\n",
    ],
)
def test_pages_come_in_order_whatever_the_style(tmp_path, toc):
    root = course(tmp_path, toc)
    assert pages(root) == ["a", "b", "été"]
    assert [page.stem for page in lessons(root)] == ["a", "b", "été"]


def test_a_pattern_gives_the_pages_that_are_there_and_an_empty_file_none(tmp_path):
    root = course(tmp_path, "root: a\nparts:\n- caption: Made\n  chapters:\n  - glob: made/*\n")
    assert contents(root) == [("", ["a"]), ("Made", ["made/one", "made/two"])]
    assert contents(course(tmp_path, "")) == []


@pytest.mark.parametrize("toc", ["root: [", "- a\n- b\n", "root: a\nparts: 3\n", "root: a\nchapters: [b]\n"])
def test_what_is_no_table_of_contents_is_one_line(tmp_path, toc):
    with pytest.raises(LeoError, match=r"_toc\.yml") as raised:
        contents(course(tmp_path, toc))
    assert "\n" not in str(raised.value)
