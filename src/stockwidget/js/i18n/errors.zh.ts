/** 错误信息的中文说法：按错误的 code、kind 与数据写成，未收录的沿用服务器原文。 */

import type { TaskFailure } from "../client/protocol.ts";

type Data = Readonly<Record<string, unknown>>;
export type Said = readonly [message: string, hint: string];
type Words = (data: Data) => Said;

const list = (value: unknown): string => (Array.isArray(value) ? value.join("、") : String(value ?? ""));
const near = (data: Data, otherwise: string): string => (Array.isArray(data.nearest) && data.nearest.length > 0 ? `是否想写 ${data.nearest[0]}？` : otherwise);
const sample = ({ example }: Data): string => `例如 ${example}。`;

/** 条件写法有误，按 scan/rules 中的 kind。 */
export const rulesZh: Readonly<Record<string, Words>> = {
  not_text: () => ["条件应为文本。", "例如 close > sma(200)。"],
  empty: () => ["条件为空。", "例如 close > sma(200)。"],
  too_long: ({ given, most }) => [`条件有 ${given} 个字符，最多 ${most} 个。`, "请分两步选股，或写成函数。"],
  unknown_letter: ({ letter }) => [`条件中不能使用“${letter}”。`, LETTERS[String(letter)] ?? "可用名称、数字、+ - * / ( ) 逗号和比较符号。"],
  too_many_brackets: ({ most }) => [`同时打开的括号超过 ${most} 层。`, "请减少括号。"],
  unpaired: () => ["条件无法识别。", "括号不配对。"],
  single_equals: () => ["条件无法识别。", "相等用 ==；参数名写在括号内，如 sma(window=20)。"],
  unreadable: () => ["条件无法识别。", "写法如 close > sma(200) and rsi(14) < 70。"],
  too_nested: () => ["条件嵌套过深。", "请简化写法。"],
  too_many_steps: ({ most }) => [`条件的计算步骤超过 ${most} 步。`, "请分两步选股。"],
  needs_series: (data) => [`${data.name} 需要计算对象。`, sample(data)],
  never_cross: (data) => ["两个不变的数不会交叉。", sample(data)],
  same_for_all: ({ name }) => [`固定的数对所有股票都一样，${name} 没有意义。`, `例如 ${name}(ret(20))。`],
  no_text: ({ name }) => [`${name} 不能用于文字。`, "请去掉引号。"],
  wants_condition: (data) => [`${data.name} 需要一个条件，这里是数值。`, sample(data)],
  wants_number: (data) => [`${data.name} 需要数值，这里是条件。`, sample(data)],
  series_first: (data) => [`${data.name} 的计算对象应写在参数之前。`, sample(data)],
  never_changes: (data) => [`${data.name} 需要逐日变化的序列，这里始终不变。`, sample(data)],
  only_arithmetic: () => ["数值之间只能用 + - * /。", "平方写 x * x，开方写 sqrt(x)。"],
  sign: () => ["这个符号没有意义。", "取反请在条件前写 not。"],
  in_or_is: () => ["in 和 is 不能用于比较。", "请用 < <= > >= == !=。"],
  compared_condition: () => ["条件不能与数值比较。", "条件之间用 and、or 连接。"],
  condition_here: ({ meant }) => ["此处应为条件，而不是数值。", `请加上比较，如 ${meant} > 0。`],
  not_condition: ({ meant }) => ["整个式子是数值，不是条件。", `请加上比较，如 ${meant} > 0。`],
  no_parts: () => ["名称中不能用点号。", "请写 macd_dif，不写 macd.dif。"],
  no_if: () => ["不支持 if。", "条件之间用 and、or、not 连接。"],
  a_list: () => ["列表不能作为数值。", "条件之间用 and 连接。"],
  meaningless: () => ["这种写法在条件中没有意义。", "可用的写法见 docs/rules.md。"],
  too_large: () => ["数值过大。", "最大为 1e308。"],
  text_value: () => ["文字不能参与计算。", "请去掉引号。"],
  no_number: () => ["这不是数值。", "写法如 12.5。"],
  needs_shares: ({ name }) => [`${name} 需要股本数据，选股时没有。`, ""],
  needs_benchmark: ({ name }) => [`${name} 需要基准，选股时没有。`, ""],
  of_company: ({ name }) => [`${name} 是公司数据，条件中不能使用。`, "个股分析的自定义因子可以使用（docs/own_parts.md）。"],
  unknown_name: (data) => [`不认识 ${data.name}。`, near(data, "全部可用名称见 docs/rules.md。")],
  only_functions: () => ["只有函数可以加括号调用。", "例如 sma(20)。"],
  no_settings: ({ name }) => [`${name} 没有参数。`, `取以前的值请写 shift(${name}, n)。`],
  starred: () => ["参数前不能加 *。", ""],
  too_many_settings: (data) => [`${data.name} 最多 ${data.most} 个参数${Array.isArray(data.known) && data.known.length > 0 ? `（${list(data.known)}）` : ""}，这里有 ${data.given} 个。`, ""],
  no_setting: (data) => [`${data.name} 没有参数 ${data.setting}。`, Array.isArray(data.known) && data.known.length > 0 ? `可用参数：${list(data.known)}。` : "它没有参数。"],
  twice: ({ setting }) => [`参数 ${setting} 写了两次。`, "请保留一个。"],
  not_constant: (data) => [`${data.name} 的参数 ${data.setting} 应为固定数值。`, sample(data)],
  not_above: ({ name, setting, least, usual }) => [`${name} 的参数 ${setting} 应大于 ${least}。`, `通常为 ${usual}。`],
  not_whole: ({ name, setting, least, most, given }) => [`${name} 的参数 ${setting} 应为 ${least} 到 ${most} 的整数，这里是 ${given}。`, "它表示 K 线根数。"],
  convention: () => ["算法口径只能是 'talib' 或 'tdx'，须加引号。", ""],
  fast_slow: ({ fast, slow }) => [`快线周期（${fast}）应小于慢线周期（${slow}）。`, "通常为 12 和 26。"],
  acceleration: () => ["加速因子不能大于上限。", "通常为 0.02 和 0.2。"],
  across_past: () => ["全市场排名和标准分只在最后一根 K 线上有值。", "请不要把 rank() 或 zscore() 放进回看历史的函数。"],
  no_value: () => ["这个式子没有值。", "是否除以了零？"],
  too_many_columns: ({ given, most }) => [`共 ${given} 列，最多 ${most} 列。`, "请减少显示的列。"],
};

const LETTERS: Readonly<Record<string, string>> = {
  "&": "条件之间请写 and。", "|": "条件之间请写 or。", "~": "取反请在条件前写 not。", "^": "没有乘方：平方写 x * x，开方写 sqrt(x)。", "%": "5% 请写 0.05。",
  "[": "取以前的值请写 shift(x, n)。", "{": "只能用圆括号。", "#": "条件中不能写注释。", ";": "只能写一个条件，多个条件用 and 连接。", ":": "只能写一个条件，不支持 if 和 lambda。",
};

/** 请求被拒，按 kind。 */
const requestsZh: Readonly<Record<string, Words>> = {
  not_a_symbol: ({ given }) => [`“${given}”不是股票代码。`, "写法如 AAPL、0700.HK 或 600519.SS。"],
  not_a_date: ({ given }) => [`“${given}”不是日期。`, "写法如 2024-01-31。"],
  start_after_end: ({ start, end }) => [`开始日期（${start}）晚于结束日期（${end}）。`, "请对调。"],
  no_rule: () => ["历史检验需要条件：没有条件时每天都会选中所有股票。", "例如 rsi(14) < 30。"],
  unknown_universe: (data) => [`没有股票池“${data.given}”。`, near(data, "可用 sample、synthetic:500、市场名称，或代码列表。")],
  source_not_offered: ({ source, known }) => [`此服务器不提供数据源 ${source}。`, `可用：${list(known)}。`],
};

const again = "请重新运行；若再次发生，请联系服务器管理员。";

const codesZh: Readonly<Record<string, Words>> = {
  unknown_symbol: ({ symbol, sources }) => [`没有代码 ${symbol}${Array.isArray(sources) ? `（已查：${list(sources)}）` : ""}。`, "sw.symbols(source) 可列出数据源中的全部代码。"],
  insufficient_history: ({ symbol, bars, needed }) => [`${symbol} 历史数据不足：只有 ${bars} 根 K 线，至少需要 ${needed} 根。`, "请放宽日期范围，或换一只股票。"],
  source_unavailable: ({ source }) => [`数据源 ${source ?? ""} 暂不可用。`, "请稍后重试，或换用其他数据源。"],
  source_timeout: ({ symbol, limit_s }) => [`数据源未在 ${limit_s} 秒内给出 ${symbol} 的数据。`, "请稍后重试失败项。"],
  part_failed: ({ part, said, symbol, message, hint }) =>
    said ? [`自定义函数 ${part} ${symbol ? `在 ${symbol} 上` : ""}抛出 ${said}`, "错误堆栈显示的是您自己的代码。"] : [String(message), String(hint ?? "")],
  interpreter_unusable: ({ message }) => [
    `内核的 Python 无法运行自定义函数：${message}`, "请在内核环境中安装与服务器同版本的 stockwidget；若内核与服务器不共享文件，请设置 STOCKWIDGET_SERVER=off。",
  ],
  code_not_allowed: () => ["此服务器不运行自定义函数，也不使用自选集群；或当前用户没有相应权限。", "可改写为规则文本，或设置 STOCKWIDGET_SERVER=off，由内核自行运行。"],
  not_authorized: () => ["没有权限。", "请重新登录，或联系服务器管理员授权。"],
  worker_crashed: () => ["运行该任务的进程异常退出。", "其他任务不受影响。请重新运行；若反复发生，多半是内存不足，请缩小范围。"],
  job_failed: ({ traceback }) => (traceback ? ["任务运行出错，原因见错误堆栈。", "并非请求有误；若再次发生，请把错误堆栈报告给我们。"] : ["任务运行出错。", again]),
  time_limit: ({ limit_s }) => [`任务运行超过 ${limit_s} 秒，已被停止。`, "请缩小范围，或在服务器配置中提高时限。"],
  memory_limit: ({ used, limit }) => [`任务占用内存 ${mebi(used)} MiB，超过上限 ${mebi(limit)} MiB，已被停止。`, "请减少股票数量，或在服务器配置中提高内存上限。"],
  queue_full: ({ waiting }) => [`已有 ${waiting} 个任务在排队，不能再添加。`, "请等待部分任务结束，或取消不再需要的任务。"],
  wrong_state: () => ["任务的当前状态不允许这样做。", "请以卡片显示的最新状态为准。"],
  unknown_task: () => ["服务器上没有这个任务。", "sw.tasks() 可列出现有任务。"],
  expired: () => ["结果已过保留期，已被清除。", "点“重新运行”即可重新计算。"],
  store_unavailable: () => ["服务器的任务记录暂时无法读写。", "请检查磁盘空间和文件权限后重试。"],
  damaged_store: ({ path }) => [`本地行情库已损坏：${path}。`, "sw.store(…).repair() 可清除无法读取的部分，并列出需要补录的代码。"],
  request_too_large: () => ["请求过大。", "请减少内容后重试。"],
};

const mebi = (bytes: unknown): number => Math.round(Number(bytes) / 2 ** 20);

/** 错误的中文说法；没有收录的为 null。 */
export function errorsZh(error: TaskFailure): Said | null {
  const words = error.code === "invalid_rule" ? rulesZh[String(error.kind)] : error.code === "invalid_request" ? requestsZh[String(error.kind)] : codesZh[error.code];
  return words?.(error) ?? null;
}
