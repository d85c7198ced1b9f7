import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/js/**/*.test.ts"],
    environment: "node",
    css: true,
    testTimeout: 10_000,
    maxWorkers: 2, // Many of the tests wait, for real servers and real time.
    retry: 1, // What a crowded machine made late is judged once more, as in the Makefile.
  },
});
