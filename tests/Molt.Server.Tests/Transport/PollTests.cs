using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

public sealed class PollTests : IDisposable
{
    private readonly EpollTransport _transport = new(
        new EpollTransportOptions(), TimeProvider.System, NullLogger<EpollTransport>.Instance);

    public void Dispose() => _transport.Dispose();

    [Fact]
    public async Task Wake_WhenAnotherThreadPolls_ReturnsIt()
    {
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            _transport.Poll(-1);
            returned.SetResult();
        });
        thread.Start();

        _transport.Wake();

        await returned.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Wake_WhenNobodyPolls_ReturnsTheNextPollOnly()
    {
        _transport.Wake();
        _transport.Wake();
        _transport.Poll(-1);
        var before = TimeProvider.System.GetTimestamp();
        _transport.Poll(30);

        Assert.InRange(TimeProvider.System.GetElapsedTime(before).TotalMilliseconds, 25, 10_000);
    }

    [Fact]
    public void Wake_WhenRepeated_ReturnsEachPoll()
    {
        for (var i = 0; i < 1000; i++)
        {
            _transport.Wake();
            _transport.Poll(-1);
        }
    }

    [Fact]
    public void Poll_WhenNothingHappens_ReturnsAfterItsTimeout()
    {
        var before = TimeProvider.System.GetTimestamp();
        _transport.Poll(20);

        Assert.InRange(TimeProvider.System.GetElapsedTime(before).TotalMilliseconds, 15, 10_000);
    }

    [Fact]
    public async Task Poll_WhenAThreadIsHeldUp_HandlesWhatItHadNotBegun()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var listener = await _transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), cancellation);
        using var resume = new ManualResetEventSlim();
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new int[2];
        var connections = new List<(Socket Client, ConnectionContext Server, Task Reading)>();
        for (var i = 0; i < read.Length; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect((IPEndPoint)listener.EndPoint);
            var accepted = listener.AcceptAsync(cancellation).AsTask();
            while (!accepted.IsCompleted)
            {
                _transport.Poll(10);
            }

            var server = (await accepted)!;
            connections.Add((client, server, ReadAsync(server, i)));
        }

        foreach (var (client, _, _) in connections)
        {
            client.Send("x"u8);
        }

        var thread = new Thread(() => _transport.Poll(-1));
        thread.Start();
        var first = await held.Task.WaitAsync(TimeSpan.FromSeconds(10), cancellation);
        _transport.Poll(-1);
        Assert.True(connections[1 - first].Reading.IsCompletedSuccessfully);
        Assert.False(connections[first].Reading.IsCompleted);

        resume.Set();
        thread.Join();
        _transport.Poll(0);
        Assert.Equal([1, 1], read);
        foreach (var (client, server, reading) in connections)
        {
            await reading;
            client.Dispose();
            await server.DisposeAsync();
        }

        await listener.DisposeAsync();

        async Task ReadAsync(ConnectionContext server, int number)
        {
            await server.Transport.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            Interlocked.Increment(ref read[number]);
            if (held.TrySetResult(number))
            {
                resume.Wait(CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task BindAsync_WhenTheAddressIsTaken_Throws()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();

        await Assert.ThrowsAsync<AddressInUseException>(
            () => _transport.BindAsync(other.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task BindAsync_WhenHttp1IsNotBound_RefusesHttp2()
    {
        var endPoint = new PriorKnowledgeEndPoint(new IPEndPoint(IPAddress.Loopback, 0));

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _transport.BindAsync(endPoint, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task BindAsync_WhenIPv6Any_AcceptsBothFamilies()
    {
        var listener = await _transport.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 0), TestContext.Current.CancellationToken);
        using var polling = new PollingThread(_transport);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(
                address, ((IPEndPoint)listener.EndPoint).Port, TestContext.Current.CancellationToken);
            var connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);

            var remote = Assert.IsType<IPEndPoint>(connection!.RemoteEndPoint);
            Assert.Equal(((IPEndPoint)client.LocalEndPoint!).Port, remote.Port);
            Assert.Equal(((IPEndPoint)client.RemoteEndPoint!).Port, ((IPEndPoint)connection.LocalEndPoint!).Port);
            Assert.Equal(address.MapToIPv6(), remote.Address.MapToIPv6());
            await connection.DisposeAsync();
        }

        await listener.DisposeAsync();
    }
}
