using System.Runtime.InteropServices;

namespace Molt.Runtime;

/// <summary>What a runtime keeps of compiled modules, and how often that helped since it started.</summary>
/// <param name="Modules">Modules whose compiled code is kept.</param>
/// <param name="Bytes">What is kept, in bytes: the code and the text it belongs to.</param>
/// <param name="Hits">Modules that an isolate did not have to compile.</param>
/// <param name="Misses">Modules that an isolate compiled.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CodeCacheStatistics(int Modules, long Bytes, long Hits, long Misses);

/// <summary>
/// What V8 compiled of modules, for isolates that load the same text later, be it for the same worker or for another.
/// <para>
/// Guarantees: code is given out for the name and the very text it was made from and for nothing else (V8 itself compares
/// no more than lengths); it was made in this process, by V8, and was never in a guest's reach; no more than the given
/// number of bytes is kept, and what was used least recently goes first. Any thread.
/// </para>
/// </summary>
internal sealed class CodeCache(long maxBytes)
{
    // What is remembered of texts that have no code: enough to notice that one comes again.
    private const int SightingsKept = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<ModuleText, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly (int Hash, int Times)[] _sightings = new (int, int)[SightingsKept];
    private long _bytes;
    private long _hits;
    private long _misses;

    public CodeCacheStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new CodeCacheStatistics(_entries.Count, _bytes, _hits, _misses);
            }
        }
    }

    /// <summary>The compiled code of a module that is about to be loaded; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Find(ModuleText text)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(text, out var node))
            {
                _hits++;
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Code;
            }

            _misses++;
            ref var sighting = ref Sighting(text);
            sighting = (text.GetHashCode(), sighting.Hash == text.GetHashCode() ? sighting.Times + 1 : 1);
            return default;
        }
    }

    /// <summary>
    /// Whether the code of a module is worth taking. Once it is <paramref name="warm"/>, that is, holds what the usual events
    /// run, it is unless that is here already; before that, only for text that was loaded more than once.
    /// </summary>
    public bool Wants(ModuleText text, bool warm)
    {
        if (maxBytes == 0)
        {
            return false;
        }

        lock (_gate)
        {
            if (_entries.TryGetValue(text, out var node))
            {
                return warm && !node.Value.IsWarm;
            }

            return warm || (Sighting(text) is var (hash, times) && hash == text.GetHashCode() && times > 1);
        }
    }

    /// <summary>Keeps a module's code in place of what was kept of it, unless it would leave no room for others.</summary>
    public void Keep(ModuleText text, ReadOnlyMemory<byte> code, bool warm)
    {
        var entry = new Entry(text, code, warm);
        if (entry.Bytes > maxBytes / 2)
        {
            return;
        }

        lock (_gate)
        {
            if (_entries.TryGetValue(text, out var old))
            {
                Remove(old);
            }

            _entries.Add(text, _byUse.AddFirst(entry));
            _bytes += entry.Bytes;
            while (_bytes > maxBytes)
            {
                Remove(_byUse.Last!);
            }
        }
    }

    private ref (int Hash, int Times) Sighting(ModuleText text) => ref _sightings[(uint)text.GetHashCode() % SightingsKept];

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Text);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry(ModuleText Text, ReadOnlyMemory<byte> Code, bool IsWarm)
    {
        public long Bytes => Code.Length + Text.Length;
    }
}

/// <summary>A module's name and text, equal to another when every byte is.</summary>
internal sealed class ModuleText : IEquatable<ModuleText>
{
    private readonly string _name;
    private readonly ReadOnlyMemory<byte> _content;
    private readonly int _hash;

    public ModuleText(WorkerModule module)
    {
        _name = module.Name;
        _content = module.Content;

        // Seeded at random in each process: nobody can choose texts whose hashes are equal.
        var hash = default(HashCode);
        hash.Add(_name, StringComparer.Ordinal);
        hash.AddBytes(_content.Span);
        _hash = hash.ToHashCode();
    }

    public int Length => _content.Length;

    public bool Equals(ModuleText? other) =>
        other is not null && _hash == other._hash && _name == other._name && _content.Span.SequenceEqual(other._content.Span);

    public override bool Equals(object? obj) => Equals(obj as ModuleText);

    public override int GetHashCode() => _hash;
}
