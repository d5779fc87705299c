using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>An array of string slots whose strings stay in place until disposed. Off the hot path.</summary>
internal readonly ref struct PinnedStrings
{
    private readonly GCHandle[] _handles;

    public PinnedStrings(ReadOnlySpan<string> strings)
    {
        _handles = new GCHandle[strings.Length];
        Slots = new Slot[strings.Length];
        for (int i = 0; i < strings.Length; i++)
        {
            _handles[i] = GCHandle.Alloc(strings[i], GCHandleType.Pinned);
            Slots[i] = new Slot { Kind = SlotKind.Utf16, Length = strings[i].Length, Data = _handles[i].AddrOfPinnedObject() };
        }
    }

    public Slot[] Slots { get; }

    public void Dispose()
    {
        foreach (var handle in _handles)
        {
            if (handle.IsAllocated)
            {
                handle.Free();
            }
        }
    }
}
