/** Work that news asks for more often than an eye can follow: done at once, then at most once in a while, with the newest. */

/** Do `work` with what is passed; `now` waits for nothing. What is still waiting when `signal` aborts is not done. */
export function paced<T>(everyMs: number, signal: AbortSignal, work: (value: T) => void): (value: T, now: boolean) => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest: T;
  const run = (): void => {
    clearTimeout(timer);
    timer = undefined;
    last = performance.now();
    work(newest);
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (value, now) => {
    newest = value;
    const wait = last + everyMs - performance.now();
    if (now || (wait <= 0 && timer === undefined)) run();
    else timer ??= setTimeout(run, wait);
  };
}
