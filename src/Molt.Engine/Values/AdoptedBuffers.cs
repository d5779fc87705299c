using System.Buffers;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// Memory JavaScript uses in place. Each entry is released exactly once, by native code's notice: when the backing store is
/// gone, or at once when the call it was passed to failed.
/// </summary>
internal static class AdoptedBuffers
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<long, Entry> Entries = [];
    private static long s_next;

    public static int Count
    {
        get
        {
            lock (Gate)
            {
                return Entries.Count;
            }
        }
    }

    public static long Add(IDisposable? owner, MemoryHandle pin)
    {
        lock (Gate)
        {
            long cookie = ++s_next;
            Entries.Add(cookie, new Entry(owner, pin));
            return cookie;
        }
    }

    public static void Release(long cookie)
    {
        Entry entry;
        lock (Gate)
        {
            if (!Entries.Remove(cookie, out entry))
            {
                return;
            }
        }
        entry.Pin.Dispose();
        entry.Owner?.Dispose();
    }

    [StructLayout(LayoutKind.Auto)]
    private record struct Entry(IDisposable? Owner, MemoryHandle Pin);
}
