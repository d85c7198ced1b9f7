/** Stylesheets come in as text: esbuild's plugin in build.mjs and Vite both read `?inline` so. */
declare module "*.css?inline" {
  const css: string;
  export default css;
}
