/** Language and theme of the page: the address says, else what was chosen before, else the browser. */

export type Language = "en" | "zh";
export type ThemeChoice = "auto" | "light" | "dark";
export const THEMES: readonly ThemeChoice[] = ["auto", "light", "dark"];

type Store = Pick<Storage, "getItem" | "setItem">;

export interface Sources {
  readonly search: string;
  readonly languages: readonly string[];
  /** Null where the browser forbids it. */
  readonly store: Store | null;
}

export function languageOf({ search, languages, store }: Sources): Language {
  const asked = new URLSearchParams(search).get("lang") ?? read(store, "lang") ?? languages[0] ?? "en";
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function themeChoiceOf({ search, store }: Sources): ThemeChoice {
  const asked = new URLSearchParams(search).get("theme") ?? read(store, "theme");
  return THEMES.find((theme) => theme === asked) ?? "auto";
}

export function remember(store: Store | null, name: "lang" | "theme", value: string): void {
  try {
    store?.setItem(`stockwidget:page:${name}`, value);
  } catch {
    // Full or forbidden: the choice holds for this page.
  }
}

/** The address without the token that opened the page: it must not be copied along. */
export function withoutToken(href: string): string {
  const url = new URL(href);
  url.searchParams.delete("token");
  return url.href;
}

function read(store: Store | null, name: string): string | null {
  try {
    return store?.getItem(`stockwidget:page:${name}`) ?? null;
  } catch {
    return null;
  }
}
