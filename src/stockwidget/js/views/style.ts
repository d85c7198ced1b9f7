/** Stylesheets, each once per document or shadow root that holds a card. */

export function addStyle(el: HTMLElement, name: string, css: string): void {
  const root = el.getRootNode();
  // Before it is attached an element is its own root; the document is where it will most likely go.
  const home = root instanceof ShadowRoot ? root : document.head;
  const id = `stockwidget-${name}`;
  const present = home.querySelector(`style[data-id="${id}"]`);
  if (present) {
    // A cell run after an upgrade brings a newer stylesheet than the page has.
    if (present.textContent !== css) present.textContent = css;
    return;
  }
  const style = document.createElement("style");
  style.dataset.id = id;
  style.textContent = css;
  home.append(style);
}
