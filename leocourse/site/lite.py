"""The JupyterLite site: exercises and lessons as notebooks that run Python in a browser, with nothing to install.

It is built with the extra ``lite``. The packages with compiled code come from the Pyodide distribution, pinned to the
release whose versions the course pins: from its own address, or from a folder with the whole distribution that is
served with the site. What Pyodide does not carry and is pure Python is put into the site as wheels.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from leocourse.authoring.handout import START, browser_cell, release_of, start_page, titles
from leocourse.core import keep
from leocourse.core.copies import SITE_RELEASES
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.site.build import LITE
from leocourse.site.bundle import course_files

PYODIDE = "314.0.6"
PYODIDE_URL = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/pyodide.mjs"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "jupyterlab-myst")
"""What JupyterLab is extended with in the browser: the kernel, and the boxes of the lessons."""
PURE = ("seaborn", "comm")
"""Packages that Pyodide does not carry. Their versions are those of requirements.txt."""
UPDATE = (
    "What you change stays in this browser alone, and goes when its data are cleared. "
    "To keep a notebook elsewhere, download it (*File*, then *Download*).\n"
    "To see the new release of a notebook that you changed, close it, give yours another name in the list of files "
    "(right-click, *Rename*), and reload the page: the new one is there under the old name. "
    'A cell in it that says `from leocourse.work import bring_over`, and below `bring_over("your file.ipynb", '
    '"the new one.ipynb")`, makes a third file: the new release with what you wrote.'
)
"""How a newer release is had where the browser's storage is ``work/``: a changed notebook hides the site's own."""
NEEDED = ("jupyterlite_core", "jupyterlite_pyodide_kernel")


def build(root: Path, output: Path, pyodide: Path | None = None) -> Path:
    """Build the site into ``output`` and return its index.html.

    Raises LeoError as :func:`check` does, and if the extract or exercises are missing or a wheel cannot be made or
    fetched.
    """
    check(root, output, pyodide)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "lite"
            lay_out(root, folder, pyodide)
            wheels(root, folder / "pypi")
            run(folder, Path(scratch) / "site")
            publish(root, Path(scratch) / "site", output)
    except OSError as error:
        raise LeoError(f"Cannot write the JupyterLite site to {output}: {error.strerror or error}.") from error
    return output / "index.html"


def publish(root: Path, made: Path, output: Path) -> None:
    """Put a finished site in its place. What somebody changed or added there is kept, and a line says where.

    Raises LeoError if ``output`` holds what this command did not write, and is not the course's own folder.
    """
    own = _is_own(root, output)
    keep.tell(output, keep.replace_folder(made, output, by="lite", any_folder=own))


def check(root: Path, output: Path, pyodide: Path | None = None) -> None:
    """Raise LeoError if the site cannot be built: the extra is not installed, ``output`` holds what this command did
    not write, or the folder ``pyodide`` holds another release."""
    require()
    if not _is_own(root, output):
        keep.check_free(output, "lite")
    if pyodide is not None:
        check_pyodide(pyodide)


def _is_own(root: Path, output: Path) -> bool:
    """Whether the folder is the course's own, within the site."""
    return output.resolve() == (root / LITE).resolve()


def require() -> None:
    """Raise LeoError if the packages that build the site are not installed, or carry another Pyodide."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise LeoError('JupyterLite is not installed: pip install "leocourse[lite]".')
    from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

    if PYODIDE_VERSION != PYODIDE:
        raise LeoError(
            f"The installed jupyterlite-pyodide-kernel is for Pyodide {PYODIDE_VERSION}, the course for {PYODIDE}: "
            'pip install "leocourse[lite]".'
        )


def check_pyodide(folder: Path) -> None:
    """Raise LeoError unless a folder holds the release of Pyodide that the course is pinned to."""
    try:
        version = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LeoError(f"{folder} is not a Pyodide distribution (no pyodide-lock.json).") from error
    if version != PYODIDE or not (folder / "pyodide.mjs").is_file():
        raise LeoError(f"{folder} holds Pyodide {version}, the course needs {PYODIDE}, with pyodide.mjs.")


def lay_out(root: Path, folder: Path, pyodide: Path | None) -> None:
    """Write what JupyterLite builds from: notebooks and data, and its settings."""
    files = course_files(root)
    notebooks = {name: source if isinstance(source, bytes) else source.read_bytes()
                 for name, source in files.items() if name.endswith(".ipynb")}  # fmt: skip
    order = sorted(notebooks, key=lambda name: name if name.startswith("exercises/") else "")
    notebooks[START] = start_page(titles({name: notebooks[name] for name in order}), UPDATE)
    releases = {name: release_of(json.loads(content))[1] for name, content in notebooks.items()}
    files |= {name: for_browser(content) for name, content in notebooks.items() if name != START}
    files |= {START: notebooks[START], SITE_RELEASES: json.dumps(releases, indent=1).encode()}
    for name, source in files.items():
        write_whole(folder / "files" / name, source if isinstance(source, bytes) else source.read_bytes())
    if pyodide is not None:
        shutil.copytree(pyodide, folder / "static" / "pyodide")
    settings: dict[str, object] = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Learning LEO data",
            "litePluginSettings": {
                f"{KERNEL}:kernel": {
                    "pyodideUrl": "./static/pyodide/pyodide.mjs" if pyodide else PYODIDE_URL,
                }
            },
        },
    }
    write_whole(folder / "jupyter-lite.json", json.dumps(settings, indent=1))
    extensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    config = {
        "LiteBuildConfig": {
            "apps": ["lab", "notebooks", "tree"],
            "contents": [str(folder / "files")],
            "federated_extensions": [str(extensions / name) for name in EXTENSIONS if (extensions / name).is_dir()],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
        }
    }
    write_whole(folder / "jupyter_lite_config.json", json.dumps(config, indent=1))


def for_browser(content: bytes) -> bytes:
    """A notebook with the browser's kernel, and a first cell that fetches packages and says if it is old."""
    notebook = json.loads(content)
    name, release = release_of(notebook)
    notebook["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    cell = {"cell_type": "code", "execution_count": None, "id": "browser", "metadata": {}, "outputs": [],
            "source": browser_cell(name, release).splitlines(keepends=True)}  # fmt: skip
    notebook["cells"].insert(0, cell)
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def wheels(root: Path, folder: Path) -> list[Path]:
    """Put the wheel of this package, and of what Pyodide does not carry, into a folder. Raises LeoError."""
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(root)]
        if importlib.util.find_spec("uv")
        else [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(root)]
    )
    _step(command, "The wheel of this package could not be built")
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (root / "requirements.txt").read_text(encoding="utf-8"), re.M))
    wanted = [f"{name}=={locked[name]}" for name in PURE]
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--only-binary=:all:", "--dest", str(folder), *wanted]  # fmt: skip
    _step(fetch, f"The wheels of {' and '.join(PURE)} could not be fetched")
    return sorted(folder.glob("*.whl"))


def run(folder: Path, site: Path) -> None:
    """Build the site from what was laid out. Raises LeoError with JupyterLite's last line."""
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(folder), "--output-dir", str(site)]
    _step(command, "JupyterLite could not be built", cwd=folder)


def _step(command: list[str], problem: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise LeoError(f"{problem}: {lines[-1][:300] if lines else 'no reason was given'}")
