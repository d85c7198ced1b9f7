/** Which bars are in view, counted from 0; parts of a bar count. */

export interface View {
  readonly from: number;
  readonly to: number;
}

const LEAST_BARS = 10;

/** `view` moved by `by` bars, as far as there are any. */
export function moved({ from, to }: View, by: number, last: number, margin: number): View {
  const shift = Math.max(-0.5 - from, Math.min(by, last + margin - to));
  return { from: from + shift, to: to + shift };
}

/** `view` with `factor` times as many bars, the one `under` the pointer staying where it is. */
export function zoomed({ from, to }: View, factor: number, under: number, last: number, margin: number): View {
  const width = Math.min(last + margin + 0.5, Math.max(LEAST_BARS, (to - from) * factor));
  const share = Math.min(1, Math.max(0, (under - from) / (to - from)));
  const start = Math.max(-0.5, under - share * width);
  return moved({ from: start, to: start + width }, 0, last, margin);
}
