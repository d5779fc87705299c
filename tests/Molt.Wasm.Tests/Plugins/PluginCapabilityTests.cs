using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Runtime;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

public sealed class PluginCapabilityTests
{
    [Fact]
    public async Task Calls_WhenThePluginIsReplacedAndDisposed_AllSucceed()
    {
        await using var runtime = new TestRuntime();
        var current = Load();
        var capability = new PluginCapability(current);
        runtime.Runtime.AddCapability(capability.Capability);
        await using var worker = await runtime.Runtime.LoadAsync(
            new WorkerDefinition
            {
                Name = "caller",
                MainModule = "main.js",
                Modules =
                [
                    new WorkerModule("main.js", WorkerModuleKind.EcmaScript, Encoding.UTF8.GetBytes("""
                        export const calls = { async test(controller, env) {
                          for (let i = 0; i < 500; i++) {
                            const results = await Promise.all([env.PLUGIN.count(0), env.PLUGIN.count(0), env.PLUGIN.count(0)]);
                            if (results.join() !== '48,48,48') throw new Error(results.join());
                          }
                        } };
                        """)),
                ],
                Grants = CapabilityGrants.RuntimeOwn.And("plugin.*"),
                CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["PLUGIN"] = "plugin.functions" },
            },
            TestContext.Current.CancellationToken);

        var replaced = 0;
        var calls = worker.TestAsync("calls", TestContext.Current.CancellationToken).AsTask();
        while (!calls.IsCompleted)
        {
            current = Load();
            capability.Replace(current)!.Dispose();
            replaced++;
        }

        Assert.Null((await calls).Failure?.Message);
        Assert.NotEqual(0, replaced);
        current.Dispose();
    }

    [Fact]
    public void Replace_WhenTheFunctionsAreOthers_IsRefused()
    {
        using var plugin = Load();
        using var other = Plugin.Load(TestPlugin.Functions(compat: "backward"), TestPlugin.Granting());
        var capability = new PluginCapability(plugin);
        Assert.Null(capability.Replace(other));
        using var same = Load();
        Assert.Same(plugin, capability.Replace(same));
    }

    private static Plugin Load() => Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting());
}
