using Molt.Runtime.Io;

namespace Molt.Runtime;

/// <summary>
/// The numbers by which the guest names its events and bodies.
/// <para>
/// Guarantees: a number names one thing during its life and is not given out again until 16,384 later users of the same
/// slot, so a late call of the guest about something that ended finds nothing, instead of something else. Used by one
/// executor at a time.
/// </para>
/// </summary>
internal sealed class ResourceTable
{
    // A number is generation << 16 | slot, kept below 2^30 so that V8 holds it in a small integer.
    private const int SlotBits = 16;
    private const int SlotMask = (1 << SlotBits) - 1;
    private const int GenerationMask = (1 << 14) - 1;

    private IBodyOwner?[] _owners = new IBodyOwner?[64];
    private int[] _generations = new int[64];
    private int[] _free = new int[64];
    private int _freeCount;
    private int _used;

    /// <summary>How many things have a number.</summary>
    public int Count { get; private set; }

    /// <summary>Gives a number, or 0 when the isolate has 65,535 of them.</summary>
    public int Add(IBodyOwner owner)
    {
        int slot;
        if (_freeCount > 0)
        {
            slot = _free[--_freeCount];
        }
        else if (_used == SlotMask)
        {
            return 0;
        }
        else
        {
            slot = _used++;
            if (slot == _owners.Length)
            {
                Array.Resize(ref _owners, slot * 2);
                Array.Resize(ref _generations, slot * 2);
                Array.Resize(ref _free, slot * 2);
            }
        }

        // Generations start at 1, so that 0 is never a number.
        var generation = (_generations[slot] % GenerationMask) + 1;
        _generations[slot] = generation;
        _owners[slot] = owner;
        Count++;
        return (generation << SlotBits) | slot;
    }

    /// <summary>What a number names, or null.</summary>
    public IBodyOwner? Find(int number)
    {
        var slot = number & SlotMask;
        return number > 0 && slot < _used && _generations[slot] == number >> SlotBits ? _owners[slot] : null;
    }

    /// <summary>Ends a number's life.</summary>
    public void Remove(int number)
    {
        if (Find(number) is null)
        {
            return;
        }

        var slot = number & SlotMask;
        _owners[slot] = null;
        _free[_freeCount++] = slot;
        Count--;
    }

    /// <summary>The events that are open, in no particular order.</summary>
    public List<WorkerEvent> Events()
    {
        var events = new List<WorkerEvent>();
        for (var slot = 0; slot < _used; slot++)
        {
            if (_owners[slot] is WorkerEvent open)
            {
                events.Add(open);
            }
        }

        return events;
    }
}
