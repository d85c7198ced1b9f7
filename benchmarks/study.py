"""A rule on 60 month ends in one pass, beside a scan as of each, hits compared.

    python benchmarks/study.py [--symbols 5000] [--scans 3]

Scans are timed on a few of the days, spread over all, and the hits of a day must be theirs; ``ratio`` is what all scans would
take to what the study takes, in CPU time. Made-up bars, in a store that is made before. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.universe import resolve
from stockwidget.study.engine import Study

RULES = {
    "one by one": "cross_up(macd_dif, macd_dea, within=3) and close > sma(200) and rsi(14) < 70",
    "across symbols": "rank(ret(252)) > 90 and close > sma(200)",
}


def study(universe: str, rule: str) -> tuple[dict[str, set[str]], int, float]:
    """Hits by day, symbols judged in all, CPU seconds."""
    begun = time.process_time()
    work = Study(params=StudyParams.from_dict({"universe": universe, "rule": rule}))
    for _ in work.run():
        pass
    document = work.document()
    took = time.process_time() - begun
    found: dict[str, set[str]] = {day: set() for day in document["dates"]}
    for day, hits in zip(document["dates"], work.hits(), strict=True):
        found[day] = {hit.symbol for hit in hits}
    return found, sum(document["days"]["judged"]), took


def scan(universe: str, rule: str, day: str) -> tuple[set[str], float]:
    """Hits, CPU seconds."""
    begun = time.process_time()
    params = ScanParams.from_dict({"universe": universe, "rule": rule, "as_of": day})
    work = Scan(params=params, universe=resolve(params))
    for _ in work.run():
        pass
    return {str(row[0]) for row in work.ranked()}, time.process_time() - begun


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--symbols", type=int, default=5000)
    arguments.add_argument("--scans", type=int, default=3)
    asked = arguments.parse_args()
    universe = f"synthetic:{asked.symbols}"
    figures: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        study(universe, rule)  # bars are made, kernels compiled
        found, judged, took = study(universe, rule)
        days = list(found)
        each = []
        for place in np.linspace(0, len(days) - 1, asked.scans).round().astype(int).tolist():
            hits, seconds = scan(universe, rule, days[place])
            assert hits == found[days[place]], f"the hits of {days[place]} differ"
            each.append(seconds)
        mean = sum(each) / len(each)
        figures[name] = {
            "days": len(days),
            "study_s": round(took, 3),
            "scan_s": round(mean, 3),
            "judged_per_s": round(judged / took),
            "ratio": round(mean * len(days) / took, 1),
        }
        print(f"{name}: {figures[name]}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
