using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

/// <summary>Answers to several requests that one poll reported. The test polls, so it says what is in a batch.</summary>
public sealed class DeferredSendTests : IAsyncLifetime
{
    private readonly EpollTransport _transport = new(
        new EpollTransportOptions(), TimeProvider.System, NullLogger<EpollTransport>.Instance);

    private readonly List<Socket> _clients = [];
    private readonly List<ConnectionContext> _servers = [];
    private readonly List<Task> _handlers = [];

    // The numbers of the connections in the order in which their requests were handled.
    private readonly List<int> _order = [];
    private IConnectionListener _listener = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _listener = await _transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), Stop);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _listener.DisposeAsync();
        _transport.Dispose();
    }

    [Fact]
    public async Task Answer_WhenAloneInItsBatch_IsSentByItsFlush()
    {
        var seen = -1;
        await ConnectAsync(1, async (_, output) =>
        {
            await AnswerAsync(output, "answer");
            seen = _clients[0].Available;
        });
        PollOnce();

        Assert.Equal("answer".Length, seen);
    }

    [Fact]
    public async Task Answers_WhenTheirBatchIsSmall_AreSentAtItsEnd()
    {
        var seen = new List<int>();
        await ConnectAsync(4, async (number, output) =>
        {
            await AnswerAsync(output, $"answer {number}");
            seen.Add(_clients.Sum(static client => client.Available));
        });
        PollOnce();

        // The last one has nothing to wait for.
        Assert.Equal([0, 0, 0, "answer 0".Length], seen);
        Assert.Equal("answer 0;answer 1;answer 2;answer 3", string.Join(';', _clients.Select(Received)));
    }

    [Fact]
    public async Task Answers_WhenTheirBatchIsLarge_AreSentAfterEveryEighth()
    {
        var seen = new List<int>();
        await ConnectAsync(20, async (_, output) =>
        {
            seen.Add(_clients.Count(static client => client.Available > 0));
            await AnswerAsync(output, "answer");
        });
        PollOnce();

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8, 16, 16, 16, 16], seen);
        Assert.All(_clients, static client => Assert.Equal("answer", Received(client)));
    }

    [Fact]
    public async Task Answer_WhenFlushedTwice_IsSentInOrder()
    {
        var seen = -1;
        await ConnectAsync(2, async (number, output) =>
        {
            await AnswerAsync(output, "first, ");
            await AnswerAsync(output, "second");
            if (number == _order[0])
            {
                seen = _clients[number].Available;
            }

            output.Write("third"u8);
        });
        PollOnce();

        Assert.Equal("first, second".Length, seen);
        Assert.All(_clients, static client => Assert.Equal("first, second", Received(client)));
    }

    [Fact]
    public async Task Answer_WhenItIsMoreThanABlock_IsSentByItsFlush()
    {
        var seen = new List<bool>();
        await ConnectAsync(2, async (number, output) =>
        {
            await AnswerAsync(output, new string('x', 100_000));
            seen.Add(_clients[number].Available > 0);
        });
        PollOnce();

        Assert.Equal([true, true], seen);
    }

    [Fact]
    public async Task Answer_WhenItsConnectionCloses_IsSentBefore()
    {
        await ConnectAsync(2, async (number, output) =>
        {
            await AnswerAsync(output, "answer");
            await _servers[number].DisposeAsync();
        });
        PollOnce();

        Assert.All(_clients, static client =>
        {
            Assert.Equal("answer", Received(client));
            Assert.Equal(0, client.Receive(new byte[1]));
        });
    }

    [Fact]
    public async Task Answer_WhenItsClientLeavesBeforeTheEnd_ClosesItsConnectionOnly()
    {
        await ConnectAsync(3, async (_, output) =>
        {
            await AnswerAsync(output, "answer");
            if (_order.Count == 2)
            {
                _clients[_order[0]].LingerState = new LingerOption(true, 0);
                _clients[_order[0]].Dispose();
            }
        });
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PollOnce();

        await using var registration = _servers[_order[0]].ConnectionClosed.UnsafeRegister(_ => closed.SetResult(), null);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal("answer", Received(_clients[_order[1]]));
        Assert.Equal("answer", Received(_clients[_order[2]]));
    }

    [Fact]
    public async Task Answer_WhenItsThreadIsHeldUp_IsSentByTheNextToPoll()
    {
        using var resume = new ManualResetEventSlim();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ConnectAsync(3, async (_, output) =>
        {
            await AnswerAsync(output, "answer");
            if (_order.Count == 2)
            {
                held.SetResult();
                resume.Wait(CancellationToken.None);
            }
        });
        SendAll();
        var thread = new Thread(() => _transport.Poll(-1));
        thread.Start();
        await held.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(0, _clients[_order[0]].Available);

        _transport.Poll(-1);
        Assert.All(_clients, static client => Assert.Equal("answer", Received(client)));
        resume.Set();
        thread.Join();
        await Task.WhenAll(_handlers);
    }

    /// <summary>Connections that each handle one request, on the thread that polls.</summary>
    private async Task ConnectAsync(int count, Func<int, System.IO.Pipelines.PipeWriter, ValueTask> handle)
    {
        for (var number = 0; number < count; number++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.Connect((IPEndPoint)_listener.EndPoint);
            _clients.Add(client);
            var accepted = _listener.AcceptAsync(Stop).AsTask();
            while (!accepted.IsCompleted)
            {
                _transport.Poll(10);
            }

            var server = (await accepted)!;
            _servers.Add(server);
            _handlers.Add(HandleAsync(number, server));
        }

        async Task HandleAsync(int number, ConnectionContext server)
        {
            var request = await server.Transport.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            server.Transport.Input.AdvanceTo(request.Buffer.End);
            lock (_order)
            {
                _order.Add(number);
            }

            await handle(number, server.Transport.Output).ConfigureAwait(false);
        }
    }

    private void SendAll()
    {
        foreach (var client in _clients)
        {
            client.Send("x"u8);
        }
    }

    private void PollOnce()
    {
        SendAll();
        _transport.Poll(-1);
        Assert.All(_handlers, static handler => Assert.True(handler.IsCompletedSuccessfully));
    }

    private static async ValueTask AnswerAsync(System.IO.Pipelines.PipeWriter output, string text)
    {
        output.Write(Encoding.ASCII.GetBytes(text));
        var flush = output.FlushAsync(CancellationToken.None);
        Assert.True(flush.IsCompletedSuccessfully);
        await flush.ConfigureAwait(false);
    }

    private static string Received(Socket client)
    {
        var bytes = new byte[client.Available];
        return Encoding.ASCII.GetString(bytes, 0, bytes.Length == 0 ? 0 : client.Receive(bytes));
    }
}
