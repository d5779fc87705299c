using System.Buffers;
using System.Text;
using System.Text.Json;
using Molt.Contracts.Capabilities;
using Molt.Engine;

namespace Molt.Runtime.Boundary;

/// <summary>
/// The bytes carrier for JavaScript: a payload is a value of the operation's schema as bytes. The functions the guest's
/// <c>molt:ffi</c> is made of.
/// <para>
/// One buffer per isolate lies between guest and host: its first half holds what the guest sends, its second half what it gets.
/// Larger requests come as a view of their own, larger answers go back as one. The guest never sees the buffer itself.
/// </para>
/// </summary>
internal static class BytesCarrier
{
    /// <summary>Bytes in each direction that go through the buffer.</summary>
    public const int Half = 16 << 10;

    // What a function returns when the answer is not there: below are the statuses, negative.
    private const int PendingResult = -8;
    private const int EndResult = -9;

    public static readonly IReadOnlyList<JsHostFunction> Functions =
    [
        new("capabilityBuffer", 0, Buffer),
        new("capabilityOpen", 3, Open),
        new("capabilityCall", 7, Call),
        new("capabilityStream", 6, OpenStream),
        new("capabilityRead", 2, Read),
        new("capabilityWrite", 4, Write),
        new("capabilityFinish", 1, Finish),
        new("capabilityCancel", 2, Cancel),
        new("capabilityFault", 0, Fault),
    ];

    private static GuestCapabilities Of(ref JsCall call) => ((WorkerIsolate)call.Isolate.Tag!).Capabilities;

    // capabilityBuffer(): Uint8Array
    private static void Buffer(ref JsCall call) => call.Return(JsArg.Adopt(Of(ref call).Buffer));

    // capabilityOpen(id: string, version: string | undefined, package: string | undefined): string
    private static void Open(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        var id = HostFunctions.Text(ref call, 0);
        var reply = isolate.Capabilities.Session.Open(id, OptionalText(ref call, 1), OptionalText(ref call, 2), out var handle);
        if (reply.Status != CapabilityStatus.Ok)
        {
            isolate.ThrowCapability(ref call, reply.Status, id, "", reply.Message!);
            return;
        }

        call.Return(Describe(handle, isolate.Capabilities.Session.Find(handle)!));
    }

    // capabilityCall(event, number, handle, operation, length, bytes: Uint8Array | undefined, timeout: ms): number | Uint8Array
    private static void Call(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        if (isolate.Event(call.Int32(0)) is not { } owner)
        {
            return;
        }

        var guest = isolate.Capabilities;
        var reply = guest.Session.Call(guest.ScopeOf(owner), call.Int32(1), call.Int32(2), call.Int32(3), Payload(guest, ref call, 4), guest.Output, Timeout(ref call, 6));
        Return(isolate, guest, ref call, reply);
    }

    // capabilityStream(event, number, handle, operation, length, bytes): number
    private static void OpenStream(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        if (isolate.Event(call.Int32(0)) is not { } owner)
        {
            return;
        }

        var guest = isolate.Capabilities;
        guest.Output.Clear();
        var reply = guest.Session.OpenStream(guest.ScopeOf(owner), call.Int32(1), call.Int32(2), call.Int32(3), Payload(guest, ref call, 4));
        Return(isolate, guest, ref call, reply);
    }

    // capabilityRead(number, stream): number | Uint8Array
    private static void Read(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        var guest = isolate.Capabilities;
        guest.Output.Clear();
        Return(isolate, guest, ref call, guest.Session.Read(call.Int32(0), call.Int32(1), guest.Output));
    }

    // capabilityWrite(number, stream, length, bytes): number
    private static void Write(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        var guest = isolate.Capabilities;
        guest.Output.Clear();
        Return(isolate, guest, ref call, guest.Session.Write(call.Int32(0), call.Int32(1), Payload(guest, ref call, 2)));
    }

    // capabilityFinish(stream): void
    private static void Finish(ref JsCall call) => Of(ref call).Session.Finish(call.Int32(0));

    // capabilityCancel(number, reason: string): void
    private static void Cancel(ref JsCall call) => Of(ref call).Session.Cancel(call.Int32(0), HostFunctions.Text(ref call, 1));

    private static string? OptionalText(ref JsCall call, int index) => call.IsUndefined(index) ? null : HostFunctions.Text(ref call, index);

    // capabilityFault(): string, the message of the status returned last
    private static void Fault(ref JsCall call) => call.Return(Of(ref call).Fault);

    private static ReadOnlySpan<byte> Payload(GuestCapabilities guest, ref JsCall call, int index) =>
        call.IsUndefined(index + 1) ? guest.Input(call.Int32(index)) : call.Bytes(index + 1);

    private static TimeSpan? Timeout(ref JsCall call, int index) =>
        call.IsUndefined(index) ? null : TimeSpan.FromMilliseconds(Math.Clamp(call.Number(index), 0, int.MaxValue));

    private static void Return(WorkerIsolate isolate, GuestCapabilities guest, ref JsCall call, in CallReply reply)
    {
        if (reply.IsPending)
        {
            isolate.BeginOperation();
            call.Return(PendingResult);
        }
        else if (reply.Status != CapabilityStatus.Ok)
        {
            guest.Fault = reply.Message ?? "";
            call.Return(-(int)reply.Status);
        }
        else if (reply.IsEnd)
        {
            call.Return(EndResult);
        }
        else if (guest.Output.IsLent)
        {
            call.Return(guest.Output.Length);
        }
        else
        {
            call.Return(JsArg.Bytes(guest.Output.WrittenMemory));
        }
    }

    /// <summary>What the guest builds its handle and its typed stubs of.</summary>
    private static string Describe(int handle, Capability capability)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("handle", handle);
            json.WriteString("id", capability.Declaration.Id);
            json.WriteString("version", capability.Declaration.Version.ToString());
            json.WriteStartArray("operations");
            for (var i = 0; i < capability.Declaration.Operations.Count; i++)
            {
                var operation = capability.Declaration.Operations[i];
                json.WriteStartObject();
                json.WriteString("name", operation.Name);
                json.WriteBoolean("immediate", capability.IsImmediate(i));
                json.WriteNumber("streams", (int)operation.Streams);
                json.WritePropertyName("input");
                json.WriteRawValue(operation.Input.Canonical(), skipInputValidation: true);
                json.WritePropertyName("output");
                json.WriteRawValue(operation.Output.Canonical(), skipInputValidation: true);
                if (operation.Item is { } item)
                {
                    json.WritePropertyName("item");
                    json.WriteRawValue(item.Canonical(), skipInputValidation: true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
