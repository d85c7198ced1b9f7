/** Follow the host's theme: which of light and dark it is, and its colours as a canvas can use them. */

export type Theme = "light" | "dark";

/** What the host says of itself: Lab, then VS Code, then the browser's preference. */
export function themeOf(page: Window): Theme {
  const { body } = page.document;
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false" ? "dark" : "light";
  const kind = body.dataset.vscodeThemeKind ?? body.className;
  if (/vscode-(dark|high-contrast(?!-light))/.test(kind)) return "dark";
  if (/vscode-(light|high-contrast-light)/.test(kind)) return "light";
  return page.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Keep `root`'s `data-theme` right and call `changed` after each change, until `signal` aborts. */
export function followTheme(root: HTMLElement, page: Window & typeof globalThis, signal: AbortSignal, changed: () => void): void {
  const refresh = (): void => {
    root.dataset.theme = themeOf(page);
    changed();
  };
  // Lab marks the body before its new stylesheet has taken effect.
  const refreshTwice = (): void => {
    refresh();
    setTimeout(() => {
      if (!signal.aborted) changed();
    }, 250);
  };
  refresh();
  const observer = new page.MutationObserver(refreshTwice);
  observer.observe(page.document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "data-vscode-theme-kind", "class"],
  });
  const preference = page.matchMedia?.("(prefers-color-scheme: dark)");
  preference?.addEventListener("change", refreshTwice, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}

export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** The colour that CSS variable `name` has at `root`, resolved by the browser; `fallback` where it cannot. */
export function colour(root: HTMLElement, name: string, fallback: Rgb): Rgb {
  const probe = root.ownerDocument.createElement("span");
  probe.style.color = `var(${name})`;
  probe.style.display = "none";
  root.append(probe);
  const text = getComputedStyle(probe).color;
  probe.remove();
  const numbers = (text.match(/[\d.]+/g) ?? []).map(Number);
  const [r, g, b] = numbers;
  if (r === undefined || g === undefined || b === undefined || !/^(rgb|color\(srgb)/.test(text)) return fallback;
  // color-mix() computes to color(srgb …) with parts from 0 to 1.
  const scale = text.startsWith("color") ? 255 : 1;
  return { r: Math.round(r * scale), g: Math.round(g * scale), b: Math.round(b * scale) };
}

export const css = ({ r, g, b }: Rgb, alpha = 1): string => `rgba(${r}, ${g}, ${b}, ${alpha})`;
