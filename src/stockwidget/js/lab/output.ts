/**
 * One output of this package in JupyterLab: the kernel's widget while there is one; else the same view without a kernel,
 * fed by the server that ran the task; else what the notebook saved. Never "model not found".
 */

import { mountAlone } from "./alone.ts";

export const MIME = "application/vnd.stockwidget.v1+json";
const VIEW = "application/vnd.jupyter.widget-view+json";
/** A model that is there is found sooner. */
const PATIENCE_MS = 700;
/** What ipywidgets writes while it looks for the model, and when there is none. */
const LOOKING = "Loading widget...";
const FAILED = "Error displaying widget";

interface MimeModel {
  readonly data: Readonly<Record<string, unknown>>;
  readonly trusted: boolean;
}

/** As much as is needed of Lumino's Widget and of JupyterLab's renderers, which are widgets. */
interface Widget {
  readonly node: HTMLElement;
  readonly parent: Widget | null;
  readonly isDisposed: boolean;
  hide(): void;
  show(): void;
  dispose(): void;
}

interface Renderer extends Widget {
  renderModel(model: MimeModel): Promise<void>;
}

interface Rendermime {
  createRenderer(mimeType: string): Renderer;
}

export interface Panel extends Widget {
  addWidget(widget: Widget): void;
  addClass(name: string): void;
  onAfterAttach(message: unknown): void;
}
export type PanelClass = new () => Panel;

export function outputClass(Base: PanelClass): new () => Renderer {
  return class Output extends Base implements Renderer {
    #model: MimeModel | null = null;
    #shown = "";
    /** What is drawn from `#model`; ended before something else is. */
    #drawing = new Drawing();
    /** What stands in for the kernel's widget. */
    #standIn: Drawing | null = null;

    constructor() {
      super();
      this.addClass("stockwidget-output");
    }

    async renderModel(model: MimeModel): Promise<void> {
      this.#model = model;
      // Before it is attached it does not know whose rendermime it came from.
      if (this.parent) this.#draw(model);
    }

    override onAfterAttach(message: unknown): void {
      super.onAfterAttach(message);
      if (this.#model) this.#draw(this.#model);
    }

    override dispose(): void {
      this.#drawing.end();
      super.dispose();
    }

    #draw(model: MimeModel): void {
      const shown = JSON.stringify([model.data[VIEW] ?? null, model.data[MIME], model.trusted]);
      // An update that only brings a newer picture for the file leaves the live view alone.
      if (shown === this.#shown) return;
      this.#shown = shown;
      this.#drawing.end();
      const drawing = (this.#drawing = new Drawing());
      drawing.onEnd(() => this.#withdraw());
      const live = VIEW in model.data && model.trusted ? this.#renderer(VIEW) : null;
      if (!live) return this.#standInFor(model);
      drawing.add(this, live);
      void live.renderModel(model);
      this.#watch(live, model, drawing);
    }

    /** Whether there is a model shows in what the widgets' renderer writes, and in nothing else. */
    #watch(live: Renderer, model: MimeModel, drawing: Drawing): void {
      let late = false;
      const look = (): void => {
        const says = live.node.textContent ?? "";
        if (says === LOOKING && !late) return;
        const missing = says === LOOKING || says.startsWith(FAILED);
        if (missing === (this.#standIn !== null)) return;
        if (missing) {
          live.hide();
          this.#standInFor(model);
        } else {
          this.#withdraw();
          live.show();
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(live.node, { childList: true, characterData: true, subtree: true });
      const timer = setTimeout(() => {
        late = true;
        look();
      }, PATIENCE_MS);
      drawing.onEnd(() => {
        observer.disconnect();
        clearTimeout(timer);
      });
      look();
    }

    /** Draw what the notebook saved; and in its place, once it is there, the view that the server feeds. */
    #standInFor(model: MimeModel): void {
      const drawing = (this.#standIn = new Drawing());
      const type = ["text/html", "text/plain"].find((each) => each in model.data);
      const saved = type ? this.#renderer(type) : null;
      if (saved) {
        drawing.add(this, saved);
        void saved.renderModel(model);
      }
      void mountAlone(model.data[MIME], { signal: drawing.signal }).then((mounted) => {
        if (!mounted) return;
        drawing.onEnd(() => mounted.end());
        if (drawing.signal.aborted) return;
        const place = new Base();
        place.node.append(mounted.element);
        drawing.add(this, place);
        saved?.hide();
      });
    }

    #withdraw(): void {
      this.#standIn?.end();
      this.#standIn = null;
    }

    #renderer(type: string): Renderer | null {
      for (let each = this.parent; each; each = each.parent) {
        if (!("rendermime" in each)) continue;
        try {
          return (each.rendermime as Rendermime).createRenderer(type);
        } catch {
          return null; // A page without ipywidgets has none for its views.
        }
      }
      return null;
    }
  };
}

/** Widgets and listeners that go together. */
class Drawing {
  readonly #ending = new AbortController();
  readonly signal = this.#ending.signal;

  add(panel: Panel, widget: Widget): void {
    panel.addWidget(widget);
    this.onEnd(() => widget.dispose());
  }

  onEnd(then: () => void): void {
    if (this.signal.aborted) then();
    else this.signal.addEventListener("abort", then);
  }

  end(): void {
    this.#ending.abort();
  }
}
