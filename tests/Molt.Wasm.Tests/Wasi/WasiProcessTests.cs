using System.Buffers.Binary;
using Molt.Contracts;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Tests.Wasi;

public sealed class WasiProcessTests
{
    private const uint Subscriptions = 10_000;
    private const uint Events = 20_000;

    [Fact]
    public void Arguments_WhenAsked_AreAtTheirPointers()
    {
        using var guest = new WasiGuest(new WasiOptions { Arguments = ["prog", "é"], Environment = [new("KEY", "a=b")] });

        Assert.Equal(WasiErrno.Success, guest.Call("args_sizes_get", 0, 4));
        Assert.Equal((2u, 8u), (guest.U32(0), guest.U32(4)));
        Assert.Equal(WasiErrno.Success, guest.Call("args_get", 100, 200));
        Assert.Equal((200u, 205u), (guest.U32(100), guest.U32(104)));
        Assert.Equal("prog\0é\0", guest.Text(200, 8));
        Assert.Equal(WasiErrno.Success, guest.Call("environ_sizes_get", 0, 4));
        Assert.Equal((1u, 8u), (guest.U32(0), guest.U32(4)));
        Assert.Equal(WasiErrno.Success, guest.Call("environ_get", 100, 200));
        Assert.Equal("KEY=a=b\0", guest.Text(200, 8));
    }

    [Fact]
    public void Options_WhenTheyCannotBePassed_AreRefused()
    {
        Assert.Throws<OptionsException>(() => new WasiGuest(new WasiOptions { Arguments = ["a\0b"] }));
        Assert.Throws<OptionsException>(() => new WasiGuest(new WasiOptions { Environment = [new("A=B", "c")] }));
        Assert.Throws<OptionsException>(() => new WasiGuest(new WasiOptions { Arguments = [new string('x', 1 << 20)] }));
    }

    [Fact]
    public void Clock_WhenTheGuestHasTime_Shows()
    {
        var clock = new ManualClock();
        using var guest = new WasiGuest(new WasiOptions { Clock = clock, Grants = WasiGrants.Time });
        clock.Advance(TimeSpan.FromMicroseconds(2500));

        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 0, 0, 0));
        Assert.Equal(1_700_000_000_002_500_000UL, guest.U64(0));
        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 1, 0, 0));
        Assert.Equal(2_500_000UL, guest.U64(0));
        Assert.Equal(WasiErrno.Success, guest.Call("clock_res_get", 1, 0));
        Assert.Equal(1000UL, guest.U64(0));
        Assert.Equal(WasiErrno.NotSupported, guest.Call("clock_time_get", 2, 0, 0));
        Assert.Equal(WasiErrno.Invalid, guest.Call("clock_time_get", 4, 0, 0));
    }

    [Fact]
    public void Clock_WhenTheGuestHasNoTime_StandsStill()
    {
        var clock = new ManualClock();
        using var guest = new WasiGuest(new WasiOptions { Clock = clock, FrozenTime = DateTimeOffset.UnixEpoch.AddSeconds(7) });
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 0, 0, 0));
        Assert.Equal(7_000_000_000UL, guest.U64(0));
        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 1, 0, 0));
        Assert.Equal(0UL, guest.U64(0));
        guest.Context.Grants = WasiGrants.Time;
        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 1, 0, 0));
        Assert.Equal(1_000_000_000UL, guest.U64(0));
    }

    [Fact]
    public void Random_WhenGranted_FillsAndOtherwiseIsDenied()
    {
        using var guest = new WasiGuest(new WasiOptions { Random = static memory => memory.Span.Fill(7) });

        Assert.Equal(WasiErrno.NotCapable, guest.Call("random_get", 100, 10));
        Assert.Equal(0, guest.Memory[100]);
        guest.Context.Grants = WasiGrants.Random;
        Assert.Equal(WasiErrno.Success, guest.Call("random_get", 100, 10));
        Assert.Equal((0, 7, 7, 0), (guest.Memory[99], guest.Memory[100], guest.Memory[109], guest.Memory[110]));
    }

    [Fact]
    public void Exit_WhenCalled_KeepsTheCodeAndClosesFiles()
    {
        using var guest = new WasiGuest();
        guest.Open(3, "data.txt", 0, out _);
        Assert.False(WasiImports.Find("proc_exit")!.ReturnsErrno);
        guest.Call("proc_exit", 42);

        Assert.Equal(42u, guest.Context.ExitCode);
        Assert.Empty(guest.Context.OpenPaths);
        guest.Context.BeginCall(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Null(guest.Context.ExitCode);
    }

    [Fact]
    public void Poll_WhenSeveralClocks_WaitsForTheFirst()
    {
        var clock = new ManualClock();
        var waits = new List<TimeSpan>();
        using var guest = new WasiGuest(new WasiOptions
        {
            Clock = clock,
            Grants = WasiGrants.Time,
            Wait = (time, _) =>
            {
                waits.Add(time);
                clock.Advance(time);
            },
        });
        guest.Context.BeginCall(TimeSpan.FromSeconds(10), CancellationToken.None);
        Subscribe(guest, 0, 111, clock: 1, timeout: 2_000_000_000);
        Subscribe(guest, 1, 222, clock: 1, timeout: 1_000_000_000);

        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", Subscriptions, Events, 2, 16));
        Assert.Equal(1u, guest.U32(16));
        Assert.Equal((222UL, 0UL), (guest.U64(Events), guest.U64(Events + 8)));
        Assert.Equal(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(Math.Floor(Assert.Single(waits).TotalMilliseconds)));
    }

    [Fact]
    public void Poll_WhenTheTimeIsAbsolute_WaitsUntilIt()
    {
        var clock = new ManualClock();
        using var guest = new WasiGuest(new WasiOptions { Clock = clock, Grants = WasiGrants.Time, Wait = (time, _) => clock.Advance(time) });
        Subscribe(guest, 0, 1, clock: 0, timeout: 1_700_000_003_000_000_000, absolute: true);

        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", Subscriptions, Events, 1, 16));
        Assert.Equal(3, (long)(clock.GetUtcNow() - ManualClock.Start).TotalSeconds);
    }

    [Fact]
    public void Poll_WhenLongerThanTheCallMayTake_IsInterruptedAtItsEnd()
    {
        var clock = new ManualClock();
        using var guest = new WasiGuest(new WasiOptions { Clock = clock, Grants = WasiGrants.Time, Wait = (time, _) => clock.Advance(time) });
        guest.Context.BeginCall(TimeSpan.FromSeconds(2), CancellationToken.None);
        Subscribe(guest, 0, 1, clock: 1, timeout: ulong.MaxValue);

        Assert.Equal(WasiErrno.Interrupted, guest.Call("poll_oneoff", Subscriptions, Events, 1, 16));
        Assert.Equal(TimeSpan.FromSeconds(2), clock.GetUtcNow() - ManualClock.Start);
    }

    [Fact]
    public void Poll_WhenCancelled_EndsAtOnce()
    {
        using var guest = new WasiGuest(new WasiOptions { Grants = WasiGrants.Time });
        using var source = new CancellationTokenSource();
        source.Cancel();
        guest.Context.BeginCall(Timeout.InfiniteTimeSpan, source.Token);
        Subscribe(guest, 0, 1, clock: 1, timeout: ulong.MaxValue);

        Assert.Equal(WasiErrno.Interrupted, guest.Call("poll_oneoff", Subscriptions, Events, 1, 16));
    }

    [Fact]
    public void Poll_WhenTheGuestHasNoTime_DoesNotWait()
    {
        using var guest = new WasiGuest(new WasiOptions { Wait = static (_, _) => Assert.Fail("It waits without time.now.") });
        Subscribe(guest, 0, 5, clock: 1, timeout: 1_000_000_000_000);

        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", Subscriptions, Events, 1, 16));
        Assert.Equal(5UL, guest.U64(Events));
    }

    [Fact]
    public void Poll_WhenForAFile_AnswersInItsEvent()
    {
        using var guest = new WasiGuest();
        Subscribe(guest, 0, 9, clock: 0, timeout: 0);
        guest.Memory[(int)Subscriptions + 8] = 1;

        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", Subscriptions, Events, 1, 16));
        Assert.Equal(9UL, guest.U64(Events));
        Assert.Equal(58 | (1 << 16), (int)guest.U32(Events + 8));
        Assert.Equal(WasiErrno.Invalid, guest.Call("poll_oneoff", Subscriptions, Events, 0, 16));
    }

    [Fact]
    public void Imports_WhenListed_AreAllOfPreview1()
    {
        Assert.Equal(46, WasiImports.All.Count);
        using var guest = new WasiGuest();
        foreach (var name in new[] { "sock_accept", "sock_recv", "sock_send", "sock_shutdown", "proc_raise", "fd_filestat_set_times", "path_filestat_set_times" })
        {
            Assert.Equal(WasiErrno.NoSystem, guest.Call(name, new long[WasiImports.Find(name)!.Parameters.Count]));
        }
    }

    private static void Subscribe(WasiGuest guest, uint index, ulong data, uint clock, ulong timeout, bool absolute = false)
    {
        var span = guest.Memory.AsSpan((int)(Subscriptions + (48 * index)), 48);
        span.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(span, data);
        BinaryPrimitives.WriteUInt32LittleEndian(span[16..], clock);
        BinaryPrimitives.WriteUInt64LittleEndian(span[24..], timeout);
        span[40] = absolute ? (byte)1 : (byte)0;
    }

    private sealed class ManualClock : TimeProvider
    {
        public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        private TimeSpan _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _passed += time;

        public override DateTimeOffset GetUtcNow() => Start + _passed;

        public override long GetTimestamp() => _passed.Ticks;
    }
}
