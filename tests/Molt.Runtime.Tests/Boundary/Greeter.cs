using System.Buffers;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Runtime.Tests;

/// <summary>A request of the greeter.</summary>
internal sealed record Greet(string Name, int Times) : ISchemaRecord<Greet>
{
    public static Schema Schema { get; } = new SchemaBuilder("schema://acme/greet/v1")
        .Field("name", SchemaBuilder.String(minLength: 1, maxLength: 20_000))
        .Field("times", SchemaBuilder.Integer(ScalarKind.Int32, 0, 1000))
        .Build();

    public static void Write(ref PayloadWriter writer, Greet value)
    {
        writer.BeginArray(2);
        writer.WriteString(value.Name);
        writer.WriteInteger(value.Times);
        writer.End();
    }

    public static Greet Read(ref PayloadReader reader)
    {
        reader.BeginRecord(2);
        var value = new Greet(reader.ReadString(), (int)reader.ReadInteger());
        reader.End();
        return value;
    }
}

/// <summary>An answer of the greeter.</summary>
internal sealed record Greeting(string Text) : ISchemaRecord<Greeting>
{
    public static Schema Schema { get; } = new SchemaBuilder("schema://acme/greeting/v1").Field("text", SchemaBuilder.String(maxLength: 100_000)).Build();

    public static void Write(ref PayloadWriter writer, Greeting value)
    {
        writer.BeginArray(1);
        writer.WriteString(value.Text);
        writer.End();
    }

    public static Greeting Read(ref PayloadReader reader)
    {
        reader.BeginRecord(1);
        var value = new Greeting(reader.ReadString());
        reader.End();
        return value;
    }
}

/// <summary>The capability that tests offer: each way an operation can be, and each way it can fail.</summary>
internal sealed class Greeter
{
    public const string Id = "acme.greeter";

    public Greeter()
    {
        Capability = Capability.Declare(Id, "1.2.0", "Greets.")
            .Operation<Greet, Greeting>("greet", static (_, greet) => new Greeting(string.Concat(Enumerable(greet.Name, greet.Times))), new OperationTraits { Cost = 2 })
            .Pending<Greet, Greeting>("later", async (context, greet) =>
            {
                await Gate.Task.WaitAsync(context.Cancellation);
                return new Greeting($"Later, {greet.Name}");
            })
            .Pending<Greet, Greeting>("promptly", static (_, greet) => ValueTask.FromResult(new Greeting($"Promptly, {greet.Name}")))
            .Operation<Greet, Greeting>("refuse", static (_, greet) => throw new CapabilityException(CapabilityStatus.InvalidInput, $"Nobody greets {greet.Name}."))
            .Operation<Greet, Greeting>("break", static (_, _) => throw new InvalidDataException("/secret/path"))
            .Operation("lie", Greet.Schema, Greeting.Schema, static (_, _, output) => output.Write<byte>([0x91, 0xC0]))
            .Operation<Greet, Greeting>("whoami", static (context, _) => new Greeting($"{context.Worker}/{context.Package}/{context.Operation}/{context.Budget}"))
            .StreamOut<Greet, Greeting>("count", Count)
            .StreamIn<Greet, Greet, Greeting>("gather", GatherAsync)
            .StreamBoth<Greet, Greet, Greeting>("echo", Echo)
            .StreamIn<Greet, Greet, Greeting>("ignore", static async (context, _, _) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Cancellation);
                return new Greeting("");
            })
            .Build();
    }

    public Capability Capability { get; }

    /// <summary>What <c>later</c> waits for.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why the stream that ended last did.</summary>
    public TaskCompletionSource<string?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many items <c>count</c> has given out.</summary>
    public int Counted { get; private set; }

    private static IEnumerable<string> Enumerable(string text, int times)
    {
        for (var i = 0; i < times; i++)
        {
            yield return text;
        }
    }

    private async IAsyncEnumerable<Greeting> Count(CapabilityContext context, Greet greet)
    {
        try
        {
            for (var i = 0; greet.Times == 0 || i < greet.Times; i++)
            {
                Counted = i + 1;
                yield return new Greeting($"{greet.Name} {i}");
            }
        }
        finally
        {
            Ended.TrySetResult(context.CancellationReason);
        }
    }

    private static async ValueTask<Greeting> GatherAsync(CapabilityContext context, Greet greet, IAsyncEnumerable<Greet> items)
    {
        var text = greet.Name;
        await foreach (var item in items)
        {
            text += "," + item.Name;
        }

        return new Greeting(text);
    }

    private static async IAsyncEnumerable<Greeting> Echo(CapabilityContext context, Greet greet, IAsyncEnumerable<Greet> items)
    {
        await foreach (var item in items)
        {
            yield return new Greeting(greet.Name + item.Name);
        }
    }
}
