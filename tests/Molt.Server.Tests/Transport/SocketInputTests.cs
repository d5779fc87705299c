using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

public sealed class SocketInputTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_WhenDataArrives_ReturnsIt()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var read = connection.Transport.Input.ReadAsync(Stop);
        await client.WriteAsync("hello");

        var result = await read;

        Assert.Equal("hello", Encoding.ASCII.GetString(result.Buffer));
        Assert.False(result.IsCompleted);
        connection.Transport.Input.AdvanceTo(result.Buffer.End);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task AdvanceTo_WhenAllIsExamined_WaitsForMoreAndReturnsBoth()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var input = connection.Transport.Input;
        await client.WriteAsync("abc");
        var first = await input.ReadAsync(Stop);
        input.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);

        var second = input.ReadAsync(Stop);
        Assert.False(second.IsCompleted);
        await client.WriteAsync("def");
        var result = await second;

        Assert.Equal("bcdef", Encoding.ASCII.GetString(result.Buffer));
        input.AdvanceTo(result.Buffer.GetPosition(2));
        Assert.True(input.TryRead(out var rest));
        Assert.Equal("def", Encoding.ASCII.GetString(rest.Buffer));
        input.AdvanceTo(rest.Buffer.End);
        Assert.False(input.TryRead(out _));
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ReadAsync_WhenNothingIsConsumed_GrowsAndKeepsOrder()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var input = connection.Transport.Input;
        var sent = new byte[300_000];
        new Random(7).NextBytes(sent);
        var write = client.WriteAsync(sent);

        ReadOnlySequence<byte> buffer;
        while (true)
        {
            buffer = (await input.ReadAsync(Stop)).Buffer;
            if (buffer.Length == sent.Length)
            {
                break;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }

        await write;
        Assert.Equal(sent, buffer.ToArray());
        input.AdvanceTo(buffer.End);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task CancelPendingRead_WhenAReadWaits_ReturnsCanceledOnce()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var input = connection.Transport.Input;
        var read = input.ReadAsync(Stop);
        input.CancelPendingRead();

        Assert.True((await read).IsCanceled);
        var next = input.ReadAsync(Stop);
        await client.WriteAsync("x");
        var result = await next;
        Assert.False(result.IsCanceled);
        Assert.Equal(1, result.Buffer.Length);
        input.AdvanceTo(result.Buffer.End);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task CancelPendingRead_WhenNoReadWaits_CancelsTheNext()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        connection.Transport.Input.CancelPendingRead();

        Assert.True((await connection.Transport.Input.ReadAsync(Stop)).IsCanceled);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ReadAsync_WhenItsTokenIsCanceled_ThrowsAndLaterReadsWork()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        using var source = new CancellationTokenSource();
        var read = connection.Transport.Input.ReadAsync(source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => read.AsTask());
        await client.WriteAsync("x");
        Assert.Equal(1, (await connection.Transport.Input.ReadAsync(Stop)).Buffer.Length);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ReadAsync_WhenTheClientFinished_CompletesAfterItsData()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var input = connection.Transport.Input;
        await client.WriteAsync("last");
        client.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        var text = string.Empty;
        while (true)
        {
            var result = await input.ReadAsync(Stop);
            text += Encoding.ASCII.GetString(result.Buffer);
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        Assert.Equal("last", text);
        Assert.True((await input.ReadAsync(Stop)).IsCompleted);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ReadAsync_WhenTheClientResets_ThrowsAndConnectionClosedFires()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(() => closed.SetResult());
        var read = connection.Transport.Input.ReadAsync(Stop);
        client.Reset();

        await Assert.ThrowsAsync<ConnectionResetException>(() => read.AsTask());
        await closed.Task.WaitAsync(Stop);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ConnectionClosed_WhenTheClientResetsAndNobodyReads_Fires()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(() => closed.SetResult());
        client.Reset();

        await closed.Task.WaitAsync(Stop);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ConnectionClosed_WhenTheClientFinishedAndNobodyReads_FiresAfterTheGrace()
    {
        var grace = TimeSpan.FromMilliseconds(100);
        await using var server = await RawServer.StartAsync(new EpollTransportOptions { HalfCloseGrace = grace });
        var (client, connection) = await server.ConnectAsync();
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(() => closed.SetResult());
        var before = TimeProvider.System.GetTimestamp();
        client.Dispose();

        await closed.Task.WaitAsync(Stop);

        Assert.InRange(TimeProvider.System.GetElapsedTime(before), grace * 0.9, TimeSpan.FromSeconds(20));
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Abort_WhenAReadWaits_FailsItAndResetsTheClient()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var read = connection.Transport.Input.ReadAsync(Stop);
        connection.Abort(new ConnectionAbortedException("enough"));

        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => read.AsTask());
        Assert.Equal("enough", error.Message);
        var reset = await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(
            () => client.ReceiveAsync(new byte[1], Stop).AsTask());
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionReset, reset.SocketErrorCode);
        client.Dispose();
        await connection.DisposeAsync();
    }
}
