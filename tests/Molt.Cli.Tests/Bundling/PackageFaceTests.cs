using System.Text;
using Molt.Cli.Bundling;

namespace Molt.Cli.Tests.Bundling;

/// <summary>molt:ffi inside packages.</summary>
public sealed class PackageFaceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ffi_WhenImportedByPackages_CarriesTheirNames(bool minify)
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", $$"""{ "main": "index.js", "minify": {{(minify ? "true" : "false")}} }"""),
            ("index.js", "import ffi from 'molt:ffi';\nimport { a } from 'plain';\nimport { b } from '@scope/other';\nimport { c } from 'sly';\nexport default [ffi, a, b, c];"),
            ("node_modules/plain/package.json", """{ "name": "plain", "main": "lib/index.js" }"""),
            ("node_modules/plain/lib/index.js", "import ffi from 'molt:ffi';\nexport const a = ffi;"),
            ("node_modules/@scope/other/index.js", "import { default as f } from 'molt:ffi';\nexport const b = () => [f, import('molt:ffi')];"),
            ("node_modules/sly/index.js", "import ffi from 'molt:ffi?package=plain';\nexport const c = ffi;"));
        var bundler = new Bundler(Installation.Locate().Esbuild);
        var outcome = await bundler.BundleAsync(project.Load().Project!, null, TestContext.Current.CancellationToken);
        Assert.Empty(outcome.Faults);
        var code = Encoding.UTF8.GetString(outcome.Bundle!.Modules[0].Content.Span);

        Assert.Equal((1, 1, 2, 1), (Count(code, "\"molt:ffi\""), Count(code, "\"molt:ffi?package=plain\""), Count(code, "\"molt:ffi?package=%40scope%2Fother\""), Count(code, "\"molt:ffi?package=sly\"")));
    }

    [Theory]
    [InlineData("src/index.js", null)]
    [InlineData("node_modules/a/b.js", "a")]
    [InlineData("../x/node_modules/@s/n/b.js", "@s/n")]
    [InlineData("node_modules/a/node_modules/b/c.js", "b")]
    public void Package_WhenASource_IsTheInnermost(string source, string? expected) => Assert.Equal(expected, PackageFaces.PackageOf(source));

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
