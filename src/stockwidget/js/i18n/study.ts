/** The texts of a study in the card's language. */

import type { Catalogue } from "./en.ts";
import { type StudyCatalogue, studyEn } from "./study.en.ts";
import { studyZh } from "./study.zh.ts";

export const studyTexts = ({ lang }: Catalogue): StudyCatalogue => (lang === "en" ? studyEn : studyZh);
