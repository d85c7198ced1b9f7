/** What errors say in the languages that the server does not speak: a bundle of its own, which most cards never need. */

export { errorsZh } from "./i18n/errors.zh.ts";
