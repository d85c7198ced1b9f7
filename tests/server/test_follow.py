"""Submit, follow over the WebSocket, fetch the result; a reconnect misses nothing."""

from __future__ import annotations

import json


async def test_submit_follow_and_fetch(api, follow):
    submitted = await api("POST", "tasks", {"kind": "analysis", "params": {"symbol": "AAPL"}})
    assert submitted.status == 202, submitted.body
    task = submitted.json["id"]
    assert submitted.headers["Location"] == f"/user/x/stockwidget/api/v1/tasks/{task}"
    link = await follow()
    hello = await link.frame()
    assert hello["k"] == "hello"
    await link.say(op="subscribe", tasks={task: None})
    frames = await link.until("end", task)
    assert frames[0]["k"] == "snapshot"
    assert frames[-1]["d"]["status"] == "completed", frames[-1]
    result = await api("GET", f"tasks/{task}/result")
    assert result.status == 200
    assert result.json["symbol"] == "AAPL"
    assert (await api("GET", f"tasks/{task}")).json["status"] == "completed"
