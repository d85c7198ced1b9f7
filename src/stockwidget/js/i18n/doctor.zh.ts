/** 诊断视图的中文文案：本页面自身能连通什么。 */

import type { DoctorCatalogue } from "./doctor.en.ts";

export const doctorZh: DoctorCatalogue = {
  title: "诊断",
  page: "本页面",
  again: "立即检查",
  looking: "正在检查…",
  noServer: "本页面不属于 Jupyter 服务器：卡片由内核推送。",
  way: { server: "服务器", ws: "WebSocket", sse: "事件流", poll: "轮询" },
  works: (ms) => `可用；${ms} 毫秒后收到首条消息。`,
  answers: (ms) => `${ms} 毫秒内应答。`,
  notOffered: "服务器未提供（REALTIME_ENABLED=false，或版本较旧）。",
  fails: (why) => `不可用：${why}。`,
  server: {
    auth: "登录已失效。请重新登录并刷新页面。",
    forbidden: "服务器拒绝本页面访问。请联系管理员授权。",
    missing: "服务器没有 stockwidget 扩展。请在其环境中安装 stockwidget 并重启。",
    gone: "服务器返回错误。",
    refused: "服务器返回错误。",
    suspended: "服务器已被 Hub 停止，请重新启动。",
    unreachable: "服务器没有应答。它是否仍在运行，网络是否可达？",
  },
  advice: {
    ws: "请让代理放行协议升级：使用 HTTP/1.1，并转发 Upgrade 与 Connection 头。在此之前消息会走其他通道。",
    sse: "请在代理中为 …/stockwidget/api/v1/events 关闭缓冲与压缩。",
    poll: "请让代理允许持续 30 秒的请求。",
  },
  state: { ok: "正常", warn: "可改进", fail: "不可用", skip: "未检查" },
};
