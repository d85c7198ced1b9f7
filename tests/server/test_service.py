"""A journal that cannot be used costs the notebook server nothing, and is told with what to do."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from contract import conforms

from stockwidget_server import service as module
from stockwidget_server.base import verbs
from stockwidget_server.routes import ROUTES


class BrokenStore:
    """What holds for every broken journal."""

    says = ""

    async def test_routes_answer_503_with_a_hint_and_the_server_lives(self, api, call, jp_base_url):
        needs_no_journal = {"/stockwidget/api/v1/report"}
        for path, handler in ROUTES.items():
            if path in needs_no_journal:
                continue
            short = path.removeprefix("/stockwidget/api/v1/")
            # The verb that needs no body: a bad one is refused before the journal is asked.
            method = next(v for v in ("GET", "DELETE", "POST") if v in verbs(handler))
            query = {"poll": "?since=%7B%22t1%22:null%7D", "find": "?task=last"}.get(short, "")
            answer = await api(method, short.replace("{id}", "t1") + query)
            assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
            assert self.says in answer.json["message"]
            assert "StockwidgetApp.data_dir" in answer.json["hint"]
            assert answer.headers["Retry-After"] == "5"
            conforms(short, method, 503, answer.json)
        lab = await api("GET", f"{jp_base_url}api/status")
        assert lab.status == 200

    async def test_the_connection_file_is_there_without_an_epoch(self, api):
        await api("GET", "info")
        content = json.loads(Path(os.environ["STOCKWIDGET_CONNECTION_FILE"]).read_text())
        assert content["epoch"] is None
        assert content["secret"]


class TestFolderIsAFile(BrokenStore):
    says = "cannot be opened"

    @pytest.fixture
    def stock_data_dir(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("in the way")
        return path

    async def test_a_repaired_folder_is_found_without_a_restart(
        self, api, stock_data_dir, monkeypatch
    ):
        assert (await api("GET", "info")).status == 503
        stock_data_dir.unlink()
        assert (await api("GET", "info")).status == 503, "not tried again at every request"
        monkeypatch.setattr(module, "RETRY_S", 0.0)
        assert (await api("GET", "info")).status == 200


class TestJournalIsNoDatabase(BrokenStore):
    says = "is not a task journal"

    @pytest.fixture
    def stock_data_dir(self, tmp_path):
        path = tmp_path / "data"
        path.mkdir()
        (path / "tasks.sqlite").write_bytes(b"this is not a database " * 100)
        return path

    async def test_the_file_is_left_as_it_was(self, api, stock_data_dir):
        await api("GET", "info")
        assert (stock_data_dir / "tasks.sqlite").read_bytes().startswith(b"this is not")


async def test_an_unwritable_runtime_folder_costs_only_the_connection_file(
    api, jp_serverapp, monkeypatch, caplog, tmp_path
):
    service = jp_serverapp.web_app.settings["stockwidget"]
    (tmp_path / "blocked").write_text("")
    monkeypatch.setattr(service._connection_file, "path", tmp_path / "blocked" / "file.json")
    assert (await api("GET", "info")).status == 200
    assert "Kernels will look for this server by other means" in caplog.text
    assert service.secret not in caplog.text


async def test_running_tasks_count_as_activity(api, jp_serverapp):
    app = jp_serverapp.web_app
    assert "stockwidget_last_activity" not in app.settings
    (extension,) = jp_serverapp.extension_manager.extension_apps["stockwidget_server"]
    assert extension.current_activity() is None
    before = app.last_activity()
    body = {"kind": "scan", "params": {"universe": "synthetic:20000"}}
    task = (await api("POST", "tasks", body)).json["id"]
    assert app.settings["stockwidget_last_activity"] > before
    assert app.last_activity() >= app.settings["stockwidget_last_activity"]
    assert extension.current_activity() == {"tasks": 1}
    assert jp_serverapp.extension_manager.any_activity()
    await api("POST", f"tasks/{task}/cancel")
    for _ in range(200):
        if extension.current_activity() is None:
            break
        await asyncio.sleep(0.05)
    assert extension.current_activity() is None


async def test_stop_is_bounded_whatever_runs(api, jp_serverapp):
    body = {"kind": "scan", "params": {"universe": "synthetic:20000"}}
    await api("POST", "tasks", body)
    (extension,) = jp_serverapp.extension_manager.extension_apps["stockwidget_server"]
    await asyncio.wait_for(extension.stop_extension(), 10)
    await asyncio.wait_for(extension.stop_extension(), 1)
