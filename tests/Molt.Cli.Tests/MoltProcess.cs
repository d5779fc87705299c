using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Molt.Cli.Tests;

/// <summary>A running <c>./molt</c>, its lines of both streams in the order they came.</summary>
internal sealed partial class MoltProcess : IAsyncDisposable
{
    private const string TakeWatches = "echo 0 > /proc/sys/user/max_inotify_instances && ";

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _seen = new();
    private readonly Task _reading;

    private MoltProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync(process.StandardOutput);
    }

    /// <summary>Everything read with <see cref="LineAsync"/> and <see cref="ExitAsync"/> so far.</summary>
    public string Seen => _seen.ToString();

    public static MoltProcess Start(string directory, params string[] arguments) => Start(directory, [], arguments);

    public static MoltProcess Start(string directory, (string Name, string Value)[] variables, string[] arguments) =>
        Start("exec \"$0\" \"$@\" 2>&1", directory, variables, arguments);

    /// <summary>Starts it in a user namespace of its own, in which the system gives no file watches.</summary>
    public static MoltProcess StartWithoutWatches(string directory, params string[] arguments)
    {
        Assert.SkipUnless(CanTakeWatches(), "The system lets no user have a namespace.");
        return Start("exec unshare -Ur /bin/sh -c '" + TakeWatches + "exec \"$0\" \"$@\"' \"$0\" \"$@\" 2>&1", directory, [], arguments);
    }

    private static bool CanTakeWatches()
    {
        using var trial = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "unshare -Ur /bin/sh -c '" + TakeWatches + "true' 2> /dev/null"]))!;
        trial.WaitForExit();
        return trial.ExitCode == 0;
    }

    private static MoltProcess Start(string command, string directory, (string Name, string Value)[] variables, string[] arguments)
    {
        // One pipe for both streams: two would be read by turns, and their lines come out of order.
        var start = new ProcessStartInfo("/bin/sh", ["-c", command, Launcher(), .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("MOLT_NATIVE_LIB");
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return new MoltProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a line that contains the text, and returns it.</summary>
    public async Task<string> LineAsync(string text)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(deadline.Token);
                _seen.Append(line).Append('\n');
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"No line with \"{text}\" came. What came:\n{_seen}", e);
        }
    }

    /// <summary>Waits for <c>ready</c> and returns the address in it.</summary>
    public async Task<Uri> ReadyAsync() => new(Address().Match(await LineAsync("ready http://")).Value);

    public void Signal(PosixSignal signal) => Assert.Equal(0, Kill(_process.Id, signal == PosixSignal.SIGTERM ? 15 : 2));

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(deadline.Token);
        await _reading;
        while (_lines.Reader.TryRead(out var line))
        {
            _seen.Append(line).Append('\n');
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _reading;
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [GeneratedRegex("http://[^ ]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();

    private static string Launcher()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var launcher = Path.Combine(directory.FullName, "molt");
            if (File.Exists(launcher))
            {
                return launcher;
            }
        }

        throw new InvalidOperationException("The launcher is not above the tests.");
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
