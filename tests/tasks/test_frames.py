"""What is said on one side of the pipe is heard on the other, numbers and gaps included."""

import math

import numpy as np
import orjson
import pytest

from stockwidget.tasks.documents import pack, to_json, unpack
from stockwidget.tasks.frames import (
    LENGTHS,
    Failed,
    Finished,
    Stopped,
    decode,
    encode_end,
    encode_said,
)
from stockwidget.tasks.steps import Log, Partial, Step


def roundtrip(frame):
    head, body = LENGTHS.unpack(frame[: LENGTHS.size])
    rest = frame[LENGTHS.size :]
    assert len(rest) == head + body
    return decode(rest[:head], rest[head:])


def test_what_a_job_says_arrives():
    said = [
        Step(stage="one", progress=0.5, counters={"n": 1}),
        Partial(set={"columns": ["a"]}, append={"rows": [[1, None]]}),
        Log(message="héllo\n", level="warning"),
    ]
    assert roundtrip(encode_said(3, said)) == (3, said)


@pytest.mark.parametrize(
    "ending",
    [
        Finished(document=bytes(range(256)), summary={"n": 1}),
        Failed(error={"code": "x"}),
        Stopped(),
    ],
)
def test_every_ending_arrives(ending):
    assert roundtrip(encode_end(4, ending)) == (4, [ending])


def test_numpy_scalars_and_nan_are_told_as_numbers_and_null():
    step = Step(stage="one", progress=np.float64("nan"), counters={"n": np.int64(3)})
    piece = Partial(append={"rows": [[np.float64(1.5), np.nan]]})
    _, (heard, partial) = roundtrip(encode_said(1, [step, piece]))
    assert math.isnan(heard.progress)
    assert heard.counters == {"n": 3}
    assert partial.append == {"rows": [[1.5, None]]}


def test_documents_turn_every_gap_into_null():
    strided = np.arange(6, dtype=float)[::2]
    strided[1] = np.nan
    document = to_json({"a": strided, "b": [math.inf, -math.inf], "c": np.array([1.0, np.nan])})
    assert orjson.loads(document) == {"a": [0, None, 4], "b": [None, None], "c": [1, None]}
    assert unpack(pack(document)) == document


def test_what_is_no_document_is_refused():
    with pytest.raises(TypeError):
        to_json({"a": object()})
