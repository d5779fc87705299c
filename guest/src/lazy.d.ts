// What `import load from "./x.ts?lazy"` gives (lazy-parts.mjs): evaluates the module once and returns its exports.
declare module "*.ts?lazy" {
  const load: () => unknown;
  export default load;
}
