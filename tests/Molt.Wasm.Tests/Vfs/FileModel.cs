using System.Linq;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Tests.Vfs;

/// <summary>The plainest file system there is: a sorted table from path to text, null for a directory.</summary>
internal sealed class FileModel
{
    public SortedDictionary<string, string?> Content { get; } = new(StringComparer.Ordinal);

    public VfsError Write(string path, string text, bool append)
    {
        var error = Parent(path);
        if (error != VfsError.None)
        {
            return error;
        }

        if (Content.TryGetValue(path, out var old) && old is null)
        {
            return VfsError.IsDirectory;
        }

        Content[path] = append ? old + text : text;
        return VfsError.None;
    }

    public VfsError Make(string path)
    {
        var error = Parent(path);
        return error != VfsError.None ? error : Content.TryAdd(path, null) ? VfsError.None : VfsError.AlreadyExists;
    }

    public VfsError Unlink(string path)
    {
        var error = Existing(path);
        if (error != VfsError.None || Content[path] is null)
        {
            return error != VfsError.None ? error : VfsError.IsDirectory;
        }

        Content.Remove(path);
        return VfsError.None;
    }

    public VfsError RemoveDirectory(string path)
    {
        var error = Existing(path);
        if (error != VfsError.None || Content[path] is not null)
        {
            return error != VfsError.None ? error : VfsError.NotDirectory;
        }

        if (Below(path).Count > 0)
        {
            return VfsError.NotEmpty;
        }

        Content.Remove(path);
        return VfsError.None;
    }

    public VfsError Rename(string from, string to)
    {
        var error = Existing(from);
        if (error != VfsError.None)
        {
            return error;
        }

        if (to.StartsWith(from + "/", StringComparison.Ordinal))
        {
            return Content[from] is null ? VfsError.InvalidPath : VfsError.NotDirectory;
        }

        error = Parent(to);
        if (error != VfsError.None || from == to)
        {
            return error;
        }

        if (Content.TryGetValue(to, out var replaced))
        {
            if (replaced is null != Content[from] is null)
            {
                return replaced is null ? VfsError.IsDirectory : VfsError.NotDirectory;
            }

            if (replaced is null && Below(to).Count > 0)
            {
                return VfsError.NotEmpty;
            }
        }

        foreach (var path in Below(from).Append(from))
        {
            Content.Remove(path, out var text);
            Content[to + path[from.Length..]] = text;
        }

        return VfsError.None;
    }

    private List<string> Below(string path) => [.. Content.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal))];

    private VfsError Existing(string path)
    {
        var error = Parent(path);
        return error != VfsError.None ? error : Content.ContainsKey(path) ? VfsError.None : VfsError.NotFound;
    }

    // The first component on the way that is missing or a file says what is wrong.
    private VfsError Parent(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (!Content.TryGetValue(path[..slash], out var text))
            {
                return VfsError.NotFound;
            }

            if (text is not null)
            {
                return VfsError.NotDirectory;
            }
        }

        return VfsError.None;
    }
}
