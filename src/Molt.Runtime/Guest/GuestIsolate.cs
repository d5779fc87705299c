using Molt.Engine;

namespace Molt.Runtime;

/// <summary>A V8 isolate from the base snapshot, with its context and the guest runtime's entry: all that no worker's code is in yet.</summary>
internal sealed class GuestIsolate : IDisposable
{
    // Room that is given once when the limit is reached, so that code which is cut short can unwind.
    private const long Headroom = 16L << 20;

    private GuestIsolate(JsIsolate isolate, JsContext context, GuestEntry entry, long memoryBytes)
    {
        Isolate = isolate;
        Context = context;
        Entry = entry;
        MemoryBytes = memoryBytes;
    }

    public JsIsolate Isolate { get; }

    public JsContext Context { get; }

    public GuestEntry Entry { get; }

    /// <summary>The memory limit it was made with.</summary>
    public long MemoryBytes { get; }

    /// <summary>Makes one. Takes a few milliseconds of the calling thread.</summary>
    public static GuestIsolate Create(JsSnapshot snapshot, long memoryBytes)
    {
        var isolate = JsIsolate.Create(new JsIsolateOptions
        {
            HeapLimitBytes = memoryBytes,
            HeapHeadroomBytes = Headroom,
            ExternalLimitBytes = memoryBytes,
            TotalLimitBytes = memoryBytes,
            Snapshot = snapshot,
            HostFunctions = HostFunctions.All,
        });
        try
        {
            using (isolate.Enter())
            {
                var context = isolate.CreateContext(new JsContextOptions());
                return new GuestIsolate(isolate, context, new GuestEntry(context.TakeData(0)), memoryBytes);
            }
        }
        catch
        {
            isolate.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Entry.Dispose();
        Context.Dispose();
        Isolate.Dispose();
    }
}
