namespace Molt.Server.Transport;

/// <summary>
/// Mutual exclusion for sections of a few instructions and at most one system call that does not block.
/// <para>
/// Guarantees: one thread at a time is between <see cref="Enter"/> and the end of its scope, and sees what the one before
/// wrote. Not reentrant, not fair. Where nobody else wants it, which is nearly always, it costs one atomic instruction.
/// </para>
/// </summary>
internal sealed class SpinGate
{
    private int _held;

    /// <summary>Waits for the gate and holds it until the scope is disposed of.</summary>
    public Scope Enter()
    {
        if (Interlocked.CompareExchange(ref _held, 1, 0) != 0)
        {
            Wait();
        }

        return new Scope(this);
    }

    private void Wait()
    {
        var spinner = new SpinWait();
        do
        {
            spinner.SpinOnce();
        }
        while (Volatile.Read(ref _held) != 0 || Interlocked.CompareExchange(ref _held, 1, 0) != 0);
    }

    /// <summary>Holds the gate.</summary>
    public readonly ref struct Scope(SpinGate gate)
    {
        public void Dispose() => Volatile.Write(ref gate._held, 0);
    }
}
