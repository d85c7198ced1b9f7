/** The lines that any page needs, with the address of this server and the newest task in them. */

import { copyText } from "../views/clipboard.ts";
import { button, h } from "../views/dom.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import { flash } from "./events.ts";

export interface SnippetView {
  readonly element: HTMLElement;
  update(task: string | null): void;
}

export function snippetOf(clientUrl: string, task: string): string {
  return [
    `<script type="module" src="${clientUrl}"></script>`,
    `<script type="module">`,
    `  const stop = subscribeTaskStatus("${task}", (task) => {`,
    `    console.log(task.status, task.progress, task.stage);`,
    `  });`,
    `</script>`,
  ].join("\n");
}

export function snippetView(clientUrl: string, texts: PageCatalogue, signal: AbortSignal): SnippetView {
  const code = h("code", "");
  let text = "";
  const copy = button("dp-button dp-small", texts.copy, signal, () => {
    void copyText(text).then((done) => flash(copy, done ? texts.copied : texts.copy, texts.copy));
  });
  const element = h("section", "dp-panel dp-snippet", { "aria-labelledby": "dp-snippet" },
    h("header", "dp-panel-head", {}, h("h2", "", { id: "dp-snippet" }, texts.snippet), copy),
    h("p", "", {}, texts.snippetText),
    h("pre", "dp-code", { tabindex: 0 }, code));
  return {
    element,
    update(task) {
      text = snippetOf(clientUrl, task ?? "TASK_ID");
      code.replaceChildren(...colored(text));
    },
  };
}

/** Texts in quotes and words of the language stand out. */
function colored(text: string): (Node | string)[] {
  return text.split(/("[^"]*"|\bconst\b|\bsubscribeTaskStatus\b)/).map((piece, i) =>
    i % 2 === 0 ? piece : h("span", piece.startsWith('"') ? "dp-s" : "dp-k", {}, piece));
}
