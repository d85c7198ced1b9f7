/** The texts of a scan's table in the card's language. */

import type { Catalogue } from "./en.ts";
import { type ScanCatalogue, scanEn } from "./scan.en.ts";
import { scanZh } from "./scan.zh.ts";

export const scanTexts = ({ lang }: Catalogue): ScanCatalogue => (lang === "en" ? scanEn : scanZh);
