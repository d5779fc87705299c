namespace Molt.Engine;

/// <summary>
/// Finds an isolate by the cookie native code carries. A cookie is (generation, index): a late notice for a disposed
/// isolate finds nothing, even when its place has been taken again. Reading takes no lock.
/// </summary>
internal static class IsolateTable
{
    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static JsIsolate?[] s_items = new JsIsolate?[64];
    private static int s_count;
    private static int s_generation;

    public static long Add(JsIsolate isolate)
    {
        lock (Gate)
        {
            if (!Free.TryPop(out int index))
            {
                index = s_count++;
                if (index == s_items.Length)
                {
                    var larger = new JsIsolate?[s_items.Length * 2];
                    s_items.CopyTo(larger, 0);
                    Volatile.Write(ref s_items, larger);
                }
            }
            s_generation = (s_generation + 1) & int.MaxValue;
            long cookie = ((long)s_generation << 32) | (uint)index;
            isolate.Cookie = cookie;
            Volatile.Write(ref s_items[index], isolate);
            return cookie;
        }
    }

    public static void Remove(long cookie)
    {
        lock (Gate)
        {
            int index = (int)cookie;
            if (s_items[index]?.Cookie == cookie)
            {
                s_items[index] = null;
                Free.Push(index);
            }
        }
    }

    public static JsIsolate? Find(long cookie)
    {
        var items = Volatile.Read(ref s_items);
        uint index = (uint)cookie;
        if (index >= (uint)items.Length)
        {
            return null;
        }
        var isolate = Volatile.Read(ref items[index]);
        return isolate is not null && isolate.Cookie == cookie ? isolate : null;
    }
}
