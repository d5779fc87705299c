using System.Text;
using System.Text.Json;
using Molt.Cli.Bundling;
using Molt.Cli.Reporting;
using Molt.Runtime;

namespace Molt.Cli.Tests.Bundling;

public sealed class BundlerTests
{
    [Fact]
    public async Task TypeScript_WhenBundled_BecomesOneModuleWithItsMap()
    {
        using var project = new TemporaryProject(
            ("src/index.ts", "import { n } from './n';\nexport const named: number = n;\nexport default { fetch(): Response { return new Response(String(n)); } };"),
            ("src/n.ts", "export const n: number = 41 + 1;"));
        var outcome = await BundleAsync(project);
        Assert.Empty(outcome.Faults);
        var module = Assert.Single(outcome.Bundle!.Modules);
        Assert.Equal((outcome.Bundle.MainModule, WorkerModuleKind.EcmaScript), (module.Name, module.Kind));
        Assert.DoesNotContain(": Response", Text(module.Content), StringComparison.Ordinal);
        Assert.Contains("\"sources\": [\"src/n.ts\",\"src/index.ts\"]", Text(module.SourceMap), StringComparison.Ordinal);
        Assert.Equal("default named", string.Join(' ', outcome.Bundle.Exports));
        Assert.Equal(
            $"{project.PathOf("src/index.ts")} {project.PathOf("src/n.ts")}",
            string.Join(' ', System.Linq.Enumerable.Order(outcome.Inputs, StringComparer.Ordinal)));
    }

    [Fact]
    public async Task SourceMap_WhenAFileHasAnUnusualName_NamesItAsItIs()
    {
        using var project = new TemporaryProject(("wrangler.json", """{ "name": "a", "main": "grün/100% ünd %41.js" }"""), ("grün/100% ünd %41.js", "export default { fetch() {} };"));
        var outcome = await BundleAsync(project);
        var map = JsonDocument.Parse(Assert.Single(outcome.Bundle!.Modules).SourceMap);
        Assert.Equal("grün/100% ünd %41.js", map.RootElement.GetProperty("sources")[0].GetString());
    }

    [Fact]
    public async Task Package_WhenInstalled_IsTakenByItsWorkerCondition()
    {
        using var project = new TemporaryProject(
            ("index.js", "import { where } from 'pkg';\nexport default where;"),
            ("node_modules/pkg/package.json", """{ "name": "pkg", "exports": { "node": "./node.js", "workerd": "./workerd.js", "default": "./default.js" } }"""),
            ("node_modules/pkg/node.js", "export const where = 'node';"),
            ("node_modules/pkg/workerd.js", "export const where = 'workerd';"),
            ("node_modules/pkg/default.js", "export const where = 'default';"));
        var outcome = await BundleAsync(project);
        Assert.Contains("\"workerd\"", Text(outcome.Bundle!.Modules[0].Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFiles_WhenImported_BecomeModulesOfTheirKind()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "index.js", "rules": [{ "type": "Text", "globs": ["**/*.md"] }] }"""),
            ("index.js", "import w from './a.wasm';\nimport q from './a.wasm?module';\nimport b from './b.bin';\nimport t from './c.md';\nexport default [w, q, b, t];"),
            ("c.md", "# text"));
        project.WriteBytes("a.wasm", [0, 97, 115, 109, 1, 0, 0, 0]);
        project.WriteBytes("b.bin", [1, 2, 3]);
        var outcome = await BundleAsync(project);
        Assert.Empty(outcome.Faults);
        var kinds = new List<WorkerModule>(outcome.Bundle!.Modules).ConvertAll(m => $"{Path.GetFileName(m.Name).Split('-')[0]} {m.Kind} {m.Name.EndsWith("?module", StringComparison.Ordinal)}");
        kinds.Sort(StringComparer.Ordinal);
        Assert.Equal("a Wasm False, a Wasm True, b Bytes False, index.js EcmaScript False", string.Join(", ", kinds));
        Assert.Contains("# text", Text(outcome.Bundle.Modules[0].Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import a from 'left-pad/sub';\na();", "BLD001", 1, 15, "Run: npm install left-pad")]
    [InlineData("/* ü */ import a from '@scope/pkg/x';\na();", "BLD001", 1, 23, "Run: npm install @scope/pkg")]
    [InlineData("import a from 'there/node';\na();", "BLD001", 1, 15, "The package there is installed, but offers no \"there/node\" to workers; its package.json says what there is.")]
    [InlineData("\nimport a from './gone';\na();", "BLD001", 2, 15, "Check the path; it is resolved from the importing file.")]
    [InlineData("import fs from 'fs';\nfs();", "BLD001", 1, 16, "Add \"nodejs_compat\" to compatibility_flags, or import it as \"node:fs\".")]
    [InlineData("export default {;", "BLD002", 1, 17, null)]
    public async Task Source_WhenWrong_SaysWhatAndWhere(string source, string code, int line, int column, string? hint)
    {
        using var project = new TemporaryProject(
            ("index.js", source), ("node_modules/there/index.js", ""),
            ("node_modules/there/package.json", """{ "exports": { ".": "./index.js", "./node": { "node": "./index.js" } } }"""));
        var outcome = await BundleAsync(project);
        Assert.Null(outcome.Bundle);
        var fault = Assert.Single(outcome.Faults);
        Assert.Equal((code, line, column, hint), (fault.Code, fault.Position.Line, fault.Position.Column, fault.Hint));
        Assert.Equal(project.PathOf("index.js"), fault.File);
    }

    [Fact]
    public async Task NodeModule_WhenNodejsCompat_IsLeftToTheRuntime()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "index.js", "compatibility_flags": ["nodejs_compat"] }"""),
            ("index.js", "import b from 'buffer';\nimport p from 'node:path';\nimport * as w from 'cloudflare:workers';\nexport default [b, p, w];"));
        var text = Text((await BundleAsync(project)).Bundle!.Modules[0].Content);
        Assert.Contains("from \"node:buffer\"", text, StringComparison.Ordinal);
        Assert.Contains("from \"node:path\"", text, StringComparison.Ordinal);
        Assert.Contains("from \"cloudflare:workers\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_WhenGiven_ReachTheBundler()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "index.jsx", "define": { "STAGE": "\"live\"" }, "alias": { "lib": "./own.js" }, "jsx_factory": "h" }"""),
            ("index.jsx", "import { h } from 'lib';\nexport default <b>{STAGE}</b>;"),
            ("own.js", "export const h = (...a) => a;"));
        var outcome = await BundleAsync(project);
        Assert.Empty(outcome.Faults);
        Assert.Contains("h(\"b\", null, \"live\")", Text(outcome.Bundle!.Modules[0].Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoBundle_WhenSet_KeepsModulesAsTheyAre()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "src/index.js", "no_bundle": true, "find_additional_modules": true }"""),
            ("src/index.js", "import './lib/a.js';"),
            ("src/lib/a.js", "export {}"),
            ("src/data.json", "{}"));
        var bundle = (await BundleAsync(project)).Bundle!;
        Assert.Equal("index.js", bundle.MainModule);
        Assert.Equal(
            "data.json Json, index.js EcmaScript, lib/a.js EcmaScript",
            string.Join(", ", System.Linq.Enumerable.Order(System.Linq.Enumerable.Select(bundle.Modules, m => $"{m.Name} {m.Kind}"), StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Main_WhenMissing_SaysSo()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """{ "main": "src/gone.ts" }"""));
        var fault = Assert.Single((await BundleAsync(project)).Faults);
        Assert.Equal(("BLD003", project.PathOf("src/gone.ts")), (fault.Code, fault.File));
    }

    [Fact]
    public async Task BuildCommand_WhenItFails_ShowsItsOutput()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "out.js", "build": { "command": "echo went wrong >&2; exit 3" } }"""),
            ("out.js", ""));
        var fault = Assert.Single((await BundleAsync(project)).Faults);
        Assert.Equal(("BLD005", "went wrong\n"), (fault.Code, fault.Detail));
    }

    [Fact]
    public async Task BuildCommand_WhenItSucceeds_RunsBeforeTheBundler()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """{ "main": "out.js", "build": { "command": "echo 'export default 7' > out.js" } }"""));
        Assert.Contains("out_default = 7", Text((await BundleAsync(project)).Bundle!.Modules[0].Content), StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_WhenAWarning_AreNoErrors()
    {
        var faults = EsbuildMessages.Parse("▲ [WARNING] Duplicate key \"q\" in object literal [duplicate-object-key]\n\n    src/a.js:4:17:\n      4 │ const a = {q: 1, q: 2}\n        ╵                  ^\n\n", "/p");
        var fault = Assert.Single(faults);
        Assert.Equal((FaultSeverity.Warning, "/p/src/a.js", new SourcePosition(4, 18)), (fault.Severity, fault.File, fault.Position));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task AdditionalModule_WhenItCannotBeRead_IsAFault(string noBundle)
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", $$"""{ "main": "src/index.js", "no_bundle": {{noBundle}}, "find_additional_modules": true }"""),
            ("src/index.js", "export default {};"));
        File.CreateSymbolicLink(project.PathOf("src/dangling.mjs"), project.PathOf("nowhere"));
        project.MakePipe("src/pipe.mjs");
        var outcome = await BundleAsync(project);
        Assert.Null(outcome.Bundle);
        Assert.Equal(
            [("CFG013", project.PathOf("src/dangling.mjs")), ("CFG013", project.PathOf("src/pipe.mjs"))],
            System.Linq.Enumerable.Order(System.Linq.Enumerable.Select(outcome.Faults, f => (f.Code, f.File!))));
    }

    private static async Task<BundleOutcome> BundleAsync(TemporaryProject project)
    {
        var bundler = new Bundler(Installation.Locate().Esbuild);
        var load = project.Load();
        Assert.NotNull(load.Project);
        return await bundler.BundleAsync(load.Project, entry: null, TestContext.Current.CancellationToken);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
