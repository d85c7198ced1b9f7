/** English texts of a comparison. The words for scores and families come with the documents. */

export const compareEn = {
  title: "Comparison",
  label: (names: string) => `Comparison of ${names}`,
  comma: ", ",
  ended: (ended: string, all: string) => `${ended} of ${all} done`,
  allEnded: (all: string) => `${all} done`,
  without: (n: string) => `${n} without a result`,
  cancelAll: "Cancel",
  rows: "Analyses of this comparison",
  fetching: "Result on its way",
  fromKernel: "Held by the kernel, which is asked for it",

  nothing: "There is nothing to compare",
  nothingText: "None of the analyses has a result. Each says why above.",
  alone: "Only one symbol has an analysis: there is nothing to compare it with.",
  noCommon: "There is no day on which all of them have a price: no chart and no correlation. Leave one out, or ask for other dates.",
  few: (n: string, least: string) => `${n} common days: correlation and volatility need ${least} returns.`,
  last: (first: string, last: string) => `The analyses end on different days, ${first} to ${last}: scores and returns are those of each one's last day.`,
  currencies: (names: string) => `Prices are in ${names}: changes of exchange rates are not in them.`,
  adjust: "Some prices are adjusted and some are not: returns of the latter lack dividends.",
  cards: "The scores were made by different scorecards: they do not compare.",
  synthetic: "Synthetic data: generated prices, no real market.",

  chart: "chart of prices",
  chartLabel: (names: string, from: string, to: string) => `Prices of ${names} from 100, ${from} to ${to}. Arrow keys move through the days, digits choose the range, L the scale.`,
  range: (n: string, first: string, last: string) => `${n} common days, ${first} to ${last}, first = 100`,
  logTip: "Logarithmic scale",

  own: "Each on its own days",
  ownTip: "As each analysis has them, at its last day",
  common: "On the common days shown",
  correlation: "Correlation of daily log returns",
  families: "Points by family of the score",
  heads: {
    symbol: "Symbol", score: "Score", band: "Rating", coverage: "Coverage", last_close: "Last close", return_20d: "20 days", return_1y: "1 year",
    volatility_1y: "Volatility", max_drawdown: "Max drawdown", sharpe: "Sharpe", beta: "Beta",
    change: "Return", volatility: "Volatility", drawdown: "Max drawdown",
  },
  tips: {
    score: "0 to 100, by the rules of the scorecard", band: "The recommended band of the score", coverage: "Share of the points that could be judged",
    volatility_1y: "Of the last year, annualised", max_drawdown: "Deepest fall on all its days", sharpe: "On all its days, annualised",
    beta: 'To the benchmark: sw.compare(…, benchmark="…")', volatility: "Of log returns, annualised",
  } as Readonly<Record<string, string>>,
  sort: (head: string) => `Sort by ${head}`,
  missing: {
    score: (share: string) => `No score: ${share} of the points could be judged`,
    beta: "No benchmark was asked for, or it has too few common days",
    other: "Too little history for this",
    correlation: "Under 20 common returns, or a price that never moved",
    family: "Nothing in this family could be judged",
  },
  opening: (symbol: string) => `Starting the analysis of ${symbol}…`,
  close: (symbol: string) => `Close the analysis of ${symbol}`,
  openFromKernel: (code: string) => `Run in a cell: ${code}`,
  open: (symbol: string) => `Analysis of ${symbol}`,
  hint: "A symbol opens its analysis below.",
};

export type CompareCatalogue = typeof compareEn;
