/** Why news does not come the best way, in the words of a tip: the end of a sentence, without a full stop. */

import type { ReasonCode } from "../client/link.ts";

export type Reasons = Readonly<Record<ReasonCode, string>>;

export const reasonsEn: Reasons = {
  refused: "the opening was refused",
  timeout: "no answer in time",
  silent: "it went silent",
  buffered: "something in between holds the stream back",
  closed: "the connection was cut",
  slow_reader: "this page read too slowly",
  restarting: "the server restarts",
  server_error: "the server answered with an error",
  not_authorized: "the login is not valid any more",
  offline: "there is no network",
  disabled: "the server does not offer it",
  resumed: "the page was asleep",
  probe: "a better way is being tried",
  other: "it failed",
  limited: "the server asked to wait",
  suspended: "the Hub stopped this server",
};

export const reasonsZh: Reasons = {
  refused: "连接被拒绝",
  timeout: "超时未响应",
  silent: "长时间没有消息",
  buffered: "中间代理缓存了数据流",
  closed: "连接被切断",
  slow_reader: "本页读取过慢",
  restarting: "服务器正在重启",
  server_error: "服务器返回错误",
  not_authorized: "登录已失效",
  offline: "没有网络",
  disabled: "服务器未提供",
  resumed: "页面曾休眠",
  probe: "正在尝试更好的方式",
  other: "连接失败",
  limited: "服务器要求稍候",
  suspended: "服务器已被 Hub 停止",
};
