using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Molt.Server.Tests.Http;

/// <summary>A response as it came over the wire; text is Latin-1, so that one character is one byte.</summary>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body, bool Complete)
{
    public int Status => int.Parse(StatusLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The values of a field, in order.</summary>
    public List<string> Values(string name)
    {
        var values = new List<string>();
        foreach (var (field, value) in Headers)
        {
            if (field.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>The only value of a field, or null.</summary>
    public string? Value(string name) => Values(name) is { Count: > 0 } values ? Assert.Single(values) : null;
}

/// <summary>A client that sends exactly the bytes it is told to.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly byte[] _chunk = new byte[16384];
    private string _received = "";
    private bool _ended;

    private RawConnection(Socket socket) => _socket = socket;

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new RawConnection(socket);
    }

    public async Task WriteAsync(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Leaves without a goodbye: the server gets a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <summary>The next response; informational ones count as responses without a body.</summary>
    public async Task<RawResponse> ReadResponseAsync(bool head = false)
    {
        var block = await ReadUntilAsync("\r\n\r\n");
        var lines = block.Split("\r\n");
        var headers = new List<KeyValuePair<string, string>>();
        for (var i = 1; i < lines.Length - 2; i++)
        {
            var colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(lines[i][..colon], lines[i][(colon + 1)..].Trim(' ')));
        }

        var response = new RawResponse(lines[0], headers, "", Complete: true);
        if (head || response.Status is < 200 or 204 or 304)
        {
            return response;
        }

        if (response.Value("Transfer-Encoding") == "chunked")
        {
            return await ReadChunkedAsync(response);
        }

        if (response.Value("Content-Length") is { } length)
        {
            var (body, complete) = await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
            return response with { Body = body, Complete = complete };
        }

        return response with { Body = await ReadToEndAsync() };
    }

    /// <summary>Bytes that have come or come next, at least one; empty at the end.</summary>
    public async Task<string> ReadSomeAsync()
    {
        if (_received.Length == 0)
        {
            await ReceiveAsync();
        }

        var some = _received;
        _received = "";
        return some;
    }

    /// <summary>Everything until the server closes the connection or resets it.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (!_ended)
        {
            await ReceiveAsync();
        }

        return await ReadSomeAsync();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<RawResponse> ReadChunkedAsync(RawResponse response)
    {
        var body = new StringBuilder();
        while (true)
        {
            var line = await ReadUntilAsync("\r\n");
            if (line.Length == 0)
            {
                return response with { Body = body.ToString(), Complete = false };
            }

            var size = int.Parse(line.TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var (chunk, complete) = await ReadExactlyAsync(size + 2);
            body.Append(chunk.AsSpan(0, Math.Min(size, chunk.Length)));
            if (size == 0 || !complete)
            {
                return response with { Body = body.ToString(), Complete = complete };
            }
        }
    }

    private async Task<string> ReadUntilAsync(string end)
    {
        while (true)
        {
            var index = _received.IndexOf(end, StringComparison.Ordinal);
            if (index >= 0)
            {
                var text = _received[..(index + end.Length)];
                _received = _received[(index + end.Length)..];
                return text;
            }

            if (_ended)
            {
                return "";
            }

            await ReceiveAsync();
        }
    }

    private async Task<(string Text, bool Complete)> ReadExactlyAsync(int count)
    {
        while (_received.Length < count && !_ended)
        {
            await ReceiveAsync();
        }

        var taken = Math.Min(count, _received.Length);
        var text = _received[..taken];
        _received = _received[taken..];
        return (text, taken == count);
    }

    private async Task ReceiveAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            var count = await _socket.ReceiveAsync(_chunk.AsMemory(), timeout.Token);
            _ended = count == 0;
            _received += Encoding.Latin1.GetString(_chunk, 0, count);
        }
        catch (SocketException)
        {
            _ended = true;
        }
    }
}
