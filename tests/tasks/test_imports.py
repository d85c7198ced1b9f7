"""The server's side of tasks stays light: numbers are crunched elsewhere."""

import subprocess
import sys

HEAVY = ("numpy", "pandas", "numba", "pyarrow", "matplotlib", "tornado", "jupyter_server")


def test_the_runner_imports_nothing_heavy():
    code = (
        "import sys; import stockwidget.tasks.runner, stockwidget.tasks.sqlite; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
