// Parts of the guest that isolates load when they first need them. `import load from "./x.ts?lazy"` gives a function that
// evaluates x.ts, with what it alone imports, once, and returns its exports. Until then a part is text: no function or object
// of it is in the base snapshot, which every isolate would have to restore.
// Modules that the rest of the guest imports, too, are not copied: a part refers to them.
import { isAbsolute, resolve } from "node:path";
import { build } from "esbuild";

const suffix = "?lazy";

/** The esbuild plugin; `options` are those of the bundle it is used in. */
export function lazyParts(options) {
  const owners = new Map();
  let core;
  return {
    name: "lazy-parts",
    setup(bundle) {
      bundle.onStart(async () => { core = await eagerModules(options); });
      bundle.onResolve({ filter: /\?lazy$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path.slice(0, -suffix.length)), namespace: "lazy" }));
      bundle.onLoad({ filter: /.*/, namespace: "lazy" }, async ({ path }) => {
        if (core.has(path)) throw new Error(`${path} is imported lazily and otherwise.`);
        const { text, modules } = await bundlePart(path, core);
        for (const module of modules) {
          const other = owners.get(module);
          if (other !== undefined && other !== path) throw new Error(`${module} belongs to ${other} and to ${path}. Have the rest of the guest import it, or make it a part.`);
          owners.set(module, path);
        }
        return { contents: asLoader(text), loader: "js", resolveDir: "/" };
      });
    },
  };
}

/** The paths of all modules that the entry points reach without a lazy import. */
async function eagerModules({ entryPoints }) {
  const { metafile } = await build({
    entryPoints, bundle: true, format: "esm", platform: "neutral", target: "esnext", write: false, metafile: true, logLevel: "silent", outdir: "/",
    plugins: [{ name: "lazy-is-elsewhere", setup: (bundle) => bundle.onResolve({ filter: /\?lazy$/ }, ({ path }) => ({ path, external: true })) }],
  });
  return new Set(Object.keys(metafile.inputs).map((path) => resolve(path)));
}

/** A part as one module that imports the eager ones it uses. */
async function bundlePart(entry, core) {
  const { outputFiles: [output], metafile } = await build({
    entryPoints: [entry], bundle: true, format: "esm", platform: "neutral", target: "esnext", charset: "ascii", write: false, metafile: true,
    logLevel: "warning", sourcemap: "inline", sourceRoot: "/",
    plugins: [{
      name: "eager-is-elsewhere",
      setup(bundle) {
        bundle.onResolve({ filter: /\?lazy$/ }, ({ path, importer }) => { throw new Error(`${importer} is part of ${entry} and imports ${path}: parts have no parts.`); });
        bundle.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
          const absolute = resolve(resolveDir, path);
          return core.has(absolute) ? { path: absolute, external: true } : undefined;
        });
      },
    }],
  });
  return { text: output.text, modules: Object.keys(metafile.inputs).map((path) => resolve(path)) };
}

/** The module's body inside a function; its lines stay where they are, for the source map. */
function asLoader(text) {
  const imports = [];
  const body = text
    .replace(/^import (?:\{[^}]*\} from )?"([^"]+)";$/gm, (statement, path) => {
      if (!isAbsolute(path)) throw new Error(`A lazy part imports ${path}.`);
      imports.push(statement.replaceAll("\n", " "));
      return statement.replace(/[^\n]+/g, "");
    })
    .replace(/^export \{([^}]*)\};$/m, (statement, names) => {
      const properties = names.split(",").map((name) => name.trim()).filter(Boolean).map((name) => name.replace(/^(\S+) as (\S+)$/, "$2: $1"));
      return `return { ${properties.join(", ")} };${statement.replace(/[^\n]+/g, "")}}`;
    });
  if (/^(?:import|export)\b/m.test(body)) throw new Error("A lazy part has an import or export of a form that is not known here.");
  return `${imports.join(" ")} let exports; export default () => exports ??= evaluate(); function evaluate() { ${body}`;
}
