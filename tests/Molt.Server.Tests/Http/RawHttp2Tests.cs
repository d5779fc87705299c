using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Molt.Server.Tests.Http;

/// <summary>
/// HTTP/2 fields are length-prefixed, so their bytes are free: what would forge a line of the packed head must be refused
/// before it is packed (RFC 9113, section 8.2.1).
/// </summary>
[Collection(HttpCollection.Name)]
public sealed class RawHttp2Tests(GuestSnapshot snapshot)
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;

    private const string Echo = "export default { fetch: (request) => new Response(JSON.stringify([request.method, request.url, [...request.headers]])) };";

    [Fact]
    public async Task Request_WhenWellFormed_IsAnswered()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Echo);

        var answer = await AskAsync(gateway, (":method", "GET"), (":scheme", "http"), (":authority", "test"), (":path", "/x"), ("x-a", "1"));

        Assert.Equal("""["GET","http://test/x",[["host","test"],["x-a","1"]]]""", answer);
    }

    [Theory]
    [InlineData(":method", "GET\nhttp://forged/\nx-forged\n1")]
    [InlineData(":scheme", "http\nx")]
    [InlineData(":authority", "test/\nx-forged\n1")]
    [InlineData(":path", "/\nx-forged\n1")]
    [InlineData(":path", "/?q\nx-forged\n1")]
    [InlineData("x-a", "1\nx-forged\n1")]
    [InlineData("x-a", "1\r\nx-forged: 1")]
    [InlineData("x-a", "1\0")]
    [InlineData("x-a\nx-forged", "1")]
    [InlineData("X-A", "1")]
    [InlineData("connection", "close")]
    public async Task Request_WhenAFieldIsMalformed_DoesNotReachTheWorker(string name, string value)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Echo);
        var fields = new List<(string, string)> { (":method", "GET"), (":scheme", "http"), (":authority", "test"), (":path", "/") };
        fields.RemoveAll(field => field.Item1 == name);
        fields.Insert(name.StartsWith(':') ? 0 : fields.Count, (name, value));

        Assert.Null(await AskAsync(gateway, [.. fields]));
        Assert.DoesNotContain(gateway.Exchanges, exchange => exchange.CpuTime != TimeSpan.Zero);
    }

    /// <summary>Sends one request and returns the body of its answer; null when it was refused.</summary>
    private static async Task<string?> AskAsync(Gateway gateway, params (string Name, string Value)[] fields)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, gateway.Port));
        await using var stream = new NetworkStream(socket);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), timeout.Token);
        await stream.WriteAsync(Frame(Settings, 0, 0, []), timeout.Token);

        // END_STREAM and END_HEADERS.
        await stream.WriteAsync(Frame(Headers, 5, 1, Literals(fields)), timeout.Token);
        var body = new StringBuilder();
        var head = new byte[9];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(head, timeout.Token);
                var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await stream.ReadExactlyAsync(payload, timeout.Token);
                var ends = (head[4] & 1) != 0;
                switch (head[3])
                {
                    case Reset or GoAway:
                        return null;
                    case Data:
                        body.Append(Encoding.UTF8.GetString(payload));
                        if (ends)
                        {
                            return body.ToString();
                        }

                        break;
                    case Headers when ends:
                        return null;
                }
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>Fields as literals that are neither indexed nor Huffman-coded (RFC 7541, section 6.2.2); each shorter than 127 bytes.</summary>
    private static byte[] Literals((string Name, string Value)[] fields)
    {
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Encoding.Latin1.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.Latin1.GetBytes(value));
        }

        return [.. block];
    }
}
