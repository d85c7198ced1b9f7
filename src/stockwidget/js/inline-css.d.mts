import type { Plugin } from "esbuild";

export const inlineCss: Plugin;
export function nested(css: string): string;
