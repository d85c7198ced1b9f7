/** The anywidget module of `sw.doctor()`: the kernel's report, and what this page finds by itself. */

import type { RenderProps } from "@anywidget/types";

import { pageClient } from "./client/page.ts";
import { doctorEn } from "./i18n/doctor.en.ts";
import { doctorZh } from "./i18n/doctor.zh.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { reasonsEn, reasonsZh } from "./i18n/reasons.ts";
import { type Check, doctorView, pageList } from "./views/doctor.ts";
import css from "./views/doctor.css?inline";
import { Format } from "./views/format.ts";
import { addStyle } from "./views/style.ts";
import card from "./views/theme.css?inline";
import { followTheme } from "./views/theme.ts";

/** What Python's `DoctorModel` syncs; see README.md here. */
export interface DoctorTraits {
  verdict: string;
  checks: readonly Check[];
  locale: string;
}

function render({ model, el, signal }: RenderProps<DoctorTraits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const t = catalogueFor(model.get("locale") ?? "", document, navigator);
  const [texts, reasons] = t.lang === "en" ? [doctorEn, reasonsEn] : [doctorZh, reasonsZh];
  const client = pageClient();
  const page = pageList({ format: new Format(t), texts, reasons, signal: ending.signal, look: client && (() => client.examine()) });
  const view = doctorView(model.get("verdict"), model.get("checks"), page.element, texts);
  view.lang = t.lang;
  addStyle(el, "card", card);
  addStyle(el, "doctor", css);
  followTheme(view, window, ending.signal, () => undefined);
  el.replaceChildren(view);
  page.run();
  ending.signal.addEventListener("abort", () => view.remove());
  return end;
}

export default { render };
