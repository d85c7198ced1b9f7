"""A chat service is asked as its protocol says, its stream is read, and the key goes nowhere else."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stockwidget.commentary import CommentaryFailed, registry
from stockwidget.commentary.remote import comment

KEY = "sk-very-secret-0123456789"
FACTS = {"symbol": "AAPL", "summary": {"last_close": 173.93}}


def chunk(delta, finish=None):
    """A line as such services send it."""
    event = {
        "id": "chatcmpl-8f2c",
        "object": "chat.completion.chunk",
        "created": 1764313200,
        "model": "small-1",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return f"data: {json.dumps(event)}\n\n"


GOOD = (
    ": keep-alive\n\n"
    + chunk({"role": "assistant", "content": "", "refusal": None})
    + chunk({"content": "It closed at "})
    + chunk({"content": "173.93，收盘。"})
    + chunk({}, "stop")
    + 'data: {"id": "chatcmpl-8f2c", "choices": [], "usage": {"total_tokens": 9}}\n\n'
    + "data: [DONE]\n\n"
)


@pytest.fixture
def service(monkeypatch):
    """A local service: ``answer`` is (status, body), ``asked`` has what came."""

    class Service(ThreadingHTTPServer):
        answer = (200, GOOD)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
            status, text = self.server.answer
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args):
            pass

    server = Service(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STOCKWIDGET_COMMENTARY_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("STOCKWIDGET_COMMENTARY_MODEL", "small-1")
    monkeypatch.setenv("STOCKWIDGET_COMMENTARY_KEY", KEY)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.shutdown()
    server.server_close()


def test_it_is_installed_under_its_name():
    assert registry.load("openai-compatible") is comment


def test_the_stream_is_read_piece_by_piece(service):
    assert list(comment(FACTS, "zh")) == ["It closed at ", "173.93，收盘。"]
    [(path, headers, request)] = service.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert (request["model"], request["stream"]) == ("small-1", True)
    system, user = request["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Chinese" in system["content"]
    assert json.loads(user["content"]) == FACTS
    assert KEY not in json.dumps(request)


def test_a_service_without_a_key_gets_none(service, monkeypatch):
    monkeypatch.delenv("STOCKWIDGET_COMMENTARY_KEY")
    list(comment(FACTS, "en"))
    assert "Authorization" not in service.asked[0][1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, f"wrong key {KEY}"), "401: it refused STOCKWIDGET_COMMENTARY_KEY"),
        ((404, "no"), "404: it has no such address or model"),
        ((429, "later"), "429: too many requests"),
        ((500, KEY), "500"),
        ((200, chunk({"content": "Half"})), "ended before it was complete"),
        ((200, chunk({"content": "Half"}, "length")), "limit of length"),
        ((200, "data: <html>\n\n"), "unknown form"),
        ((200, 'data: {"error": {"message": "' + KEY + '"}}\n\n'), "broke off with an error"),
    ],
)
def test_what_a_service_refuses_is_said_without_its_words(service, answer, said):
    service.answer = answer
    with pytest.raises(CommentaryFailed, match=said) as failed:
        list(comment(FACTS, "en"))
    assert KEY not in str(failed.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("URL", None, "STOCKWIDGET_COMMENTARY_URL is not set"),
        ("MODEL", "", "STOCKWIDGET_COMMENTARY_MODEL is not set"),
        ("URL", "ftp://example.invalid", "must begin with https"),
        ("URL", "http://127.0.0.1:1/v1", "could not be asked"),
        ("KEY", "line\nbreak-secret", "could not be asked"),
    ],
)
def test_what_is_not_set_up_is_named(service, monkeypatch, name, value, said):
    full = f"STOCKWIDGET_COMMENTARY_{name}"
    monkeypatch.delenv(full) if value is None else monkeypatch.setenv(full, value)
    with pytest.raises(CommentaryFailed, match=said) as failed:
        list(comment(FACTS, "en"))
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is None
