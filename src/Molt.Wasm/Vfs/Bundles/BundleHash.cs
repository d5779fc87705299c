using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>Computes <see cref="Bundle.Hash"/>.</summary>
internal static class BundleHash
{
    public static string Of(BundleNode root)
    {
        // Parents before children, so that walking backwards meets children first: a tree of thousands of levels takes no stack.
        var directories = new List<BundleNode> { root };
        for (var i = 0; i < directories.Count; i++)
        {
            foreach (var child in directories[i].Children!.Values)
            {
                if (child.IsDirectory)
                {
                    directories.Add(child);
                }
            }
        }

        var hashes = new Dictionary<BundleNode, byte[]>(ReferenceEqualityComparer.Instance);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        for (var i = directories.Count - 1; i >= 0; i--)
        {
            var entries = new List<(string Name, byte[] Hash, bool IsDirectory)>();
            foreach (var name in directories[i].SortedNames())
            {
                var child = directories[i].Children![name];
                entries.Add((name, child.IsDirectory ? hashes[child] : OfFile(hash, child), child.IsDirectory));
            }

            hash.AppendData("molt-bundle 1 directory\0"u8);
            foreach (var (name, inner, isDirectory) in entries)
            {
                var bytes = Encoding.UTF8.GetBytes(name);
                BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
                hash.AppendData(isDirectory ? "d"u8 : "f"u8);
                hash.AppendData(length);
                hash.AppendData(bytes);
                hash.AppendData(inner);
            }

            hashes[directories[i]] = hash.GetHashAndReset();
        }

        return Convert.ToHexStringLower(hashes[root]);
    }

    private static byte[] OfFile(IncrementalHash hash, BundleNode file)
    {
        hash.AppendData("molt-bundle 1 file\0"u8);
        hash.AppendData(file.Content.Span);
        return hash.GetHashAndReset();
    }
}
