/** 对比卡片的中文文案；评分与类别的名称随结果而来。 */

import type { CompareCatalogue } from "./compare.en.ts";

export const compareZh: CompareCatalogue = {
  title: "对比",
  label: (names) => `${names} 对比`,
  comma: "、",
  ended: (ended, all) => `已完成 ${ended} / ${all}`,
  allEnded: (all) => `${all} 只已完成`,
  without: (n) => `${n} 只无结果`,
  cancelAll: "取消",
  rows: "各只股票的分析",
  fetching: "正在读取结果",
  fromKernel: "结果在内核中，正在向内核读取",

  nothing: "无可对比",
  nothingText: "所有分析都没有结果，原因见上方。",
  alone: "只有一只股票有分析结果，无可对比。",
  noCommon: "各股票没有共同交易日，无法绘制走势，也无相关系数。请去掉其中一只，或更换日期区间。",
  few: (n, least) => `共同交易日仅 ${n} 个：相关系数与波动率至少需要 ${least} 个收益。`,
  last: (first, last) => `各分析的截止日不同（${first} 至 ${last}）：评分与涨跌幅为各自截止日的数值。`,
  currencies: (names) => `价格分别以 ${names} 计，未计入汇率变动。`,
  adjust: "部分价格复权、部分不复权：后者的收益不含分红。",
  cards: "评分所用的评分卡不同，不可直接比较。",
  synthetic: "模拟数据：随机生成的价格，并非真实行情。",

  chart: "走势对比图",
  chartLabel: (names, from, to) => `${names} 的走势对比，起点为 100，${from} 至 ${to}。方向键逐日查看，数字键切换区间，L 键切换对数坐标。`,
  range: (n, first, last) => `${n} 个共同交易日，${first} 至 ${last}，起点 = 100`,
  logTip: "对数坐标",

  own: "各自区间",
  ownTip: "各分析截止日的数值",
  common: "所示共同交易日",
  correlation: "日对数收益相关系数",
  families: "各类评分得分率",
  heads: {
    symbol: "代码", score: "评分", band: "评级", coverage: "覆盖率", last_close: "收盘价", return_20d: "20 日涨跌", return_1y: "近一年涨跌",
    volatility_1y: "年化波动率", max_drawdown: "最大回撤", sharpe: "夏普比率", beta: "贝塔",
    change: "涨跌幅", volatility: "年化波动率", drawdown: "最大回撤",
  },
  tips: {
    score: "按评分卡规则打分，满分 100", band: "评分对应的评级", coverage: "可判断的分值占比",
    volatility_1y: "近一年", max_drawdown: "自身全部区间内的最大跌幅", sharpe: "自身全部区间，年化",
    beta: '相对基准：sw.compare(…, benchmark="…")', volatility: "对数收益，年化",
  },
  sort: (head) => `按${head}排序`,
  missing: {
    score: (share) => `暂无评分：仅 ${share} 的分值可判断`,
    beta: "未指定基准，或与基准的共同交易日过少",
    other: "历史数据不足",
    correlation: "共同收益不足 20 个，或价格从未变动",
    family: "该类规则均无法判断",
  },
  opening: (symbol) => `正在打开 ${symbol} 的分析…`,
  close: (symbol) => `关闭 ${symbol} 的分析`,
  openFromKernel: (code) => `请在单元格中运行：${code}`,
  open: (symbol) => `${symbol} 的分析`,
  hint: "点击代码可在下方查看该股分析。",
};
