using Molt.Engine;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>A call begins in the state after init, however memory goes back.</summary>
public sealed class ResetTests
{
    [Theory]
    [InlineData(WasmResetKind.Any)]
    [InlineData(WasmResetKind.Copy)]
    [InlineData(WasmResetKind.Map)]
    public void Call_WhenMemoryWasOverwritten_FindsItAsAfterInit(WasmResetKind kind)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), new PluginOptions { ResetKind = kind });
        for (int i = 0; i < 1500; i++)
        {
            Assert.Equal(48u, plugin.Number("count"));
            if (i % 100 == 0)
            {
                Assert.Equal(18u, plugin.Number("dirty"));
                Assert.Equal(0u, plugin.Number("sum"));
                Assert.Equal(PluginStatus.InternalError, plugin.Call("trap", 0, out _).Status);
            }
        }

        Assert.Equal(0, plugin.Replacements);
    }

    [Fact]
    public void Call_WhenInitHadItsConfiguration_FindsIt()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions());
        Assert.Equal(1u + 41, plugin.Number("config"));
    }

    [Theory]
    [InlineData(WasmResetKind.Any)]
    [InlineData(WasmResetKind.Copy)]
    [InlineData(WasmResetKind.Map)]
    public void Call_WhenTheMemoryIsLarge_FindsEveryStretchAsAfterInit(WasmResetKind kind)
    {
        using var plugin = Plugin.Load(TestPlugin.Single(WatModules.File("large")), new PluginOptions { ResetKind = kind });
        var random = new Random(4);
        int rounds = kind == WasmResetKind.Copy ? 20 : 2000;
        for (int i = 0; i < rounds; i++)
        {
            // Pages of 64 KiB from 64 to 127 are the full stretches. Payloads are fixints, so half the memory is reached.
            byte page = (byte)random.Next(1, 128);
            Assert.Equal(page >= 64 ? 7u : 0u, plugin.Number("run", page));
        }

        Assert.Equal(0, plugin.Replacements);
    }

    [Fact]
    public void Call_WhenATableChanged_ReplacesTheInstance()
    {
        using var plugin = Plugin.Load(TestPlugin.Single(WatModules.File("tables")));
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(0u, plugin.Number("run"));
            Assert.Equal(i, plugin.Replacements);
        }
    }

    [Fact]
    public void Call_WhenResetIsNever_FindsWhatEarlierCallsLeft()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(reset: "never"));
        Assert.Equal(48u, plugin.Number("count"));
        Assert.Equal(50u, plugin.Number("count"));
        Assert.Equal(3u, plugin.Number("grow", 2));
        Assert.Equal(52u, plugin.Number("count"));
        Assert.Equal(0, plugin.Replacements);
    }

    [Fact]
    public void Call_WhenResetIsNeverAndItTrapped_BeginsAnew()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(reset: "never"));
        Assert.Equal(48u, plugin.Number("count"));
        Assert.Equal(PluginStatus.InternalError, plugin.Call("trap", 0, out _).Status);
        Assert.Equal(48u, plugin.Number("count"));
    }

    [Fact]
    public void Call_WhenAnotherThreadCalls_HasAnIsolateOfItsOwn()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions());
        var results = new uint[4];
        var threads = new Thread[results.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            int index = i;
            threads[i] = new Thread(() =>
            {
                for (int n = 0; n < 500; n++)
                {
                    results[index] += plugin.Number("count");
                }
            });
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        Assert.Equal([24_000u, 24_000u, 24_000u, 24_000u], results);
        Assert.InRange(plugin.Isolates, 1, 4);
    }
}
