"""Recursions: the indicators' own steps, each as a loop over eight symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.indicators.averages import ema_on, ema_step, macd_step, wilder_on
from stockwidget.indicators.bands import keltner_step
from stockwidget.indicators.oscillators import moves, rsi_of, rsi_step
from stockwidget.indicators.parabolic import sar_step
from stockwidget.indicators.ranges import atr_step, true_range
from stockwidget.indicators.returns import peak_step
from stockwidget.indicators.stochastics import kdj_step, rsv_of
from stockwidget.indicators.trend import adx_on, adx_step, direction, directions_on
from stockwidget.indicators.volumes import obv_on, obv_step
from stockwidget.kernels import routine, step
from stockwidget.scan.vm.lanes import lanes
from stockwidget.scan.vm.wide import wide
from stockwidget.vectors import LANES, choose, eight_of, larger, put

Floats = npt.NDArray[np.float64]
NAN = np.nan


@step
def _ema(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    warm = 1.0 if p[1] else p[0]
    run, value = ema_step((s[0], s[1]), x, p[0], warm)
    return run, value, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _ema_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    return (s[0] + 1.0, ema_on(s[1], x, p[0]), *s[2:])


@step
def _ema_ready(s: Any, p: Any) -> Any:
    return s[0] >= (1.0 if p[1] else p[0])


@step
def _ema_of(s: Any, p: Any) -> Any:
    known = s[0] >= (1.0 if p[1] else p[0])
    return (s[1] if known else NAN), NAN, NAN


@step
def _macd(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    if p[3]:
        run, quick = ema_step((s[0], s[1]), x, p[0], 1.0)
        _, calm = ema_step((s[0], s[2]), x, p[1], 1.0)
        mark = 0.0
        if run > 0.0:
            _, mark = ema_step((s[0], s[3]), quick - calm, p[2], 1.0)
    else:
        run, quick, calm, mark = macd_step((s[0], s[1], s[2], s[3]), x, p[0], p[1], p[2])
    return run, quick, calm, mark, 0.0, 0.0, 0.0, 0.0


@step
def _macd_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    quick, calm = ema_on(s[1], x, p[0]), ema_on(s[2], x, p[1])
    return (s[0] + 1.0, quick, calm, ema_on(s[3], quick - calm, p[2]), *s[4:])


@step
def _macd_ready(s: Any, p: Any) -> Any:
    return s[0] >= (1.0 if p[3] else p[1] + p[2] - 1.0)


@step
def _macd_of(s: Any, p: Any) -> Any:
    if s[0] < (1.0 if p[3] else p[1] + p[2] - 1.0):
        return NAN, NAN, NAN
    dif = s[1] - s[2]
    hist = dif - s[3]
    return dif, s[3], (2.0 * hist if p[3] else hist)


@step
def _rsi(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    warm = 1.0 if p[1] else p[0]
    run, before, gain, loss = rsi_step((s[0], s[1], s[2], s[3]), x, p[0], warm)
    return run, before, gain, loss, 0.0, 0.0, 0.0, 0.0


@step
def _rsi_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    gain, loss = moves(s[1], x)
    return (s[0] + 1.0, x, wilder_on(s[2], gain, p[0]), wilder_on(s[3], loss, p[0]), *s[4:])


@step
def _rsi_ready(s: Any, p: Any) -> Any:
    return s[0] > (1.0 if p[1] else p[0])


@step
def _rsi_of(s: Any, p: Any) -> Any:
    known = s[0] > (1.0 if p[1] else p[0])
    return (rsi_of(s[2], s[3]) if known else NAN), NAN, NAN


@step
def _atr(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    run, before, value = atr_step((s[0], s[1], s[2]), x, y, z, p[0])
    return run, before, value, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _atr_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    return (s[0] + 1.0, z, wilder_on(s[2], true_range(x, y, s[1]), p[0]), *s[3:])


@step
def _atr_ready(s: Any, p: Any) -> Any:
    return s[0] > p[0]


@step
def _atr_of(s: Any, p: Any) -> Any:
    return (s[2] if s[0] > p[0] else NAN), NAN, NAN


@step
def _adx(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    return adx_step(s, x, y, z, p[0])


@step
def _adx_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    up, down, reach = directions_on(s, x, y, p[0])
    return s[0] + 1.0, x, y, z, up, down, reach, adx_on(s[7], up, down, reach, p[0])


@step
def _adx_ready(s: Any, p: Any) -> Any:
    return s[0] >= 2.0 * p[0]


@step
def _adx_of(s: Any, p: Any) -> Any:
    if s[0] <= p[0]:
        return NAN, NAN, NAN
    mean = s[7] if s[0] >= 2.0 * p[0] else NAN
    return mean, direction(s[4], s[6]), direction(s[5], s[6])


@step
def _obv(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    whole, before, total = obv_step((s[0], s[1], s[2]), x, y)
    return whole, before, total, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _obv_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    return (s[0], x, obv_on(s[2], s[1], x, y), *s[3:])


@step
def _obv_ready(s: Any, p: Any) -> Any:
    return s[0] > 0.0


@step
def _obv_of(s: Any, p: Any) -> Any:
    return (s[2] if s[0] else NAN), NAN, NAN


@step
def _peak(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    peak, last = peak_step((s[0], s[1]), x)
    return peak, last, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _peak_of(s: Any, p: Any) -> Any:
    return (s[1] / s[0] - 1.0 if s[0] > 0.0 else NAN), NAN, NAN


@step
def _keltner(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    run, before, mean, reach = keltner_step((s[0], s[1], s[2], s[3]), x, y, z, p[0], p[1])
    return run, before, mean, reach, 0.0, 0.0, 0.0, 0.0


@step
def _keltner_of(s: Any, p: Any) -> Any:
    if s[0] < max(p[0], p[1] + 1.0):
        return NAN, NAN, NAN
    return s[2] + p[2] * s[3], s[2], s[2] - p[2] * s[3]


@step
def _sar(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    return sar_step(s, x, y, p[0], p[1])


@step
def _sar_of(s: Any, p: Any) -> Any:
    return (s[7] if s[0] > 1.0 else NAN), NAN, NAN


@step
def _kdj(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    fine = np.isfinite(y)
    place = (x, y, z)
    state = (s[0], s[1], s[2], s[3], s[4])
    run, ks, ds, k, d = kdj_step(state, place, fine, p[0], p[1], p[2], p[3] != 0.0)
    return run, ks, ds, k, d, 0.0, 0.0, 0.0


@step
def _kdj_on(s: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    rsv = rsv_of(x, y, z)
    k = wilder_on(s[3], rsv, p[1])
    d = wilder_on(s[4], k, p[2])
    one = choose(y != z, 1.0, 1.0 - p[3])  # nothing is averaged in a window without range, if tdx
    still = one == 0.0
    k, d = choose(still, s[3], k), choose(still, s[4], d)
    return (s[0] + 1.0, s[1] + one, s[2] + one, k, d, *s[5:])


@step
def _kdj_ready(s: Any, p: Any) -> Any:
    return s[0] >= p[0] and s[2] >= (1.0 if p[3] else p[2])


@step
def _kdj_of(s: Any, p: Any) -> Any:
    if s[0] < p[0] or s[2] < (1.0 if p[3] else p[2]):
        return NAN, NAN, NAN
    return s[3], s[4], 3.0 * s[3] - 2.0 * s[4]


@step
def _bars_since(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    # 0: not known to have held; else bars since, plus one
    since = 0.0 if np.isnan(x) else 1.0 if x else s[0] + 1.0 if s[0] else 0.0
    return since, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _bars_since_of(s: Any, p: Any) -> Any:
    return (s[0] - 1.0 if s[0] else NAN), NAN, NAN


@step
def _days_since(s: Any, x: float, y: float, z: float, p: Any) -> Any:
    # 1 if it is known to have held, the day of that, the last day
    held = 0.0 if np.isnan(x) else 1.0 if x else s[0]
    return held, (y if x else s[1]), y, 0.0, 0.0, 0.0, 0.0, 0.0


@step
def _days_since_of(s: Any, p: Any) -> Any:
    return (s[2] - s[1] if s[0] else NAN), NAN, NAN


ema = lanes(_ema, _ema_of, wide(_ema_on, _ema_ready, 1))
macd = lanes(_macd, _macd_of, wide(_macd_on, _macd_ready, 1))
rsi = lanes(_rsi, _rsi_of, wide(_rsi_on, _rsi_ready, 1))
atr = lanes(_atr, _atr_of, wide(_atr_on, _atr_ready, 3))
adx = lanes(_adx, _adx_of, wide(_adx_on, _adx_ready, 3))
obv = lanes(_obv, _obv_of, wide(_obv_on, _obv_ready, 2))
peak = lanes(_peak, _peak_of)
keltner = lanes(_keltner, _keltner_of)
sar = lanes(_sar, _sar_of)
kdj = lanes(_kdj, _kdj_of, wide(_kdj_on, _kdj_ready, 3))
bars_since = lanes(_bars_since, _bars_since_of)
days_since = lanes(_days_since, _days_since_of)


@routine
def extremes(
    high: Floats, low: Floats, close: Floats, window: int, top: Floats, bottom: Floats, room: Floats
) -> None:
    """Write the highest high and the lowest low of each window, as ``kdj_step`` wants them.

    All (n,), room (2 · n,). ``top`` is NaN where the bar is not whole. Gaps and what is before the
    first bar are left out, and such windows are not read.
    """
    n = high.shape[0]
    _largest(high, 1.0, window, top, room[:n], room[n:])
    _largest(low, -1.0, window, bottom, room[:n], room[n:])
    for i in range(top.shape[0]):  # adds 0 or NaN: branches would cost more than all the rest
        top[i] += (high[i] - high[i]) + (low[i] - low[i]) + (close[i] - close[i])


@routine
def _largest(x: Floats, sign: float, window: int, out: Floats, even: Floats, odd: Floats) -> None:
    # Eight windows at a time, each from at most nine numbers: largest of 1, 2, 4 … values, as long
    # as more would be needed. No branch depends on the prices, unlike a queue of candidates.
    n = x.shape[0]
    for i in range(n):
        value = sign * x[i]
        even[i] = value if np.isfinite(value) else -np.inf
    width = 1
    while 9 * width < window:
        _wider(even, odd, width)
        even, odd = odd, even
        width *= 2
    last = window - width  # back to where the last but one number is added, in steps of width
    first = min(window - 1, n)
    for i in range(first):
        out[i] = sign * even[i]
    rest = n - (n - first) % LANES
    for i in range(first, rest, LANES):
        best = larger(eight_of(even, i), eight_of(even, i - last))
        back = i - width
        while back > i - last:
            best = larger(best, eight_of(even, back))
            back -= width
        put(out, i, best * sign)
    for i in range(rest, n):
        most = larger(even[i], even[i - last])
        back = i - width
        while back > i - last:
            most = larger(most, even[back])
            back -= width
        out[i] = most * sign


@routine
def _wider(x: Floats, out: Floats, lag: int) -> None:
    n = x.shape[0]
    first = min(lag, n)
    rest = n - (n - first) % LANES
    out[:first] = x[:first]
    for i in range(first, rest, LANES):
        put(out, i, larger(eight_of(x, i - lag), eight_of(x, i)))
    for i in range(rest, n):
        out[i] = larger(x[i - lag], x[i])
