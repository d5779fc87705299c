using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>A native object that is released once nobody uses it any more; null is none.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(nint pointer)
        : base(0, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == 0;
}
