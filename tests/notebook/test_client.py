"""Tasks of a real Jupyter server: typed errors, following through cuts and refusals, the right server."""

from __future__ import annotations

import http.server
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_client import BlockingKernelClient

import stockwidget as sw
from stockwidget.notebook import environment, runners
from stockwidget.notebook.client import ServerBackend
from stockwidget.notebook.discovery import Surroundings, Target, find
from stockwidget.notebook.rest import probe
from stockwidget.notebook.settings import CardSettings


@pytest.fixture
def through_relay(servers, relay, monkeypatch, forget_runner):
    monkeypatch.setenv("STOCKWIDGET_SERVER", f"http://127.0.0.1:{relay.port}/")
    monkeypatch.setenv("STOCKWIDGET_TOKEN", servers[0].token)
    return relay


def test_analysis_and_scan_below_a_base_url(on_server):
    result = sw.analyze("AAPL").result(60)
    assert len(result.bars) == result.provenance["bars"]
    task = sw.scan("sample", where={"rsi_14": (">", 0)})
    assert task.result(60).counters["processed"] == len(sw.symbols())
    record = on_server.get(f"stockwidget/api/v1/tasks/{task.id}").json()
    assert record["status"] == task.status == "completed"


def test_a_failed_task_raises_its_own_error(on_server):
    with pytest.raises(sw.UnknownSymbol, match="AAPL"):
        sw.analyze("APPL").result(60)


def test_cancel(on_server):
    task = sw.scan("synthetic:30000")
    task.cancel()
    with pytest.raises(sw.TaskCancelled):
        task.result(30)


def test_two_handles_follow_one_task(on_server):
    """The second one joins late, on the same socket, and still sees all of it."""
    first = sw.scan("synthetic:1500", where={"rsi_14": ("<", 60)})
    backend = runners.current()
    assert isinstance(backend, ServerBackend)
    second = sw.Scan(backend, backend.state(first.id), CardSettings())
    assert len(first.result(60)) == len(second.result(60)) > 0
    assert len(first.partial()) == len(second.partial()) == first.counters["found"]


def test_silence_is_told_and_borne(through_relay, eventually, monkeypatch):
    task = sw.scan("synthetic:5000", where={"rsi_14": ("<", 50)})
    through_relay.close()
    eventually(lambda: task.note is not None)
    assert "does not answer" in task.note
    monkeypatch.setattr("stockwidget.notebook.handle.PATIENCE_S", 0.2)
    with pytest.raises(sw.ServerUnreachable, match="does not answer"):
        task.result(30)


def test_wrong_token(on_server, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_TOKEN", "wrong")
    with pytest.raises(sw.NotAuthorized, match="STOCKWIDGET_TOKEN"):
        sw.analyze("AAPL")


def test_nobody_there(monkeypatch, forget_runner):
    monkeypatch.setenv("STOCKWIDGET_SERVER", "http://127.0.0.1:9/")
    with pytest.raises(sw.ServerUnreachable, match="STOCKWIDGET_SERVER"):
        sw.analyze("AAPL")


@pytest.mark.parametrize(("status", "error"), [(404, "no_extension"), (302, None), (500, None)])
def test_other_servers_are_told_apart(status, error):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "/login")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        target = Target(
            url=f"http://127.0.0.1:{other.server_port}/", authorization="", rung="parent"
        )
        expected = sw.NotAuthorized if status == 302 else sw.ServerUnreachable
        with pytest.raises(expected) as caught:
            probe(target, "stockwidget/api/v1/info")
        assert caught.value.data.get("reason") == error
        other.shutdown()


def test_a_runner_that_is_gone_is_looked_for_again(servers, on_server, monkeypatch):
    """The server found first has gone: the next call climbs the ladder anew."""
    gone = ServerBackend(Target(url="http://127.0.0.1:9/", authorization="", rung="parent"))
    monkeypatch.setattr(runners, "_current", gone)
    assert sw.analyze("AAPL").result(60).symbol == "AAPL"
    assert runners.current() is not gone
    gone.close()


def test_the_connection_file_opens_our_routes_only(servers):
    server = servers[1]
    content = server.connection_file()
    around = Surroundings(
        environ={
            "STOCKWIDGET_CONNECTION_FILE": str(next(server.runtime.glob("stockwidget-*.json"))),
            "JPY_PARENT_PID": str(content["pid"]),
        },
        runtime_dir=server.runtime,
    )
    found = find(around, probe)
    assert found.target is not None
    assert (found.target.rung, found.info["server_id"]) == ("connection_file", content["server_id"])
    with pytest.raises((sw.NotAuthorized, sw.ServerUnreachable)):
        probe(found.target, "api/contents")


PROGRAM = """
import stockwidget as sw
from stockwidget.notebook import runners
target = runners.current().target
task = sw.analyze("AAPL")
task.result(60)
print(target.url, target.rung, task.id)
"""


def execute(server, code: str, **environ: str) -> list[dict[str, object]]:
    """Run ``code`` in a kernel that ``server`` started; its messages."""
    import httpx

    headers = {"Authorization": f"token {server.token}"}
    kernel = httpx.post(server.url + "api/kernels", headers=headers, json={}).json()
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime / f"kernel-{kernel['id']}.json"))
    client.hb_channel.time_to_dead = 30  # the default of 1 s calls a busy machine's kernel dead
    client.start_channels()
    messages: list[dict[str, object]] = []
    try:
        client.wait_for_ready(60)
        client.execute_interactive(code, timeout=60, output_hook=messages.append)
    finally:
        client.stop_channels()
        httpx.delete(server.url + f"api/kernels/{kernel['id']}", headers=headers, timeout=30)
    return messages


def test_each_kernel_uses_the_server_that_started_it(servers):
    with ThreadPoolExecutor() as at_once:
        outputs = at_once.map(lambda server: execute(server, PROGRAM), servers)
        for server, messages in zip(servers, outputs, strict=True):
            printed = "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")
            url, rung, task_id = printed.split()
            assert (url, rung) == (server.url, "connection_file")
            assert server.get(f"stockwidget/api/v1/tasks/{task_id}").is_success


def test_this_process_is_no_kernel_of_theirs(servers, tmp_path):
    """A foreign process with a server's runtime folder finds the files, and trusts none."""
    around = Surroundings(
        environ={"JPY_PARENT_PID": str(os.getppid())},
        runtime_dir=servers[0].runtime,
        kernel_id="no-such-kernel",
        ancestors=environment.ancestors,
    )
    assert find(around, probe).target is None


SHOW = """
import time
import stockwidget as sw
task = sw.analyze("MSFT")
display(task)
task.result(60)
while task._display._outputs:
    time.sleep(0.05)
time.sleep(0.5)
"""


def test_a_live_output_is_brought_up_to_date(servers):
    """First the widget with still HTML; at the end, by display id, the finished picture beside it."""
    messages = execute(servers[0], SHOW)
    shown = [m["content"] for m in messages if m["msg_type"] == "display_data"]
    updated = [m["content"] for m in messages if m["msg_type"] == "update_display_data"]
    assert len(shown) == len(updated) == 1
    view = "application/vnd.jupyter.widget-view+json"
    assert shown[0]["data"][view] == updated[0]["data"][view]
    assert shown[0]["transient"]["display_id"] == updated[0]["transient"]["display_id"]
    assert {"text/plain", "text/html"} <= shown[0]["data"].keys()
    assert {"text/plain", "text/html", "image/png"} <= updated[0]["data"].keys()
    opened = [m["content"]["data"]["state"] for m in messages if m["msg_type"] == "comm_open"]
    card = next(state for state in opened if "task_id" in state)
    assert (card["mode"], card["snapshot"]["state"]["id"]) == ("server", card["task_id"])
    secret = str(servers[0].connection_file()["secret"])
    assert secret not in str(messages)
    assert servers[0].token not in str(messages)
