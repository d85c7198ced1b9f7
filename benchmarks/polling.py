"""Smart polling against a page that asks every 2 s: requests, useless ones, and how late the end is seen.

The real client (compiled from ``src/stockwidget/js/client``) runs on a simulated clock against a simulated server
that follows the poll contract, 20 ms away; so does the fixed poller, which reads the task's record. Useless is an
answer identical to the one before. How late an end is seen depends on the moment at which it falls: median and
worst of 24 moments. Every run gives the same figures.

    python benchmarks/polling.py

The last line is the result as one JSON object. Exits with 1 if a promise is broken.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CASES = [
    {"seconds": seconds, "changes": changes} for seconds in (45, 300, 1800) for changes in (0, 10)
]
FEWER = 0.9
"""Useless requests that smart polling spares, at least."""
SEEN_WITHIN_S = 2.0


def measure() -> list[dict[str, Any]]:
    """Run all cases in Node."""
    node = shutil.which("node")
    if node is None:
        sys.exit("node was not found: install Node.js 20 or newer.")
    done = subprocess.run(
        [node, str(HERE / "polling_client.mjs"), json.dumps(CASES)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The client failed; run `npm ci` if a module is missing.\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def spared(case: dict[str, Any]) -> float:
    """Return the share of the fixed poller's useless requests that smart polling does not make."""
    return 1.0 - float(case["smart"]["useless"]) / float(case["fixed"]["useless"])


def main() -> None:
    """Measure, print, judge."""
    cases = measure()
    print(f"{'':16}{'smart polling':^34}{'every 2 s':^34}")
    columns = ("requests", "useless", "end p50", "max")
    print(f"{'task':>7}{'changes':>9}{('{:>9}' * 8).format(*columns, *columns)}{'spared':>9}")
    for case in cases:
        cells = [
            f"{case[who]['requests']:>9}{case[who]['useless']:>9}"
            f"{case[who]['late_p50_s']:>7.2f} s{case[who]['late_max_s']:>7.2f} s"
            for who in ("smart", "fixed")
        ]
        print(f"{case['seconds']:>5} s{case['changes']:>9}{''.join(cells)}{spared(case):>9.1%}")
    kept = all(
        spared(case) >= FEWER and case["smart"]["late_max_s"] <= SEEN_WITHIN_S for case in cases
    )
    print(json.dumps({"benchmark": "polling", "kept": kept, "cases": cases}))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
