using Molt.Cli.Projects;
using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Projects;

public sealed class ConfigTests
{
    [Theory]
    [InlineData("""{ "main": "a.js" }""")]
    [InlineData("""{ "$schema": "x", "main": "a.js", "name": "a-b_9", "compatibility_date": "2024-02-29", "compatibility_flags": ["nodejs_compat"] }""")]
    [InlineData("""{ "main": "a.js", "vars": { "A": 1, "B": { "c": [true, null] } }, }""")]
    [InlineData("""{ "main": "a.js", "rules": [{ "type": "Text", "globs": ["**/*.md", "*.x"], "fallthrough": true }] }""")]
    [InlineData("""{ "main": "a.js", "limits": { "cpu_ms": 50, "subrequests": 3 }, "dev": { "port": 0, "ip": "127.0.0.1" } }""")]
    [InlineData("""{ "main": "a.js", "kv_namespaces": [], "durable_objects": { "bindings": [] }, "triggers": { "crons": [] } }""")]
    [InlineData("""{ "main": "a.js", "env": { "x": { "vars": {}, "kv_namespaces": [] } } }""")]
    [InlineData("""{ "main": "a.js", "build": { "command": "", "cwd": ".", "watch_dir": ["a", "b"] }, "define": { "X": "1" }, "alias": { "a": "b" } }""")]
    public void Config_WhenCorrect_HasNoFault(string config)
    {
        using var project = new TemporaryProject(("wrangler.jsonc", config));
        Assert.Empty(project.Load().Faults);
    }

    [Fact]
    public void Capabilities_WhenConfigured_BecomeGrants()
    {
        using var project = new TemporaryProject(("molt.jsonc", """
            { "main": "a.js", "capabilities": { "allow": ["acme.*"], "deny": ["http.fetch"], "bindings": { "G": "acme.greeter@1" },
              "packages": { "less": { "deny": ["*"] }, "other": { "allow": ["acme.greeter"] } } } }
            """));
        var load = project.Load();

        Assert.Empty(load.Faults);
        var grants = load.Project!.Grants;
        Assert.Equal("acme.*", grants.Allow[^1]);
        Assert.Equal(["http.fetch"], grants.Deny);
        Assert.Equal(["http.fetch", "*"], grants.Packages["less"].Deny);
        Assert.Equal(["acme.greeter"], grants.Packages["other"].Allow);
        Assert.Equal("acme.greeter@1", load.Project.CapabilityBindings["G"]);
    }

    [Fact]
    public void Capabilities_WhenWrong_SayWhere()
    {
        using var project = new TemporaryProject(("molt.jsonc", """{ "main": "a.js", "capabilities": { "allow": ["Acme"], "packages": { "x": { "alow": [] } } } }"""));
        var faults = project.Load().Faults;

        Assert.Equal("CFG005 1:47, CFG003 1:77", string.Join(", ", System.Linq.Enumerable.Select(faults, fault => $"{fault.Code} {fault.Position.Line}:{fault.Position.Column}")));
    }

    [Theory]
    [InlineData("""{ "main": "a.js", "nmae": "x" }""", "CFG003", 1, 19, "Did you mean \"name\"?")]
    [InlineData("""{ "main": "a.js", "KV-namespaces": [] }""", "CFG003", 1, 19, "Did you mean \"kv_namespaces\"?")]
    [InlineData("""{ "main": "a.js", "limits": { "cpums": 1 } }""", "CFG003", 1, 31, "Did you mean \"cpu_ms\"?")]
    [InlineData("""{ "main": "a.js", "limits": { "memory_mb": 64 } }""", "CFG003", 1, 31, "Only molt.jsonc may have this key.")]
    [InlineData("""{ "main": "a.js", "env": { "x": { "vasr": {} } } }""", "CFG003", 1, 35, "Did you mean \"vars\"?")]
    [InlineData("""{ "main": 7 }""", "CFG004", 1, 11, null)]
    [InlineData("""{ "main": "a.js", "compatibility_flags": ["a", 1] }""", "CFG004", 1, 42, null)]
    [InlineData("""{ "main": "a.js", "limits": { "cpu_ms": 1.5 } }""", "CFG004", 1, 41, null)]
    [InlineData("""{ "main": "a.js", "limits": { "cpu_ms": 0 } }""", "CFG005", 1, 41, null)]
    [InlineData("""{ "main": "a.js", "compatibility_date": "2024-02-30" }""", "CFG005", 1, 41, null)]
    [InlineData("""{ "main": "a.js", "name": "Not A Name" }""", "CFG005", 1, 27, null)]
    [InlineData("""{ "main": "a.js", "env": { "x": { "alias": {} } } }""", "CFG005", 1, 35, null)]
    [InlineData("""{ "main": "a.js", "dev": { "port": 70000 } }""", "CFG005", 1, 36, null)]
    [InlineData("""{ "main": "a.js", "tsconfig": "missing.json" }""", "CFG005", 1, 31, null)]
    [InlineData("""{ "main": "a.js", "rules": [{ "type": "text", "globs": [] }] }""", "CFG005", 1, 39, "Did you mean \"Text\"?")]
    [InlineData("""{ "main": "a.js", "rules": [{ "type": "Text", "globs": ["docs/*.md"] }] }""", "CFG005", 1, 57, "Write it as \"**/*.ext\".")]
    [InlineData("""{ "name": "x" }""", "CFG006", 0, 0, "Add \"main\": \"src/index.js\".")]
    [InlineData("""{ "main": "a.js", "kv_namespaces": [{ "binding": "KV" }] }""", "CFG007", 1, 19, "Remove \"kv_namespaces\" to run the worker without it.")]
    [InlineData("""{ "main": "a.py" }""", "CFG007", 1, 11, null)]
    [InlineData("""{ "main": "a.js", "name": "a", "name": "b" }""", "CFG010", 1, 32, null)]
    [InlineData("""["main"]""", "CFG002", 1, 1, null)]
    [InlineData("""{ "main": }""", "CFG002", 1, 11, null)]
    [InlineData("""{ "näme": "ü", "main" "a.js" }""", "CFG002", 1, 23, null)]
    [InlineData("", "CFG002", 1, 1, null)]
    public void Config_WhenWrong_SaysWhatAndWhere(string config, string code, int line, int column, string? hint)
    {
        using var project = new TemporaryProject(("wrangler.jsonc", config));
        var load = project.Load();
        Assert.Null(load.Project);
        var fault = Assert.Single(load.Faults);
        Assert.Equal((code, line, column, hint), (fault.Code, fault.Position.Line, fault.Position.Column, fault.Hint));
        Assert.Equal(project.PathOf("wrangler.jsonc"), fault.File);
    }

    [Theory]
    [InlineData("wrangler.jsonc", "", "The file is empty; a configuration is an object: { … }.", null)]
    [InlineData("wrangler.jsonc", "// nothing", "The file is empty; a configuration is an object: { … }.", null)]
    [InlineData("wrangler.jsonc", "{ \"main\": [", "The file ends before everything is closed: a } or ] is missing.", null)]
    [InlineData("wrangler.toml", "", "The configuration names no \"main\" module.", "Add main = \"src/index.js\".")]
    public void Config_WhenUnfinished_SaysWhatIsMissing(string name, string config, string message, string? hint)
    {
        using var project = new TemporaryProject((name, config));
        var fault = Assert.Single(project.Load().Faults);
        Assert.Equal((message, hint), (fault.Message, fault.Hint));
    }

    [Fact]
    public void Config_WhenSeveralFaults_ReportsAllInTheOrderOfTheText()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """
            {
              // ünïcode before a key moves no column of the next line
              "nam": "x",
              "limits": { "cpu_ms": "5", "memory": 1 },
              "r2_buckets": [{}],
              "env": { "a": { "d1_databases": [{}] } },
              "compatibility_date": "today",
            }
            """));
        var load = project.Load();
        Assert.Equal(
            "CFG006:0 CFG003:3 CFG004:4 CFG003:4 CFG007:5 CFG007:6 CFG005:7",
            string.Join(' ', System.Linq.Enumerable.Select(load.Faults, f => $"{f.Code}:{f.Position.Line}")));
    }

    [Fact]
    public void Config_WhenKeysHaveNoMeaningHere_WarnsOnce()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """{ "main": "a.js", "routes": ["x"], "workers_dev": true, "env": { "a": { "routes": ["y"] } } }"""));
        var load = project.Load();
        Assert.NotNull(load.Project);
        var fault = Assert.Single(load.Faults);
        Assert.Equal(("CFG009", FaultSeverity.Warning, "No meaning outside Cloudflare, ignored: routes, workers_dev."), (fault.Code, fault.Severity, fault.Message));
    }

    [Fact]
    public void Config_WhenMainIsMistyped_DoesNotAlsoReportItMissing()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """{ "mian": "a.js" }"""));
        Assert.Equal("CFG003", Assert.Single(project.Load().Faults).Code);
    }

    [Fact]
    public void MoltConfig_WhenItHasOwnLimits_BindsThem()
    {
        using var project = new TemporaryProject(
            ("molt.jsonc", """{ "main": "a.js", "limits": { "cpu_ms": 50, "memory_mb": 64, "startup_ms": 200, "timers": 3 } }"""),
            ("wrangler.toml", "broken = "));
        var load = project.Load();
        Assert.Equal("CFG011", Assert.Single(load.Faults).Code);
        var limits = load.Project!.Limits;
        Assert.Equal((50.0, 64L << 20, 200.0, 3), (limits.Cpu.TotalMilliseconds, limits.MemoryBytes, limits.Startup.TotalMilliseconds, limits.Timers));
    }

    [Fact]
    public void Environment_WhenChosen_InheritsAllButItsOwnKeys()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """
            {
              "name": "shop", "main": "a.js", "compatibility_date": "2024-01-01", "vars": { "A": "top", "B": "top" },
              "env": { "live": { "vars": { "A": "live" }, "compatibility_date": "2025-01-01" } },
            }
            """));
        var live = project.Load(environment: "live").Project!;
        Assert.Equal(("shop-live", "2025-01-01", """{"A":"live"}"""), (live.Name, live.CompatibilityDate, live.VarsJson));
        var fault = Assert.Single(project.Load(environment: "test").Faults);
        Assert.Equal(("CFG008", "It has: live."), (fault.Code, fault.Hint));
    }

    [Fact]
    public void Variables_WhenInSeveralPlaces_LaterOnesWin()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "main": "a.js", "vars": { "A": "config", "B": "config", "C": "config", "N": { "x": 1.50 } } }"""),
            (".dev.vars", "B=file\nC=file\n"),
            (".env", "A=never\n"));
        var load = project.Load(variables: new KeyValuePair<string, string>("C", "line"));
        Assert.Equal("""{"A":"config","N":{"x":1.50},"B":"file","C":"line"}""", load.Project!.VarsJson);
    }

    [Theory]
    [InlineData("index.ts", "")]
    [InlineData("src/index.js", "")]
    [InlineData("my-worker.mjs", "my-worker.mjs")]
    public void Project_WhenWithoutConfig_IsFoundByItsMain(string main, string path)
    {
        using var project = new TemporaryProject((main, "export default {}"));
        var load = project.Load(path);
        Assert.Empty(load.Faults);
        Assert.Equal(project.PathOf(main), load.Project!.Main);
        Assert.Equal(path.Length > 0 ? "my-worker" : Path.GetFileName(project.Root), load.Project.Name);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("")]
    [InlineData("notes.md")]
    public void Project_WhenNotThere_SaysSo(string path)
    {
        using var project = new TemporaryProject(("notes.md", "x"));
        Assert.Equal("CFG001", Assert.Single(project.Load(path).Faults).Code);
    }
}
