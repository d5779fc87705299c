using Microsoft.Win32.SafeHandles;

namespace Molt.Server.Transport.Interop;

/// <summary>A file descriptor of the kernel, closed exactly once.</summary>
internal sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    public FileDescriptor(int descriptor)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
    }

    /// <summary>The raw number. Whoever uses it makes sure that nothing closes the descriptor meanwhile.</summary>
    public int Raw => (int)handle;

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
