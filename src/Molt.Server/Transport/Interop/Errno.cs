namespace Molt.Server.Transport.Interop;

/// <summary>The Linux error numbers that the transport tells apart.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int OutOfMemory = 12;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int AddressInUse = 98;
    public const int NoBuffers = 105;
}
