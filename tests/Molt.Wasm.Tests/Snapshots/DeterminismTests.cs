using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Functions that are declared deterministic.</summary>
public sealed class DeterminismTests
{
    // Results of all kinds: counted state, the clock, randomness, memory, refusals, a NaN, a trap.
    private static readonly string[] Functions = ["echo", "count", "now", "random", "config", "dirty", "sum", "grow", "status", "other", "nan", "trap"];

    [Fact]
    public void Call_WhenLoadedTwiceWithASnapshotBetween_AnswersTheSameBytes()
    {
        var package = TestPlugin.Functions(deterministic: true);
        var granted = TestPlugin.Granting("time.*", "rand.bytes", "console.log");
        using var first = Plugin.Load(package, granted);
        using var second = Plugin.Load(package.WithSnapshot(first.Snapshot.ToBytes()), granted with { RequireSnapshot = true });
        Assert.Equal(first.Snapshot.ToBytes(), second.Snapshot.ToBytes());

        var forwards = Answers(first, payload => payload);

        // The other order, so that nothing a call leaves behind can be part of an answer.
        var backwards = Answers(second, payload => 127 - payload);
        Assert.Equal(Functions.Length * 128, forwards.Count);
        foreach (var (call, (reply, result)) in forwards)
        {
            Assert.Equal(reply, backwards[call].Reply);
            Assert.Equal(result, backwards[call].Result);
        }
    }

    private static Dictionary<(string Function, int Payload), (PluginReply Reply, byte[] Result)> Answers(Plugin plugin, Func<int, int> order)
    {
        var answers = new Dictionary<(string, int), (PluginReply, byte[])>();
        for (int i = 0; i < 128; i++)
        {
            byte payload = (byte)order(i);
            foreach (string function in Functions)
            {
                var reply = plugin.Call(function, payload, out byte[] result);
                answers.Add((function, payload), (reply, result));
            }
        }

        return answers;
    }
}
