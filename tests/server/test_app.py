"""The application: settings are checked, the process stays light, and ``jupyter stockwidget`` is a server."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from ast import literal_eval
from pathlib import Path

import httpx
import pytest
from traitlets import TraitError

from stockwidget.delivery.limits import Limits
from stockwidget.errors import InvalidRequest
from stockwidget.tasks.executors import cores
from stockwidget_server.app import StockwidgetApp, _port

HEAVY = ("numpy", "pandas", "numba", "llvmlite", "pyarrow", "matplotlib", "IPython", "httpx")


def test_the_server_process_imports_nothing_heavy():
    code = "import sys, stockwidget_server.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "stockwidget_server.app" in loaded
    assert set(HEAVY).isdisjoint(loaded)


def test_jupyter_says_that_the_extension_is_ok():
    out = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    plain = re.sub(r"\x1b\[\d*m", "", out.stdout + out.stderr)
    assert re.search(r"stockwidget_server \S* ?OK", plain), plain


def test_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    app = StockwidgetApp()
    assert app.workers == cores() >= 1
    assert app.data_dir == str(tmp_path / "stockwidget")
    assert {name: kind.retention_s for name, kind in app.kinds().items()} == {
        "analysis": 2 * 3600,
        "scan": 4 * 3600,
        "study": 4 * 3600,
    }


@pytest.mark.parametrize("name", ["workers", "analysis_retention_s", "scan_retention_s"])
def test_settings_that_make_no_sense_are_refused_by_name(name):
    with pytest.raises(TraitError, match=f"StockwidgetApp.{name} is 0; it must be 1 or more"):
        StockwidgetApp(**{name: 0})
    assert StockwidgetApp(warm_workers=0).warm_workers == 0


def test_retention_is_configurable():
    app = StockwidgetApp(analysis_retention_s=60)
    assert app.kinds()["analysis"].retention_s == 60


def test_commentators_may_be_forbidden_and_must_exist():
    asked = {"symbol": "AAPL", "commentary": "openai-compatible"}
    assert StockwidgetApp().kinds()["analysis"].prepare(asked)[0] == asked
    with pytest.raises(InvalidRequest, match="None is offered here"):
        StockwidgetApp(commentators=[]).kinds()["analysis"].prepare(asked)
    with pytest.raises(TraitError, match="Did you mean 'openai-compatible'"):
        StockwidgetApp(commentators=["openai"])


@pytest.mark.parametrize(
    ("kind", "params", "field"),
    [
        ("analysis", {"symbol": "SYN000001", "source": "synthetic"}, "source"),
        ("scan", {"universe": "synthetic:5"}, "universe"),
    ],
)
def test_sources_that_are_not_allowed_are_refused_at_submit(kind, params, field):
    prepare = StockwidgetApp(sources=["sample"]).kinds()[kind].prepare
    with pytest.raises(InvalidRequest, match="does not offer the source 'synthetic'") as refusal:
        prepare(params)
    assert refusal.value.data["field"] == field
    assert "It offers: sample." in refusal.value.hint
    assert StockwidgetApp().kinds()[kind].prepare(params)


@pytest.mark.parametrize("source", ["store:/bars", "folder:/files"])
def test_places_on_the_machine_are_one_source(source):
    params = {"symbol": "A", "source": source}
    with pytest.raises(InvalidRequest, match="does not offer the source 'store'"):
        StockwidgetApp(sources=["sample"]).kinds()["analysis"].prepare(params)
    assert StockwidgetApp(sources=["store"]).kinds()["analysis"].prepare(params)


@pytest.mark.parametrize("kind", ["store", "folder"])
def test_only_what_lies_in_the_allowed_folders_is_read(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path / "frames"))
    shared, private = tmp_path / "shared", tmp_path / "shared-not"
    for folder in (shared / "bars", private):
        folder.mkdir(parents=True)
    (shared / "link").symlink_to(private)
    kinds = StockwidgetApp(data_folders=[str(shared)]).kinds()

    def ask(place):
        kinds["analysis"].prepare({"symbol": "A", "source": f"{kind}:{place}"})
        kinds["scan"].prepare({"universe": f"{kind}:{place}"})

    for place in (shared, shared / "bars", tmp_path / "frames" / "made"):
        ask(place)
    for place in (private, shared / "link", shared / ".." / "shared-not", "/", f"/{'x' * 5000}"):
        with pytest.raises(InvalidRequest, match="does not read bars from") as refusal:
            ask(place)
        assert refusal.value.data["field"] == "source"
        with pytest.raises(InvalidRequest, match=r"does not read bars from|full path"):
            kinds["scan"].prepare({"universe": f"{kind}:{place}"})
    assert StockwidgetApp().kinds()["analysis"].prepare({"symbol": "A", "source": f"{kind}:/x"})
    with pytest.raises(TraitError, match="'bars' is not a full path"):
        StockwidgetApp(data_folders=["bars"])


@pytest.mark.parametrize(
    ("names", "why"), [([], "is empty"), (["sampel"], "Did you mean 'sample'")]
)
def test_sources_that_do_not_exist_are_refused_at_the_start(names, why):
    with pytest.raises(TraitError, match=why):
        StockwidgetApp(sources=names)


@pytest.fixture
def environment(tmp_path):
    folders = {
        f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    kept = {k: v for k, v in os.environ.items() if k not in {"PORT", "STOCKWIDGET_CONNECTION_FILE"}}
    return {**kept, **folders, "JUPYTER_TOKEN": "letmein", "IPYTHONDIR": str(tmp_path / "ipython")}


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def command(tmp_path):
    main = "from stockwidget_server.app import main; main()"
    return [sys.executable, "-c", main, "--allow-root", "--no-browser", "--ip=127.0.0.1",
            f"--ServerApp.root_dir={tmp_path}"]  # fmt: skip


def wait_for(url: str, process: subprocess.Popen) -> httpx.Response:
    for _ in range(300):
        assert process.poll() is None, process.stderr.read()
        try:
            return httpx.get(url, headers={"Authorization": "token letmein"})
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"nothing at {url}")


def test_a_real_server_runs_a_task_stays_light_and_leaves_cleanly(
    environment, free_port, command, tmp_path
):
    process = subprocess.Popen(
        command, env={**environment, "PORT": str(free_port)}, stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{free_port}/stockwidget/api/v1/"
    try:
        assert wait_for(url + "info", process).json()["protocol"] == 1
        (file,) = Path(environment["JUPYTER_RUNTIME_DIR"]).glob("stockwidget-*.json")
        content = json.loads(file.read_text())
        assert content["url"] == f"http://127.0.0.1:{free_port}/"
        with httpx.Client(
            base_url=url, headers={"Authorization": f"stockwidget {content['secret']}"}
        ) as kernel:
            body = {"kind": "analysis", "params": {"symbol": "AAPL"}}
            task = kernel.post("tasks", json=body).json()
            for _ in range(600):
                state = kernel.get(f"tasks/{task['id']}").json()
                if state["status"] == "completed":
                    break
                time.sleep(0.05)
            assert state["status"] == "completed", state
            assert kernel.get(f"tasks/{task['id']}/result").json()["symbol"] == "AAPL"
        if sys.platform == "linux":
            mapped = Path(f"/proc/{process.pid}/maps").read_text()
            assert not [name for name in HEAVY if f"/{name}/" in mapped]
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            assert children, "the workers are children of the server"
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert not file.exists()
        if sys.platform == "linux":
            assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    finally:
        process.kill()
        log = process.communicate()[1]
    assert content["secret"] not in log
    assert "Traceback" not in log


def test_a_port_in_use_is_one_clear_sentence(environment, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out = subprocess.run(
            command, env={**environment, "PORT": str(port)},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert out.returncode == 1
    (line,) = out.stderr.strip().splitlines()
    assert line.startswith(f"Port {port} cannot be used: address already in use.")
    assert "Set PORT" in line


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", "8²"])
def test_a_port_that_is_none_is_one_clear_sentence(port):
    with pytest.raises(SystemExit) as refused:
        _port([], {"PORT": port})
    assert refused.value.code == f"PORT is {port!r}. It must be a number from 1 to 65535."


@pytest.mark.parametrize("arguments", [["--port=9000"], ["--ServerApp.port=9000"]])
def test_a_port_on_the_command_line_wins(arguments):
    assert _port(arguments, {"PORT": "http"}) == []
    assert _port([], {}) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [(None, True), ("", True), ("true", True), ("1", True), ("False", False), ("0", False), ("off", False), (" no ", False), ("perhaps", True)],
)  # fmt: skip
def test_realtime_enabled_comes_from_the_environment(monkeypatch, said, expected):
    monkeypatch.delenv("REALTIME_ENABLED", raising=False)
    if said is not None:
        monkeypatch.setenv("REALTIME_ENABLED", said)
    assert StockwidgetApp().realtime_enabled is expected
    assert StockwidgetApp(realtime_enabled=True).realtime_enabled is True


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("max_subscriptions", 0, "must be 1 or more"),
        ("queue_events", 0, "must be 1 or more"),
        ("queue_bytes", 100, "must be 4096 or more"),
        ("blocked_s", 0.1, "must be 1.0 or more"),
        ("heartbeat_s", 0.1, "must be 1.0 or more"),
        ("heartbeat_s", 60, "must be 20.0 or less"),
    ],
)
def test_limits_that_make_no_sense_are_refused_by_name(name, value, says):
    with pytest.raises(TraitError, match=rf"StockwidgetApp.{name} is .*{says}"):
        StockwidgetApp(**{name: value})


def test_limits_are_configurable_and_default_to_those_of_the_session():
    assert StockwidgetApp().limits() == Limits()
    chosen = {"max_subscriptions": 5, "queue_events": 6, "queue_bytes": 7000}
    limits = StockwidgetApp(**chosen, blocked_s=3, heartbeat_s=4).limits()
    assert limits == Limits(
        subscriptions=5, queue_events=6, queue_bytes=7000, blocked_s=3, heartbeat_s=4
    )


def test_every_setting_is_documented_with_its_default():
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.MULTILINE))
    ours = set(StockwidgetApp.class_own_traits(config=True))
    assert {name for name in rows if name.islower()} == ours
    for name in ours - {
        "workers",
        "data_dir",
        "realtime_enabled",
        "task_memory_mb",
        "commentators",
        "data_folders",
    }:
        default = StockwidgetApp.class_traits()[name].default()
        assert literal_eval(rows[name].strip("`")) == default
