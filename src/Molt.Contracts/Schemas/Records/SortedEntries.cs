using System.Buffers;
using System.Runtime.InteropServices;

namespace Molt.Contracts.Schemas;

/// <summary>
/// The entries of a dictionary in the order that payloads have: strings by their UTF-8 bytes, numbers by value. Generated code
/// writes maps with it. The entries live in a pooled array until <see cref="Dispose"/>.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public ref struct SortedEntries<TKey, TValue>
    where TKey : notnull
{
    private KeyValuePair<TKey, TValue>[]? _entries;

    internal SortedEntries(KeyValuePair<TKey, TValue>[] entries, int count)
    {
        _entries = entries;
        Items = entries.AsSpan(0, count);
    }

    public ReadOnlySpan<KeyValuePair<TKey, TValue>> Items { get; private set; }

    /// <summary>Gives the array back.</summary>
    public void Dispose()
    {
        if (_entries is { } entries)
        {
            _entries = null;
            Items = default;
            ArrayPool<KeyValuePair<TKey, TValue>>.Shared.Return(entries, clearArray: true);
        }
    }
}

/// <summary>Makes <see cref="SortedEntries{TKey, TValue}"/>.</summary>
public static class SortedEntries
{
    /// <summary>The entries of a dictionary; this overload allocates nothing.</summary>
#pragma warning disable MA0016 // The class itself enumerates without a boxed enumerator; the interface has the other overload.
    public static SortedEntries<TKey, TValue> Of<TKey, TValue>(Dictionary<TKey, TValue> map)
#pragma warning restore MA0016
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(map);
        var entries = ArrayPool<KeyValuePair<TKey, TValue>>.Shared.Rent(map.Count);
        var count = 0;
        foreach (var entry in map)
        {
            entries[count++] = entry;
        }

        return Sorted(entries, count);
    }

    /// <summary>The entries of a dictionary.</summary>
    public static SortedEntries<TKey, TValue> Of<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> map)
        where TKey : notnull
    {
        if (map is Dictionary<TKey, TValue> dictionary)
        {
            return Of(dictionary);
        }

        ArgumentNullException.ThrowIfNull(map);
        var entries = ArrayPool<KeyValuePair<TKey, TValue>>.Shared.Rent(map.Count);
        var count = 0;
        foreach (var entry in map)
        {
            entries[count++] = entry;
        }

        return Sorted(entries, count);
    }

    private static SortedEntries<TKey, TValue> Sorted<TKey, TValue>(KeyValuePair<TKey, TValue>[] entries, int count)
        where TKey : notnull
    {
        entries.AsSpan(0, count).Sort(ByKey<TKey, TValue>.Comparison);
        return new SortedEntries<TKey, TValue>(entries, count);
    }

    private static class ByKey<TKey, TValue>
        where TKey : notnull
    {
        // Kept, because sorting with a comparer would make a delegate each time.
        public static readonly Comparison<KeyValuePair<TKey, TValue>> Comparison = (x, y) =>
            x.Key is string a && y.Key is string b ? CompareAsUtf8(a, b) : Comparer<TKey>.Default.Compare(x.Key, y.Key);

        // UTF-8 sorts as code points do; UTF-16 has the halves of those above U+FFFF before U+E000.
        private static int CompareAsUtf8(string a, string b)
        {
            var common = a.AsSpan().CommonPrefixLength(b);
            return common == a.Length || common == b.Length ? a.Length - b.Length : Weight(a[common]) - Weight(b[common]);
        }

        private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
    }
}
