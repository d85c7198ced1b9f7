"""The doctor says what works, why the rest does not and what to do; it names no secret.

Real servers, a proxy that misbehaves and, where there is one, a real nginx with the set-ups that
break delivery in practice.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from nginx_driver import running_nginx

import stockwidget as sw
from stockwidget.delivery.ladder import Code, State
from stockwidget.notebook.discovery import Surroundings, Target
from stockwidget.notebook.doctor import Check, Report, here, main, ways, work
from stockwidget.notebook.doctor import servers as looking
from stockwidget.notebook.doctor.chinese import FAILURES, SENTENCES
from stockwidget.notebook.doctor.report import cells
from stockwidget.notebook.rest import Rest

WAYS = ("WebSocket", "event stream", "polling")


@pytest.fixture(scope="module")
def target(servers) -> Target:
    return Target(url=servers[0].url, authorization=f"token {servers[0].token}", rung="variable")


@pytest.fixture(scope="module")
def ran(target) -> str:
    """A task of the server that has ended."""
    check, task_id = work.on_server(target)
    assert check.state == "ok"
    assert task_id is not None
    return task_id


def through(target: Target, url: str) -> Target:
    return Target(url=url, authorization=target.authorization, rung="variable")


def tried(target: Target, task_id: str) -> dict[str, Check]:
    rest = Rest(target)
    try:
        info = rest.get("stockwidget/api/v1/info")
    finally:
        rest.close()
    return {check.name: check for check in ways.transports(target, info, task_id)}


def states(checks: dict[str, Check]) -> list[str]:
    return [checks[name].state for name in WAYS]


def test_everything_works(on_server):
    task = sw.analyze("AAPL")
    task.result(60)
    report = sw.doctor(task)
    assert report.ok
    assert report.verdict == "Everything works from here."
    assert [report[name].state for name in (*WAYS, "worker", "journal", "task")] == ["ok"] * 6
    assert "STOCKWIDGET_SERVER names it" in report["server"].found
    assert "completed" in report["task"].found
    assert "live · ws" in report["connection"].found
    text = repr(report)
    assert all(len(line) <= 96 for line in text.splitlines())
    assert on_server.token not in text + report._repr_html_() + json.dumps(report.to_dict())


@pytest.mark.parametrize(
    ("setup", "expected", "advice"),
    [
        ("healthy", ["ok", "ok", "ok"], None),
        ("no-upgrade", ["warn", "ok", "ok"], "proxy_set_header Upgrade"),
        ("held-back", ["warn", "warn", "ok"], "proxy_buffering off"),
        ("gzip", ["warn", "warn", "ok"], "gzip off"),
        ("no-socket", ["warn", "ok", "ok"], "proxy_set_header Upgrade"),
    ],
)
def test_nginx_as_it_really_behaves(servers, target, ran, tmp_path, setup, expected, advice):
    with running_nginx(tmp_path, servers[0].port, page="none.html", html="") as nginx:
        nginx.use(setup)
        checks = tried(through(target, nginx.origin + "/"), ran)
    assert states(checks) == expected
    if advice is not None:
        assert any(advice in check.advice for check in checks.values())
        assert "nginx" in checks["WebSocket"].found
    if setup == "held-back":
        assert "holds the stream back" in checks["event stream"].found


def test_a_proxy_that_passes_nothing(target, ran, relay):
    for path in ("/api/v1/ws", "/api/v1/events", "/api/v1/poll"):
        relay.refuse(path)
    checks = tried(through(target, relay.url), ran)
    assert states(checks) == ["fail"] * 3
    assert not Report(checks.values()).ok
    assert all(check.advice for check in checks.values())


def test_a_mute_socket(target, ran, relay):
    relay.hold("/api/v1/ws")
    check = tried(through(target, relay.url), ran)["WebSocket"]
    assert check.state == "warn"
    assert "holds it back" in check.found


def test_what_the_server_does_not_offer_is_skipped(target, ran):
    checks = {each.name: each for each in ways.transports(target, {"transports": ["poll"]}, ran)}
    assert states(checks) == ["skip", "skip", "ok"]
    assert "REALTIME_ENABLED" in checks["WebSocket"].found


def around(tmp_path: Path, **environ: str) -> Surroundings:
    return Surroundings(environ=environ, runtime_dir=tmp_path, ancestors=list)


def test_wrong_token(servers, tmp_path):
    variables = {"STOCKWIDGET_SERVER": servers[0].url, "STOCKWIDGET_TOKEN": "wrong"}
    [check] = look(tmp_path, **variables)
    assert check.state == "fail"
    assert "refuses the login" in check.found
    assert "jupyter server list" in check.advice


def look(tmp_path: Path, **environ: str) -> list[Check]:
    found = looking.look(around(tmp_path, **environ))
    assert found.target is None
    return found.checks


def test_nobody_at_the_address(tmp_path):
    [check] = look(tmp_path, STOCKWIDGET_SERVER="http://127.0.0.1:9/")
    assert (check.name, check.state) == ("server", "fail")
    assert "does not answer" in check.found
    assert "STOCKWIDGET_SERVER" in check.advice


def test_a_server_without_the_extension(tmp_path, relay):
    relay.refuse("stockwidget", 404)
    [check] = look(tmp_path, STOCKWIDGET_SERVER=relay.url)
    assert "has no stockwidget extension" in check.found
    assert "jupyter server extension enable" in check.advice


def test_a_connection_file_that_is_gone_or_open_to_others(tmp_path):
    file = tmp_path / "stockwidget-1.json"
    [check] = look(tmp_path, STOCKWIDGET_CONNECTION_FILE=str(file))
    assert "has gone" in check.found
    file.write_text("{}")
    file.chmod(0o644)
    [check] = look(tmp_path, STOCKWIDGET_CONNECTION_FILE=str(file))
    assert "chmod 600" in check.advice


def test_no_server_is_no_failure(tmp_path):
    [check] = look(tmp_path)
    assert check.state == "warn"
    [check] = look(tmp_path, STOCKWIDGET_SERVER="off")
    assert check.state == "skip"


def test_versions_that_differ():
    assert looking.same_version({"version": here.own_version()}).state == "ok"
    check = looking.same_version({"version": "0.0.1"})
    assert check.state == "warn"
    assert "0.0.1" in check.found


def test_a_journal_that_was_lost():
    assert looking.journal({"epoch": "a" * 12}, None).state == "ok"
    check = looking.journal({"epoch": "a" * 12}, "b" * 12)
    assert check.state == "warn"
    assert "data_dir" in check.advice


def test_a_journal_that_cannot_be_opened(make_server, tmp_path):
    """The server stands, its journal does not: the reason and the place are told."""
    blocked = tmp_path / "server0" / "data" / "stockwidget"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where a folder must be")
    server = make_server(ready=503)
    target = Target(url=server.url, authorization=f"token {server.token}", rung="variable")
    check, info = looking.ask(target)
    assert info is None
    assert "journal is not open" in check.found
    assert str(blocked) in check.found + check.advice


def test_a_task_that_failed_and_one_that_never_was(target):
    rest = Rest(target)
    record = rest.post(
        "stockwidget/api/v1/tasks", {"kind": "analysis", "params": {"symbol": "APPL"}}
    )
    while record["status"] != "failed":
        record = rest.get(f"stockwidget/api/v1/tasks/{record['id']}")
    rest.close()
    check = work.task(target, record["id"], None)
    assert check.state == "warn"
    assert "AAPL" in check.advice
    assert work.task(target, record["id"], "another").found.endswith("than this handle knows.")
    unknown = work.task(target, "f" * 32, None)
    assert unknown.state == "fail"
    assert "never had" in unknown.found


@pytest.mark.parametrize(
    ("content", "state"),
    [(True, "ok"), (False, "warn"), (None, "warn")],
)
def test_whether_the_extension_is_enabled(tmp_path, content, state):
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    if content is not None:
        setting = {"ServerApp": {"jpserver_extensions": {here.EXTENSION: content}}}
        (folder / "x.json").write_text(json.dumps(setting))
    (folder / "broken.json").write_text("{")
    check = here.extension([str(tmp_path)])
    assert check.state == state
    assert bool(check.advice) == (state == "warn")


def test_a_data_folder_that_cannot_be_written(tmp_path):
    assert here.data_folder(tmp_path / "a" / "b").state == "ok"
    assert not (tmp_path / "a").exists()
    (tmp_path / "file").touch()
    check = here.data_folder(tmp_path / "file" / "below")
    assert check.state == "fail"
    assert "data_dir" in check.advice


def test_no_secret_is_ever_shown():
    checks = [Check(name="server", state="fail", found="http://u:hunter2@h/", advice="hunter2")]
    report = Report(checks, secrets=["", "hunter2"])
    assert "hunter2" not in repr(report) + report._repr_html_() + str(report.to_dict())
    assert looking.shown("http://u:p@h:1/x/?token=t#f") == "http://h:1/x/"


def test_html_is_never_markup_of_others():
    report = Report([Check(name="x", state="fail", found="<script>", advice="<b>")])
    assert "<script>" not in report._repr_html_()
    assert "&lt;b&gt;" in report._repr_html_()


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    program = "from stockwidget_server.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "doctor", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_in_a_terminal_it_finds_the_servers_of_the_user(servers):
    """No kernel, no variable: the runtime folder tells; the exit code says whether all is well."""
    done = run("--json", **{**servers[1].environ, "STOCKWIDGET_SERVER": ""})
    assert (done.returncode, done.stderr) == (0, "")
    [report] = json.loads(done.stdout)
    found = {check["name"]: check for check in report["checks"]}
    assert servers[1].url in found["server"]["found"]
    assert {found[name]["state"] for name in WAYS} == {"ok"}
    assert servers[1].token not in done.stdout


def test_in_a_terminal_a_fault_is_exit_code_1(monkeypatch, capsys, tmp_path, forget_runner):
    monkeypatch.setenv("STOCKWIDGET_SERVER", "http://me:secret-word@127.0.0.1:9/?token=t0ken")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    assert main([]) == 1
    out = capsys.readouterr().out
    assert "✗ server" in out
    assert "secret-word" not in out
    assert "t0ken" not in out


def test_it_speaks_chinese(on_server):
    """Every sentence of the package has a Chinese one with the same values, and the report uses them."""
    package = Path(here.__file__).parent
    calls = [
        node
        for file in package.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    ]
    said = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert len(said) > 60
    named = {*looking.HOW.values(), *get_args(State), *ways.NAMES.values()}
    assert said | named <= SENTENCES.keys()
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in said]
    chinese = [
        {name for _, name, _, _ in Formatter().parse(SENTENCES[text]) if name} for text in said
    ]
    assert fields == chinese
    assert set(get_args(Code)) <= FAILURES.keys()

    report = sw.doctor(locale="zh")
    assert report.verdict == "一切正常。"
    assert "可用" in report["WebSocket"].found
    assert all(cells(line) <= 96 for line in repr(report).splitlines())
    assert "工作进程" in report._repr_html_()
    assert sw.doctor().verdict == "Everything works from here."
