/** The anywidget module: joins the model to a card. */

import { createChart } from "lightweight-charts";
import type { RenderProps } from "@anywidget/types";
import css from "./views/theme.css?inline";

function render({ model, el }: RenderProps): void {
  const style = document.createElement("style");
  style.textContent = css;
  const root = document.createElement("div");
  root.className = "stockwidget";
  root.textContent = String(model.get("task_id"));
  el.append(style, root);
  void createChart;
}

export default { render };
