using System.Buffers;
using System.Runtime.CompilerServices;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Capabilities;

/// <summary>Operations over C# types that know their schemas.</summary>
public sealed partial class CapabilityBuilder
{
    /// <summary>An operation that answers at once.</summary>
    public CapabilityBuilder Operation<TIn, TOut>(string name, Func<CapabilityContext, TIn, TOut> implementation, OperationTraits? traits = null)
        where TIn : ISchemaRecord<TIn>
        where TOut : ISchemaRecord<TOut>
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Operation(name, TIn.Schema, TOut.Schema, (context, input, output) => Write(output, implementation(context, Read<TIn>(input))), traits);
    }

    /// <summary>An operation that may take its time.</summary>
    public CapabilityBuilder Pending<TIn, TOut>(string name, Func<CapabilityContext, TIn, ValueTask<TOut>> implementation, OperationTraits? traits = null)
        where TIn : ISchemaRecord<TIn>
        where TOut : ISchemaRecord<TOut>
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Pending(name, TIn.Schema, TOut.Schema, (context, input, output) => FinishAsync(implementation(context, Read<TIn>(input)), output), traits);

        static async ValueTask FinishAsync(ValueTask<TOut> pending, IBufferWriter<byte> output) => Write(output, await pending.ConfigureAwait(false));
    }

    /// <summary>An operation whose answer is a sequence.</summary>
    public CapabilityBuilder StreamOut<TIn, TOut>(string name, Func<CapabilityContext, TIn, IAsyncEnumerable<TOut>> implementation, OperationTraits? traits = null)
        where TIn : ISchemaRecord<TIn>
        where TOut : ISchemaRecord<TOut>
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Stream(name, CapabilityStreams.Out, TIn.Schema, null, TOut.Schema, (context, input, pipe) => SendAsync(implementation(context, Read<TIn>(input)), pipe), traits);
    }

    /// <summary>An operation that takes a sequence and answers once.</summary>
    public CapabilityBuilder StreamIn<TIn, TItem, TOut>(string name, Func<CapabilityContext, TIn, IAsyncEnumerable<TItem>, ValueTask<TOut>> implementation, OperationTraits? traits = null)
        where TIn : ISchemaRecord<TIn>
        where TItem : ISchemaRecord<TItem>
        where TOut : ISchemaRecord<TOut>
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Stream(name, CapabilityStreams.In, TIn.Schema, TItem.Schema, TOut.Schema, (context, input, pipe) => AnswerAsync(implementation(context, Read<TIn>(input), ReceiveAsync<TItem>(pipe)), pipe), traits);

        static async ValueTask AnswerAsync(ValueTask<TOut> pending, CapabilityPipe pipe) => await pipe.WriteAsync(Encode(await pending.ConfigureAwait(false))).ConfigureAwait(false);
    }

    /// <summary>An operation that takes a sequence and answers with one.</summary>
    public CapabilityBuilder StreamBoth<TIn, TItem, TOut>(string name, Func<CapabilityContext, TIn, IAsyncEnumerable<TItem>, IAsyncEnumerable<TOut>> implementation, OperationTraits? traits = null)
        where TIn : ISchemaRecord<TIn>
        where TItem : ISchemaRecord<TItem>
        where TOut : ISchemaRecord<TOut>
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Stream(name, CapabilityStreams.Both, TIn.Schema, TItem.Schema, TOut.Schema, (context, input, pipe) => SendAsync(implementation(context, Read<TIn>(input), ReceiveAsync<TItem>(pipe)), pipe), traits);
    }

    private static async ValueTask SendAsync<T>(IAsyncEnumerable<T> items, CapabilityPipe pipe)
        where T : ISchemaRecord<T>
    {
        await foreach (var item in items.ConfigureAwait(false))
        {
            await pipe.WriteAsync(Encode(item)).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<T> ReceiveAsync<T>(CapabilityPipe pipe, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : ISchemaRecord<T>
    {
        while (await pipe.ReadAsync().ConfigureAwait(false) is { } item)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Read<T>(item.Span);
        }
    }

    private static byte[] Encode<T>(T value)
        where T : ISchemaRecord<T>
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    private static T Read<T>(ReadOnlySpan<byte> payload)
        where T : ISchemaRecord<T>
    {
        var reader = new PayloadReader(payload);
        return T.Read(ref reader);
    }

    private static void Write<T>(IBufferWriter<byte> output, T value)
        where T : ISchemaRecord<T>
    {
        var writer = new PayloadWriter(output);
        T.Write(ref writer, value);
        writer.Flush();
    }
}
