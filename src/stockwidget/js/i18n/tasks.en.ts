/** English texts of the table of tasks. */

export const tasksEn = {
  title: "Tasks",
  filter: "Filter",
  filterTip: "Filter by name, title, tag, state or id",
  task: "Task",
  kind: "Kind",
  state: "State",
  begun: "Begun",
  kept: "Kept until",
  actions: "Actions",
  none: "No tasks yet",
  noneText: "What sw.analyze() and sw.scan() start shows here.",
  noMatch: "No task fits the filter",
  count: (shown: string, all: string) => (shown === all ? `${all} tasks` : `${shown} of ${all} tasks`),
  failed: "No answer; shown as last heard",
  tableLabel: "Tasks, newest first; arrow keys move between rows",
  attach: (id: string) => `sw.attach("${id}")`,
};

export type TasksCatalogue = typeof tasksEn;
