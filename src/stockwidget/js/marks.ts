/** Marks for whoever measures: when a card, and when its result, was first on the screen. */

const mark = (name: string): void => {
  if (performance.getEntriesByName(name, "mark").length > 0) return;
  // The frame after the next one begins once this one's drawing has been handed to the screen.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (performance.getEntriesByName(name, "mark").length === 0) performance.mark(name);
    }),
  );
};

export const firstPaint = (task: string): void => mark(`stockwidget:${task}:first-paint`);
export const resultPaint = (task: string): void => mark(`stockwidget:${task}:result`);
