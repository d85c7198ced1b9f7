// @vitest-environment jsdom
/** An output in JupyterLab: the kernel's widget where there is one, the server's view where not, else what was saved. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Host } from "../../src/stockwidget/js/client/host.ts";
import { mountAlone } from "../../src/stockwidget/js/lab/alone.ts";
import { MIME, outputClass } from "../../src/stockwidget/js/lab/output.ts";

const VIEW = "application/vnd.jupyter.widget-view+json";
const MISSING = "Error displaying widget: model not found";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** As much of Lumino's Panel as there is to see. */
class Panel {
  readonly node = document.createElement("div");
  parent: Panel | null = null;
  isDisposed = false;
  children: Panel[] = [];
  addWidget(widget: Panel): void {
    widget.parent = this;
    this.children.push(widget);
    this.node.append(widget.node);
  }
  addClass(name: string): void {
    this.node.classList.add(name);
  }
  hide(): void {
    this.node.hidden = true;
  }
  show(): void {
    this.node.hidden = false;
  }
  onAfterAttach(_message: unknown): void {}
  dispose(): void {
    this.isDisposed = true;
    this.node.remove();
  }
}

/** An output area with the renderers of a notebook; `view` is what ipywidgets writes for a model. */
function area(view: string) {
  const made: string[] = [];
  const inner: Panel[] = [];
  const outside = Object.assign(new Panel(), {
    rendermime: {
      createRenderer(type: string) {
        made.push(type);
        return Object.assign(new Panel(), {
          async renderModel(this: Panel, model: { data: Record<string, string> }) {
            if (type === VIEW) inner.push(this);
            this.node.textContent = type === VIEW ? view : model.data[type] ?? "";
          },
        });
      },
    },
  });
  document.body.append(outside.node);
  const output = new (outputClass(Panel as never))() as unknown as Panel & { renderModel(model: unknown): Promise<void> };
  return {
    made, inner, output,
    async show(data: Record<string, unknown>, trusted = true) {
      await output.renderModel({ data, trusted });
      if (!output.parent) {
        outside.addWidget(output);
        output.onAfterAttach(null);
      }
      await vi.advanceTimersByTimeAsync(0);
    },
    text: () => [...output.node.children].filter((each) => !(each as HTMLElement).hidden).map((each) => each.textContent).join("|"),
  };
}

const saved = { [VIEW]: { model_id: "m" }, [MIME]: { view: "saved" }, "text/html": "as it was", "text/plain": "plain" };

test("a kernel's widget is shown, and an update of the saved picture leaves it alone", async () => {
  const { show, made, text, output } = area("the live card");
  await show(saved);
  const view = output.node.firstChild;
  await show({ ...saved, "text/html": "a newer picture" });
  expect([text(), made]).toEqual(["the live card", [VIEW]]);
  expect(output.node.firstChild).toBe(view);
});

test("another model is drawn anew", async () => {
  const { show, made } = area("the live card");
  await show(saved);
  await show({ ...saved, [VIEW]: { model_id: "n" } });
  expect(made).toEqual([VIEW, VIEW]);
});

test("without the model what was saved is shown, never the error", async () => {
  const { show, text } = area(MISSING);
  await show(saved);
  expect(text()).toBe("as it was");
});

test("while the model is looked for there is soon something to see, and then the widget", async () => {
  const { show, text, inner } = area("Loading widget...");
  await show(saved);
  expect(text()).toBe("Loading widget...");
  await vi.advanceTimersByTimeAsync(700);
  expect(text()).toBe("as it was");
  inner[0]?.node.replaceChildren("the live card");
  await vi.advanceTimersByTimeAsync(0);
  expect(text()).toBe("the live card");
});

test("a notebook that is not trusted runs no widget of a kernel", async () => {
  const { show, made, text } = area("the live card");
  await show(saved, false);
  expect([made, text()]).toEqual([["text/html"], "as it was"]);
});

const host = { apiUrl: "http://localhost/stockwidget/api/v1/", token: "secret" } as Host;
const mark = { view: "task", task_id: "t/1", locale: "zh", colors: "red-up", parts: { "analysis.js": "alert(1)" } };

function server(status: number) {
  const asked: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (url: URL, { headers }: { headers: unknown }) => {
    asked.push([url.href, headers]);
    return new Response(JSON.stringify({ id: "t/1", epoch: "e", status: "running" }), { status });
  });
  return asked;
}

test("a task that the server keeps is mounted from the server's bundle, and nothing of the notebook but its words", async () => {
  const asked = server(200);
  const loaded: string[] = [];
  let told: Record<string, unknown> = {};
  const ended: string[] = [];
  const load = async (url: string) => {
    loaded.push(url);
    return {
      default: {
        initialize: () => () => ended.push("model"),
        render: ({ model, el }: { model: { get(name: string): unknown }; el: HTMLElement }) => {
          told = Object.fromEntries(["task_id", "mode", "locale", "colors", "parts"].map((name) => [name, model.get(name)]));
          el.textContent = "live";
          return () => ended.push("view");
        },
      },
    };
  };
  const mounted = await mountAlone(mark, { signal: new AbortController().signal, host, load: load as never });
  expect(mounted?.element.textContent).toBe("live");
  expect(asked).toEqual([["http://localhost/stockwidget/api/v1/tasks/t%2F1", { Authorization: "token secret" }]]);
  expect(loaded).toEqual(["http://localhost/stockwidget/static/widget.js"]);
  expect(told).toEqual({ task_id: "t/1", mode: "server", locale: "zh", colors: "red-up", parts: undefined });
  mounted?.end();
  expect(ended).toEqual(["model", "view"]);
});

test("a comparison is mounted with every one of its tasks", async () => {
  const asked = server(200);
  let slots: unknown;
  const load = async (url: string) => {
    expect(url).toBe("http://localhost/stockwidget/static/compare.js");
    const render = ({ model }: { model: { get(name: string): unknown } }) => {
      slots = model.get("slots");
      return () => undefined;
    };
    return { default: { initialize: () => () => undefined, render } };
  };
  const two = { view: "compare", locale: "", colors: "", slots: [{ symbol: "AAPL", task_id: "a" }, { symbol: "IBM", task_id: "b" }] };
  expect(await mountAlone(two, { signal: new AbortController().signal, host, load: load as never })).not.toBeNull();
  expect(asked.map(([url]) => url)).toEqual(["a", "b"].map((id) => `http://localhost/stockwidget/api/v1/tasks/${id}`));
  expect(slots).toMatchObject([{ symbol: "AAPL", mode: "server", epoch: "e" }, { symbol: "IBM", mode: "server" }]);
  server(404);
  expect(await mountAlone(two, { signal: new AbortController().signal, host, load: load as never })).toBeNull();
});

test.each([404, 410, 403, 503])("a task that the server does not give (%i) is not mounted", async (status) => {
  server(status);
  const load = () => Promise.reject(new Error("must not be loaded"));
  expect(await mountAlone(mark, { signal: new AbortController().signal, host, load })).toBeNull();
});

test.each([[null], ["task"], [{ view: "saved" }], [{ view: "task" }], [{ view: "compare" }]])("%j names no task", async (other) => {
  const asked = server(200);
  expect(await mountAlone(other, { signal: new AbortController().signal, host })).toBeNull();
  expect(asked).toEqual([]);
});
