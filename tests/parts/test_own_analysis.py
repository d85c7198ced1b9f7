"""The whole job with functions of the user, in this process: what is said of them in the document."""

from stockwidget import jobs
from stockwidget.parts.decorators import factor, signal
from stockwidget.parts.packing import pack
from stockwidget.tasks.steps import Log, Result


@factor(weight=0.3)
def hindsight(bars):
    return (bars.close.shift(-5) > bars.close).astype(float)


@signal
def fine(bars):
    return bars.close > bars.open


def run(**functions):
    own, code = pack(**functions)
    params, _ = jobs.prepare_analysis({"symbol": "AAPL", "benchmark": "AMZN", **own})
    said = list(jobs.analysis(params, code=code.payload))
    (document,) = [each.data for each in said if isinstance(each, Result)]
    return document, [each.message for each in said if isinstance(each, Log)]


def test_a_factor_that_knows_the_future_spoils_the_record_of_the_score_alone():
    document, logs = run(factors=[hindsight], signals=[fine])
    records = document["record"]
    for part in (records, records["universe"]):
        assert all(row["warnings"][0] == "looks_ahead" for row in part["score"])
        assert not any("looks_ahead" in row["warnings"] for row in part["signals"])
    (finding,) = [f for f in document["quality"]["findings"] if f["key"] == "looks_ahead"]
    assert finding["params"]["name"] == "hindsight"
    assert [log for log in logs if "hindsight looks ahead" in log]
    assert "hindsight looks ahead" in document["provenance"]["note"]


def test_the_document_says_what_judged_and_holds_no_code():
    document, _ = run(signals=[fine])
    (said,) = document["params"]["signals"]
    assert (said["name"], len(said["source"])) == ("fine", 16)
    assert "code" not in document["params"]
    assert document["score"]["scaled"] is None
