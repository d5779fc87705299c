namespace Molt.Cli.Tests.Projects;

public sealed class TomlTests
{
    [Fact]
    public void Toml_WhenCorrect_BindsLikeJson()
    {
        using var project = new TemporaryProject(("wrangler.toml", """
            name = "t"
            main = "src/a.ts"
            compatibility_flags = ["nodejs_compat"]
            vars = { A = 1, B = "two" }

            [limits]
            cpu_ms = 50

            [[rules]]
            type = "Text"
            globs = ["**/*.md"]

            [env.live.vars]
            A = 2
            """));
        var load = project.Load();
        Assert.Empty(load.Faults);
        Assert.Equal(("t", """{"A":1,"B":"two"}""", 50.0), (load.Project!.Name, load.Project.VarsJson, load.Project.Limits.Cpu.TotalMilliseconds));
        Assert.Equal(".md", load.Project.Bundle.Rules[0].Extension);
        Assert.Equal("""{"A":2}""", project.Load(environment: "live").Project!.VarsJson);
    }

    [Fact]
    public void Toml_WhenKeysAreWrong_SaysWhere()
    {
        using var project = new TemporaryProject(("wrangler.toml", """
            main = "a.js"
            compatability_date = "2024-01-01"
            text = [
              "nmae = 1",
            ]

            [limits]
              cpu_ms = "5"

            [[kv_namespaces]]
            binding = "KV"

            [[rules]]
            type = "Text"
            globs = []
            [[rules]]
            typ = "Text"

            [env.live]
            "vasr" = {}
            """));
        Assert.Equal(
            "CFG003:2:1 CFG003:3:1 CFG004:8:12 CFG007:10:1 CFG006:16:1 CFG003:17:1 CFG003:20:1",
            string.Join(' ', System.Linq.Enumerable.Select(project.Load().Faults, f => $"{f.Code}:{f.Position.Line}:{f.Position.Column}")));
    }

    [Fact]
    public void Toml_WhenSyntaxIsWrong_SaysWhere()
    {
        using var project = new TemporaryProject(("wrangler.toml", "main = \"a.js\"\nname = \n"));
        var fault = Assert.Single(project.Load().Faults);
        Assert.Equal(("CFG002", 2), (fault.Code, fault.Position.Line));
        Assert.True(fault.Message.Length > 0);
    }
}
