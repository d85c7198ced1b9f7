/** The stylesheet, once per document or shadow root that holds a card. */

import css from "./theme.css?inline";

const ID = "stockwidget-style";

export function addStyle(el: HTMLElement): void {
  const root = el.getRootNode();
  // Before it is attached an element is its own root; the document is where it will most likely go.
  const home = root instanceof ShadowRoot ? root : document.head;
  const present = home.querySelector(`style[data-id="${ID}"]`);
  if (present) {
    // A cell run after an upgrade brings a newer stylesheet than the page has.
    if (present.textContent !== css) present.textContent = css;
    return;
  }
  const style = document.createElement("style");
  style.dataset.id = ID;
  style.textContent = css;
  home.append(style);
}
