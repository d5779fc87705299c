using System.Text;

namespace Molt.Wasm.Vfs;

/// <summary>
/// The rules for paths. A path is absolute UTF-8 of at most 4,096 bytes; <c>.</c> and empty components vanish, <c>..</c> is
/// resolved in the text (there are no links, so nothing else could be meant) and may not climb above the root. Names are
/// compared code unit by code unit: letters that only look alike are different names.
/// </summary>
internal static class VfsPath
{
    /// <summary>The longest path, in bytes of UTF-8, before and after it is normalised.</summary>
    public const int MaxBytes = 4096;

    /// <summary>The longest component, in bytes of UTF-8: what file systems under a durable mount can hold.</summary>
    public const int MaxComponentBytes = 255;

    /// <summary>The longest path of a mount. Mounts leave this much room when they rename directories.</summary>
    public const int MaxMountBytes = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Brings a path into its one form: <c>/a/b</c>, without an end slash.</summary>
    /// <param name="path">What the guest wrote.</param>
    /// <param name="normal">The one form.</param>
    /// <param name="directory">Whether it ends in a way that only a directory can: <c>/</c>, <c>.</c> or <c>..</c>.</param>
    public static bool TryNormalise(string path, out string normal, out bool directory)
    {
        normal = "";
        directory = false;
        if (path.Length is 0 or > MaxBytes || path[0] != '/' || path.Contains('\0', StringComparison.Ordinal) || !HasValidLength(path))
        {
            return false;
        }

        var parts = new List<Range>();
        var text = path.AsSpan();
        var end = text[^1] == '/';
        foreach (var range in text.Split('/'))
        {
            switch (text[range])
            {
                case "":
                    continue;
                case ".":
                    end = range.End.Equals(path.Length) || end;
                    continue;
                case "..":
                    if (parts.Count == 0)
                    {
                        return false;
                    }

                    parts.RemoveAt(parts.Count - 1);
                    end = range.End.Equals(path.Length) || end;
                    continue;
                default:
                    if (Utf8Length(text[range]) > MaxComponentBytes)
                    {
                        return false;
                    }

                    parts.Add(range);
                    continue;
            }
        }

        directory = end;
        if (parts.Count == 0)
        {
            return false;
        }

        var builder = new StringBuilder(path.Length);
        foreach (var part in parts)
        {
            builder.Append('/').Append(text[part]);
        }

        normal = builder.Length == path.Length ? path : builder.ToString();
        return true;
    }

    /// <summary>
    /// Puts a path that is relative to a directory behind it. It may not be absolute and may not leave the directory, not even to come back.
    /// </summary>
    public static bool TryJoin(string directory, string relative, out string joined)
    {
        joined = "";
        if (relative.Length is 0 or > MaxBytes || relative[0] == '/')
        {
            return false;
        }

        var depth = 0;
        foreach (var range in relative.AsSpan().Split('/'))
        {
            switch (relative.AsSpan()[range])
            {
                case "" or ".":
                    break;
                case "..":
                    if (--depth < 0)
                    {
                        return false;
                    }

                    break;
                default:
                    depth++;
                    break;
            }
        }

        joined = directory + "/" + relative;
        return true;
    }

    /// <summary>Whether a path, or a component of it, is longer than allowed.</summary>
    public static bool IsTooLong(string path)
    {
        if (Utf8Length(path) > MaxBytes)
        {
            return true;
        }

        foreach (var range in path.AsSpan().Split('/'))
        {
            if (Utf8Length(path.AsSpan()[range]) > MaxComponentBytes)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads UTF-8 strictly.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>Bytes of UTF-8 of text that is known to be well formed.</summary>
    public static int Utf8Length(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>The part before the last slash, or nothing for a single component.</summary>
    public static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "" : path[..slash];
    }

    /// <summary>The part behind the last slash.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Whether <paramref name="path"/> is <paramref name="directory"/> or lies below it, by whole components.</summary>
    public static bool IsWithin(string path, string directory) =>
        path.StartsWith(directory, StringComparison.Ordinal) && (path.Length == directory.Length || directory.Length == 0 || path[directory.Length] == '/');

    /// <summary>The order of names everywhere: bytes of UTF-8 ascending.</summary>
    public static int CompareUtf8(string left, string right)
    {
        // UTF-16 order differs from UTF-8 order only where a surrogate meets a unit above the surrogates.
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i])
            {
                return Rank(left[i]) - Rank(right[i]);
            }
        }

        return left.Length - right.Length;

        static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }

    private static bool HasValidLength(string path)
    {
        try
        {
            return StrictUtf8.GetByteCount(path) <= MaxBytes;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
