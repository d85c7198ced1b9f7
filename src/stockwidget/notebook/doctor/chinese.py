"""The doctor's sentences in Chinese, by their English ones."""

from __future__ import annotations

from collections.abc import Mapping

# ruff: noqa: E501 - a catalogue reads better as a table

SENTENCES: Mapping[str, str] = {
    # what was looked at
    "versions": "版本", "extension": "扩展", "data folder": "数据目录", "server": "服务器",
    "same version": "版本一致", "journal": "任务日志", "worker": "工作进程", "WebSocket": "WebSocket",
    "event stream": "事件流", "polling": "轮询", "pages": "页面", "task": "任务", "connection": "连接",
    # the whole
    "Everything works from here.": "一切正常。",
    "It works, though not in the best way.": "可以使用，但并非最佳方式。",
    "Something is in the way: {names}.": "存在问题：{names}。",
    "none": "无",
    # here
    "Installed, but no Jupyter configuration enables it.": "已安装，但没有任何 Jupyter 配置启用它。",
    "Run `jupyter server extension enable {name}` and restart the Jupyter server.": "运行 `jupyter server extension enable {name}`，然后重启 Jupyter 服务器。",
    "Enabled by {file}.": "已由 {file} 启用。",
    "Disabled by {file}.": "已被 {file} 停用。",
    "{name} is not installed in this environment.": "当前环境未安装 {name}。",
    "Install stockwidget in the environment of the Jupyter server.": "请在 Jupyter 服务器所在的环境中安装 stockwidget。",
    "{place} can be written.": "{place} 可写。",
    "{place} cannot be written.": "{place} 不可写。",
    "{place} cannot be written: {why}.": "{place} 不可写：{why}。",
    "Give this user write access to it.": "请为当前用户授予写权限。",
    "Give this user write access, or set c.StockwidgetApp.data_dir to another one.": "请为当前用户授予写权限，或将 c.StockwidgetApp.data_dir 设为其他目录。",
    # the server
    "STOCKWIDGET_SERVER names it": "由 STOCKWIDGET_SERVER 指定",
    "it started this kernel (by its connection file)": "由它启动了本内核（据连接文件）",
    "it started this kernel (by its runtime file)": "由它启动了本内核（据运行时文件）",
    "JupyterHub's variables name it": "由 JupyterHub 的环境变量指定",
    "it runs here for this user": "当前用户在本机运行的服务器",
    "STOCKWIDGET_SERVER=off: tasks run in a child process of the kernel.": "STOCKWIDGET_SERVER=off：任务在内核的子进程中运行。",
    "No Jupyter server of this process was found: tasks run in a child process and end with it.": "未找到本进程所属的 Jupyter 服务器：任务在子进程中运行，并随之结束。",
    "Start the notebook from a Jupyter server with stockwidget, or set STOCKWIDGET_SERVER and STOCKWIDGET_TOKEN.": "请从装有 stockwidget 的 Jupyter 服务器启动笔记本，或设置 STOCKWIDGET_SERVER 与 STOCKWIDGET_TOKEN。",
    "{where}.": "{where}。",
    "{where}, but another server answers at that address now.": "{where}，但该地址现由另一台服务器应答。",
    "{where}, but it refuses the login (401 or 403).": "{where}，但它拒绝登录（401 或 403）。",
    "{where}, but its journal is not open. {message}": "{where}，但任务日志未能打开。{message}",
    "{where}, but it has no stockwidget extension.": "{where}，但没有 stockwidget 扩展。",
    "Set STOCKWIDGET_TOKEN to the token that `jupyter server list` shows.": "请将 STOCKWIDGET_TOKEN 设为 `jupyter server list` 显示的令牌。",
    "Restart the kernel to pick up the server's new secret.": "请重启内核，以读取服务器的新密钥。",
    "Restart the kernel.": "请重启内核。",
    "Restart the kernel from a running server.": "请从正在运行的服务器重启内核。",
    "The server that started this kernel has gone: {file} does not exist any more.": "启动本内核的服务器已不存在：{file} 已被删除。",
    "{file} can be read by others, so it is not trusted.": "{file} 可被其他用户读取，因此不予信任。",
    "Run `chmod 600 {file}`, and restart the server.": "请运行 `chmod 600 {file}`，并重启服务器。",
    "Kernel and server have {version}.": "内核与服务器均为 {version}。",
    "The kernel has stockwidget {here}, the server {there}.": "内核的 stockwidget 为 {here}，服务器为 {there}。",
    "Install the same version in both environments and restart the server.": "请在两个环境中安装相同版本，并重启服务器。",
    "Open ({epoch}).": "已打开（{epoch}）。",
    "The server has another journal now ({epoch}, was {seen}): it was lost or its folder changed, and earlier tasks with it.": "服务器的任务日志已更换（现为 {epoch}，原为 {seen}）：原日志丢失或目录已变，此前的任务也随之丢失。",
    "Run the cells again; check c.StockwidgetApp.data_dir.": "请重新运行单元格，并检查 c.StockwidgetApp.data_dir。",
    # the work
    "in a worker of the server": "在服务器的工作进程中",
    "in a child process": "在子进程中",
    "A small analysis ran {where}: {seconds} s with all waiting.": "一次小型分析{where}运行完毕：含等待共 {seconds} 秒。",
    "A small analysis {where} is {status}: {message}": "一次小型分析{where}{status}：{message}",
    "A small analysis is still {status} after {seconds} s.": "一次小型分析在 {seconds} 秒后仍为“{status}”。",
    "Other tasks may keep all workers busy (c.StockwidgetApp.workers); else the server's log says why no worker starts.": "可能所有工作进程都被其他任务占用（c.StockwidgetApp.workers）；否则请查看服务器日志中工作进程未能启动的原因。",
    "Without a server nobody can be asked about {task}.": "没有服务器，无从查询任务 {task}。",
    "It is {status}.": "状态：{status}。",
    "It is {status}, {percent}.": "状态：{status}，{percent}。",
    " Its result is kept until {time}.": "结果保留至 {time}。",
    "It failed: {message}": "任务失败：{message}",
    " at {time}": "（{time}）",
    "It has expired: its result was removed{when}.": "任务已过期，结果已清除{when}。",
    "Run the cell again; retention is c.StockwidgetApp.analysis_retention_s and …scan…": "请重新运行单元格；保留时间由 c.StockwidgetApp.analysis_retention_s 与 …scan… 设定。",
    "This server has never had a task {task}.": "此服务器从未有过任务 {task}。",
    "It ran in another server or journal, or in a kernel that has ended. Run it again.": "它属于另一台服务器或另一份日志，或其内核已结束。请重新运行。",
    "The server has it, but from another journal than this handle knows.": "服务器上有该任务，但它所属的日志与当前句柄所知的不同。",
    "Run the cell again.": "请重新运行单元格。",
    # the ways
    "Works; first news after {ms} ms.": "可用；{ms} 毫秒后收到首条消息。",
    " {proxy} stands between.": "中间有代理 {proxy}。",
    "Is the server still running?": "服务器是否仍在运行？",
    "Something on the way limits requests; it works again by itself.": "途中有环节限制请求频率，稍后会自行恢复。",
    "The server does not offer it (REALTIME_ENABLED=false, or an older version).": "服务器未提供（REALTIME_ENABLED=false，或版本较旧）。",
    "Something on the way refuses the upgrade: {why}.": "途中有环节拒绝协议升级：{why}。",
    "A proxy holds the stream back: it opened, and its first event never came.": "代理扣留了数据流：连接已建立，但首个事件始终未到。",
    "Something on the way holds it back: {why}.": "途中有环节将其扣留：{why}。",
    "The login is refused on this route.": "此路由拒绝登录。",
    "It does not work: {why}.": "不可用：{why}。",
    "Let the proxy pass the upgrade; nginx: `{settings}`.": "请让代理放行协议升级；nginx：`{settings}`。",
    "Switch buffering and compression off for {route}; nginx: `{settings}`.": "请为 {route} 关闭缓冲与压缩；nginx：`{settings}`。",
    "Let the proxy pass requests that last 30 s (nginx: proxy_read_timeout 60s).": "请让代理允许持续 30 秒的请求（nginx：proxy_read_timeout 60s）。",
    # pages and this process
    "The server tells nothing of its pages.": "服务器未提供页面信息。",
    "Connected to the server now, kernels included: {now}. Reported changes of transport: {told}.": "当前连接（含内核）：{now}。已报告的通道切换：{told}。",
    "This process: {state}.": "本进程：{state}。",
    "idle": "空闲", "connecting": "正在连接", "live": "实时", "stale": "暂无消息", "backoff": "等待重连",
    "auth": "登录失效", "suspended": "服务器已停止", "failed": "失败", "done": "已结束",
}  # fmt: skip

FAILURES: Mapping[str, str] = {
    "refused": "连接被拒绝", "timeout": "超时未响应", "silent": "长时间没有消息", "buffered": "数据流被代理缓存",
    "closed": "连接被切断", "slow_reader": "本进程读取过慢", "restarting": "服务器正在重启", "server_error": "服务器返回错误",
    "not_authorized": "登录已失效", "offline": "无法连接", "disabled": "服务器未提供", "limited": "服务器要求稍候",
    "suspended": "服务器已被 Hub 停止", "resumed": "曾休眠", "probe": "正在尝试更好的方式", "other": "连接失败",
}  # fmt: skip
"""By the code of a failure; docs/protocol.md lists them."""
