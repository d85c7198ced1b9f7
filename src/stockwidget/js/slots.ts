/**
 * One widget model for several tasks, as notebook/slots.py fills it: each slot looks to its follower like a card's model.
 * Messages carry the place of their slot; what has none is the model's own.
 */

import type { AnyModel } from "@anywidget/types";

import type { Snapshot } from "./client/protocol.ts";
import type { Traits } from "./follower.ts";

export interface Slot {
  readonly symbol: string;
  readonly task_id: string;
  readonly epoch: string;
  readonly mode: "server" | "kernel";
  /** `{state, partial, logs}`, the last that the kernel saw. */
  readonly snapshot: Partial<Snapshot>;
}

/** What Python's `CompareModel` syncs; see README.md here. */
export interface CompareTraits {
  slots: readonly Slot[];
  locale: string;
  colors: string;
  parts?: Readonly<Record<string, string>>;
}

type Heard = (content: unknown) => void;
/** Of a slot: what its follower listens to. */
const FIELDS = ["task_id", "snapshot"] as const;

export function slotModel(model: AnyModel<CompareTraits>, place: number): AnyModel<Traits> {
  const slot = (): Slot => model.get("slots")[place] as Slot;
  const listeners = new Map<unknown, () => void>();
  let before = slot();

  const own = {
    get(name: keyof Traits): unknown {
      return name === "locale" || name === "colors" ? model.get(name) : name === "parts" ? {} : slot()[name];
    },
    set(name: keyof Traits, value: unknown): void {
      model.set("slots", model.get("slots").map((each, i) => (i === place ? { ...each, [name]: value } : each)));
    },
    save_changes: () => model.save_changes(),
    send: (content: object) => model.send({ ...content, slot: place }),
    on(name: string, callback: Heard): void {
      const field = FIELDS.find((each) => name === `change:${each}`);
      if (name === "msg:custom") {
        const heard: Heard = (content) => (content as { slot?: number } | null)?.slot === place && callback(content);
        model.on("msg:custom", heard);
        listeners.set(callback, () => model.off("msg:custom", heard));
      } else if (field) {
        // The list is one trait: whatever changed in it, only this slot's own changes are told.
        const changed = (): void => {
          const [old, now] = [before, slot()];
          if (old[field] === now[field]) return;
          before = { ...before, [field]: now[field] };
          callback(undefined);
        };
        model.on("change:slots", changed);
        listeners.set(callback, () => model.off("change:slots", changed));
      } else if (name === "change:colors") {
        const changed = (): void => callback(undefined);
        model.on("change:colors", changed);
        listeners.set(callback, () => model.off("change:colors", changed));
      }
    },
    off(_name: string, callback: Heard): void {
      listeners.get(callback)?.();
      listeners.delete(callback);
    },
  };
  return own as unknown as AnyModel<Traits>;
}
