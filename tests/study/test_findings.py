"""What a chunk of a study found comes back from its checkpoint to the last bit, and is small in it."""

from dataclasses import fields

import numpy as np
import orjson
import pytest

from stockwidget.study.findings import Findings
from stockwidget.study.replay import Replayed
from stockwidget.study.tally import Hit, Tally

DAYS, HORIZONS = 60, 3
ODD = [float("nan"), -0.0, float("inf"), -float("inf"), 5e-324, 1 / 3]


def again(findings):
    """As the journal hands it back."""
    text = orjson.dumps(findings.plain())
    return Findings.read(orjson.loads(text)), len(text)


def replayed(symbols, slots):
    rng = np.random.default_rng(1)
    after = rng.normal(0, 0.1, (DAYS, symbols, HORIZONS))
    after.reshape(-1)[: len(ODD)] = ODD[: after.size]
    traded = rng.random((DAYS, symbols)) < 0.9
    return Replayed(
        present=np.ones_like(traded),
        traded=traded,
        bars=np.arange(DAYS * symbols).reshape(DAYS, symbols),
        values=rng.normal(0, 0.1, (DAYS, symbols, slots)),
        after=after,
    )


@pytest.mark.parametrize(("symbols", "slots"), [(40, 2), (1, 1), (0, 2), (40, 0)])
def test_what_was_replayed(symbols, slots):
    before = replayed(symbols, slots)
    names = tuple(f"S{k}" for k in range(symbols))
    after, size = again(Findings(symbols=names, replayed=before))
    raw = 0
    for each in fields(Replayed):
        one, other = getattr(before, each.name), getattr(after.replayed, each.name)
        assert (other.dtype, other.shape) == (one.dtype, one.shape)
        assert other.tobytes() == one.tobytes()
        raw += one.nbytes
    if symbols == 40:
        assert size < raw, "as text, and still less than the numbers themselves"


def test_counts_and_hits():
    rng = np.random.default_rng(2)
    names = tuple(f"S{k:03}" for k in range(50))
    hits = tuple(
        tuple(
            Hit(
                symbol=names[k], order=float(rng.normal()), after=tuple(rng.normal(size=3).tolist())
            )
            for k in np.flatnonzero(rng.random(50) < share)
        )
        for share in (0.0, 0.5, 1.0, 0.1)
    )
    odd = Hit(symbol=names[7], order=ODD[2], after=(ODD[0], ODD[1], ODD[5]))
    count = np.array([3, 0, 2, 1])
    before = Tally(
        traded=count, judged=count, known=np.tile(count, (3, 1)).T,
        total=rng.normal(size=(4, 3)), ups=np.tile(count, (3, 1)).T, hits=(*hits[:3], (odd,)),
    )  # fmt: skip
    found, size = again(Findings(symbols=names, tally=before))
    after = found.tally
    assert repr(after.hits) == repr(before.hits)
    assert after.total.tobytes() == before.total.tobytes()
    assert after.known.tolist() == before.known.tolist()
    assert size < 50 * sum(map(len, before.hits)) + 1_500
