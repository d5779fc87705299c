using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Molt.Server.Transport.Interop;

/// <summary><c>struct sockaddr_in</c> and <c>sockaddr_in6</c> to and from <see cref="IPEndPoint"/>.</summary>
internal static class SocketAddressCodec
{
    /// <summary>Room for either form, in bytes.</summary>
    public const int MaxLength = 28;

    private const int InetLength = 16;

    /// <summary>Writes the address and returns its length in bytes.</summary>
    public static int Encode(IPEndPoint endPoint, Span<byte> destination)
    {
        destination.Clear();
        var inet6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        var family = (ushort)(inet6 ? Libc.AddressFamilyInet6 : Libc.AddressFamilyInet);
        MemoryMarshal.Write(destination, family);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)endPoint.Port);
        if (inet6)
        {
            endPoint.Address.TryWriteBytes(destination[8..], out _);
            MemoryMarshal.Write(destination[24..], (uint)endPoint.Address.ScopeId);
            return MaxLength;
        }

        endPoint.Address.TryWriteBytes(destination[4..], out _);
        return InetLength;
    }

    /// <summary>Reads an address the kernel wrote; null when it is of another family.</summary>
    public static IPEndPoint? Decode(ReadOnlySpan<byte> source)
    {
        if (source.Length < InetLength)
        {
            return null;
        }

        var family = MemoryMarshal.Read<ushort>(source);
        var port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        return family switch
        {
            Libc.AddressFamilyInet => new IPEndPoint(new IPAddress(source.Slice(4, 4)), port),
            Libc.AddressFamilyInet6 when source.Length >= MaxLength =>
                new IPEndPoint(new IPAddress(source.Slice(8, 16), MemoryMarshal.Read<uint>(source[24..])), port),
            _ => null,
        };
    }
}
