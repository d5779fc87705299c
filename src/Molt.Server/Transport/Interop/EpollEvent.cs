using System.Runtime.InteropServices;

namespace Molt.Server.Transport.Interop;

/// <summary><c>struct epoll_event</c> as it is laid out on x86-64, where it is packed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct EpollEvent
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint PeerFinished = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public uint Events;
    public ulong Data;
}
