/** The reader's clipboard. */

import { h } from "./dom.ts";

/** False where nothing was copied. The clipboard is only there on https and localhost; elsewhere an old way may still work. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", "", { "aria-hidden": "true", style: "position: fixed; opacity: 0" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = typeof document.execCommand === "function" && document.execCommand("copy");
    area.remove();
    return done;
  }
}
