using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Greetings;

/// <summary>What a worker asks of the greeter.</summary>
[MoltSchema("schema://acme/greet/v1")]
public sealed partial record Greet([property: SchemaLength(1, 100)] string Name, int Times = 1);

/// <summary>What the greeter answers.</summary>
[MoltSchema("schema://acme/greeting/v1")]
public sealed partial record Greeting(string Text);

/// <summary>This application's own capability.</summary>
public static class Greeter
{
    /// <summary>Its declaration and what implements it.</summary>
    public static Capability Capability { get; } = Capability.Declare("acme.greeter", "1.0.0", "Greets people.")
        .Operation<Greet, Greeting>("greet", (context, greet) => new Greeting(string.Join(' ', Enumerable.Repeat($"Hello {greet.Name}!", greet.Times))))
        .StreamOut<Greet, Greeting>("keep_greeting", KeepGreetingAsync)
        .Build();

    private static async IAsyncEnumerable<Greeting> KeepGreetingAsync(CapabilityContext context, Greet greet)
    {
        for (var i = 1; i <= greet.Times; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), context.Cancellation);
            yield return new Greeting($"Hello {greet.Name}, {i}!");
        }
    }
}
