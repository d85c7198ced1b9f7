"""A client tells each change of its transport once, with where it led and how long that took; the page's twin does so too."""

from __future__ import annotations

from stockwidget.delivery.ladder import Failure, Ladder
from stockwidget.delivery.report import KEEP, Reporter

REFUSED = Failure(code="refused", words="no")
BUFFERED = Failure(code="buffered", words="held back")


class Client:
    def __init__(self) -> None:
        self.ladder = Ladder(now=0.0, draw=lambda: 0.5)
        self.reporter = Reporter()

    def __getattr__(self, name):
        def act(*values, at, **named):
            getattr(self.ladder, name)(*values, at, **named)
            self.reporter.link(self.ladder.link, at)

        return act


def test_the_first_connection_is_no_change():
    client = Client()
    client.begin(at=0.0)
    client.greeted(at=0.1)
    assert not client.reporter.waiting
    assert client.reporter.take() == []


def test_a_downgrade_is_told_once_it_carries():
    client = Client()
    client.begin(at=0.0)
    client.greeted(at=1.0)
    client.ended(BUFFERED, at=20.0, http_works=True)
    assert not client.reporter.waiting
    client.begin(at=20.0)
    client.greeted(at=22.5)
    down, recovery = client.reporter.take()
    assert down == {
        "kind": "downgrade",
        "from": "ws",
        "to": "sse",
        "reason": "buffered",
        "after_ms": 2500,
    }
    assert recovery["kind"] == "recovery"
    assert client.reporter.take() == []


def test_an_upgrade_names_both():
    client = Client()
    client.begin(at=0.0)
    client.ended(REFUSED, at=0.1, http_works=True)
    client.begin(at=0.6)
    client.ended(REFUSED, at=0.7, http_works=True)
    client.begin(at=0.7)
    client.greeted(at=1.0)
    assert [(each["kind"], each["from"], each["to"]) for each in client.reporter.take()] == [
        ("downgrade", "none", "sse")
    ]
    client.climbed("ws", at=40.0)
    [up] = client.reporter.take()
    assert (up["kind"], up["from"], up["to"], up["after_ms"]) == ("upgrade", "sse", "ws", 39000)


def test_what_nobody_takes_does_not_grow():
    client = Client()
    for second in range(0, 400, 2):
        client.begin(at=float(second))
        client.greeted(at=second + 0.5)
        client.ended(Failure(code="restarting", words=""), at=second + 1.0, http_works=True)
    assert len(client.reporter.take()) == KEEP
