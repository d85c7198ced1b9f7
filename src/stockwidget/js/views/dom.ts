/** Elements from plain values. Data only ever becomes text or attributes, never markup. */

type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  set(element, attributes);
  element.append(...children.filter((child): child is Node | string => isChild(child)));
  return element;
}

/** Set each attribute; null, undefined and false remove it. Unchanged ones are not written, so observers stay quiet. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Set the text unless it is the same, which would reset a reader's selection. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function button(className: string, label: string, signal: AbortSignal, onClick: () => void): HTMLButtonElement {
  const element = h("button", `sw-button ${className}`, { type: "button" }, label);
  element.addEventListener("click", onClick, { signal });
  return element;
}

const isChild = (child: Child): boolean => child !== null && child !== undefined && child !== false;
