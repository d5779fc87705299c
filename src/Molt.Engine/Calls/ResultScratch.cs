using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// Where the text or bytes of a host call's result stand while native code reads them, right after the callback returned.
/// One block per thread; what outgrew <see cref="KeptBytes"/> is given back at the end of the scope.
/// </summary>
internal static unsafe class ResultScratch
{
    private const int KeptBytes = 64 * 1024;

    [ThreadStatic]
    private static Block? t_block;

    public static void Write(JsIsolate isolate, in JsArg value, Slot* result)
    {
        if (value.NeedsPin)
        {
            var source = value.Pinned;
            byte* copy = (t_block ??= new Block()).Reserve(source.Length);
            source.CopyTo(new Span<byte>(copy, source.Length));
            value.Write(out *result, copy);
            return;
        }
        value.Write(out *result, null);
        if (result->Kind == SlotKind.Handle)
        {
            isolate.Borrow(value);
        }
    }

    public static void Trim() => t_block?.Trim();

    private sealed class Block
    {
        private byte* _data;
        private int _capacity;

#pragma warning disable MA0055 // The owner is a thread, and its end runs nothing else.
        ~Block() => NativeMemory.Free(_data);
#pragma warning restore MA0055

        public byte* Reserve(int length)
        {
            if (length > _capacity)
            {
                int capacity = Math.Max(length, 4096);
                NativeMemory.Free(_data);
                _data = null;
                _data = (byte*)NativeMemory.Alloc((nuint)capacity);
                _capacity = capacity;
            }
            return _data;
        }

        public void Trim()
        {
            if (_capacity > KeptBytes)
            {
                NativeMemory.Free(_data);
                _data = null;
                _capacity = 0;
            }
        }
    }
}
