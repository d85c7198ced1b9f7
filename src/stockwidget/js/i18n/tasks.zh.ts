/** 任务列表的中文文案。 */

import type { TasksCatalogue } from "./tasks.en.ts";

export const tasksZh: TasksCatalogue = {
  title: "任务",
  filter: "筛选",
  filterTip: "按名称、标题、标签、状态或编号筛选",
  task: "任务",
  kind: "类型",
  state: "状态",
  begun: "提交时间",
  kept: "保留至",
  actions: "操作",
  none: "暂无任务",
  noneText: "sw.analyze() 与 sw.scan() 提交的任务会显示在这里。",
  noMatch: "没有符合筛选的任务",
  count: (shown, all) => (shown === all ? `共 ${all} 个任务` : `${shown} / ${all} 个任务`),
  failed: "没有响应，显示的是最后收到的状态",
  tableLabel: "任务列表，最新在前；方向键切换行",
  attach: (id) => `sw.attach("${id}")`,
};
