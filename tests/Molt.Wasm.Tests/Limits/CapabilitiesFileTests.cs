using Molt.Contracts;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary><c>molt.capabilities.toml</c>.</summary>
public sealed class CapabilitiesFileTests
{
    [Fact]
    public void Load_WhenTheFileHasLimits_TheyHold()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(toml: """
            [manifest]
            version = "2.0"
            [capabilities]
            allow = ["time", "acme.*"]   # groups and patterns
            deny = ["rand.bytes"]
            [resources]
            max_memory = "1MB"
            max_duration = "250ms"
            max_recursion_depth = 10
            operation_limits = { max_string_result = "2KB" }
            [io]
            mode = "virtual"
            [audit]
            sink = "stderr"
            """));
        Assert.Equal((1L << 20, TimeSpan.FromMilliseconds(250), 10, 2048), (plugin.Limits.MemoryBytes, plugin.Limits.Duration, plugin.Limits.RecursionDepth, plugin.Limits.OperationBytes));
        Assert.Equal("audit", Assert.Single(plugin.Warnings).Path);
        Assert.True(plugin.Number("now") > 0);
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("random", 0, out _).Status);
        Assert.Equal(PluginStatus.Timeout, plugin.Call("loop", 0, out _).Status);
    }

    [Theory]
    [InlineData("[resources]\nmax_memroy = 1", "resources.max_memroy", "Did you mean \"max_memory\"?")]
    [InlineData("[resource]\n", "resource", "Did you mean \"resources\"?")]
    [InlineData("[resources]\nmax_memory = 0", "resources.max_memory", "above zero")]
    [InlineData("[resources]\nmax_memory = \"12 potatoes\"", "resources.max_memory", "B, KB, MB, GB or TB")]
    [InlineData("[resources]\nmax_duration = 5", "resources.max_duration", "ms, s, m or h")]
    [InlineData("[resources]\nmax_duration = \"0s\"", "resources.max_duration", "above zero")]
    [InlineData("[resources]\nmax_recursion_depth = -1", "resources.max_recursion_depth", "above zero")]
    [InlineData("[capabilities]\nallow = \"time.now\"", "capabilities.allow", "list of capabilities")]
    [InlineData("[capabilities]\nallow = [\"time\"]\n[capabilities.packages.x]\nallow = [\"random\"]", "capabilities.packages.x.allow", "more than the plugin itself has")]
    [InlineData("[io]\nmode = \"real\"", "io.mode", "virtual files only")]
    [InlineData("[audit]\nsink = \"syslog\"", "audit.sink", "one of null")]
    [InlineData("[manifest]\nversion = \"1.0\"", "manifest.version", "version \"2.0\"")]
    [InlineData("a = 1\na = 2", "line 2", "there twice")]
    [InlineData("a = \"x", "line 1", "not closed")]
    [InlineData("[a]\nb = [1,\n2", "line 3", "A list goes on")]
    [InlineData("a = 1979-05-27", "line 1", "quote it")]
    public void Load_WhenTheFileIsWrong_SaysWhereAndWhat(string toml, string path, string message)
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Functions(toml: toml)));
        Assert.Equal("WSM003", thrown.Code);
        Assert.Contains(thrown.Faults, fault => fault.Path == path && fault.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_WhenTheDurationIsLongerThanAnyTimer_Refuses()
    {
        var thrown = Assert.Throws<OptionsException>(() => Plugin.Load(TestPlugin.Functions(), new PluginOptions { Limits = new PluginLimits { Duration = TimeSpan.MaxValue } }));
        Assert.Equal(["PluginLimits.Duration must be greater than zero and at most 1000 hours."], thrown.Faults);
    }

    [Fact]
    public void Load_WhenSeveralThingsAreWrong_NamesThemAll()
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Functions(toml: "[resources]\nmax_memory = 0\nmax_duration = 1\n[oi]\n")));
        Assert.Equal(3, thrown.Faults.Count);
    }

    [Theory]
    [InlineData("time.nwo", "Did you mean \"time.now\"?")]
    [InlineData("websocket.connect", "stands for nothing")]
    [InlineData("Nonsense!", "names no capability")]
    public void Load_WhenATokenIsUnknown_Warns(string token, string message)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(toml: $"[capabilities]\nallow = [\"{token}\"]"));
        Assert.Contains(plugin.Warnings, warning => warning.Message.Contains(message, StringComparison.Ordinal));
    }
}
