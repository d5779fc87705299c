using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;

namespace Molt.Wasm.Instances;

/// <summary>
/// The capability calls of one instance: numbers the guest gave become declared operations, with the boundary's own checks.
/// Used by the thread inside the instance's isolate; completions arrive on any.
/// </summary>
internal sealed class CapabilityCalls : ICapabilityCompletions, IDisposable
{
    private static readonly string[] Reasons = ["cancelled", "cpu", "memory", "user", "disconnect", "deadline", "revoked"];

    private readonly PluginInstance _instance;
    private readonly CapabilitySession _caller;
    private readonly CallOutput _output = new(new byte[1024]);
    private readonly int[] _handles;
    private readonly HashSet<int> _pending = [];
    private readonly HashSet<int> _streams = [];
    private readonly Dictionary<int, CallCompletion> _done = [];
    private readonly ConcurrentQueue<CallCompletion> _arrived = new();
    private CallScope _scope;
    private int _next;

    public CapabilityCalls(PluginInstance instance)
    {
        _instance = instance;
        var program = instance.Program;
        _caller = new CapabilitySession(
            program.Manifest.ModuleName, program.Host.Registry, program.Host.Grants, program.Host.Auditor, program.Options.Time, this, program.Host.Report);
        _handles = new int[program.Manifest.Capabilities.Count];
        _scope = new CallScope(0);
    }

    /// <summary>Units left of the call's budget.</summary>
    public long Left => _scope.Left;

    /// <summary>
    /// Whether there is nothing to do before <see cref="PluginInstance.Wake"/>: a completion is going to come, or streams are open and
    /// none has anything to read.
    /// </summary>
    public bool IsWaiting => _arrived.IsEmpty && (_pending.Count > 0 || HasOnlyIdleStreams());

    /// <summary>A call of the plugin begins.</summary>
    public void Begin(CallScope scope) => _scope = scope;

    /// <summary>The call ended: what it left open is cancelled.</summary>
    public void End(string reason)
    {
        if (_next == 0)
        {
            return;
        }

        _scope.Cancel(reason);
        Cancel(_pending, reason);
        Cancel(_streams, reason);
        _done.Clear();
        _arrived.Clear();

        // Numbers go on: a completion that is under way must not be taken for one of the next call's.
    }

    public void Dispose() => _caller.Dispose();

    /// <summary>Takes in what arrived.</summary>
    public void Collect()
    {
        while (_arrived.TryDequeue(out var completion))
        {
            // What was made for an earlier call, or was cancelled, is of no use any more.
            if (ReferenceEquals(completion.Scope, _scope) && _pending.Remove(completion.Number))
            {
                _done[completion.Number] = completion;
            }
        }
    }

    void ICapabilityCompletions.Completed(in CallCompletion completion)
    {
        _arrived.Enqueue(completion with { Payload = completion.Payload.ToArray() });
        _instance.OnEvent();
    }

    void ICapabilityCompletions.Readable(int stream) => _instance.OnEvent();

    public int Call(int capability, int operation, uint pointer, uint length, uint result)
    {
        int status = Prepare(capability, operation, pointer, length, result, out int handle, out var input);
        if (status != 0)
        {
            return status;
        }

        int number = Number();
        var reply = _caller.Call(_scope, number, handle, operation, input, _output, _instance.TimeLeft);
        return Answer(reply, number, result);
    }

    public int OpenStream(int capability, int operation, uint pointer, uint length, uint result)
    {
        int status = Prepare(capability, operation, pointer, length, result, out int handle, out var input);
        if (status != 0)
        {
            return status;
        }

        int number = Number();
        var reply = _caller.OpenStream(_scope, number, handle, operation, input, _instance.TimeLeft);
        if (reply.Status != CapabilityStatus.Ok)
        {
            return Refuse(reply, result);
        }

        _streams.Add(number);
        return Write(result, 0, 0, 0, number);
    }

    public int Read(int stream, uint result)
    {
        int number = Number();
        var reply = _caller.Read(number, stream, _output);
        return reply.IsEnd ? End(stream, result) : Answer(reply, number, result);
    }

    public int Write(int stream, uint pointer, uint length)
    {
        if (!_instance.TryRead(pointer, length, out var item))
        {
            return (int)CapabilityStatus.InvalidInput;
        }

        int number = Number();
        var reply = _caller.Write(number, stream, item);
        if (reply.IsPending)
        {
            _pending.Add(number);
            return -number;
        }

        return (int)reply.Status;
    }

    public int CloseStream(int stream, int reason)
    {
        if (!_streams.Contains(stream))
        {
            return (int)CapabilityStatus.InvalidInput;
        }

        if (reason == 0)
        {
            _caller.Finish(stream);
        }
        else
        {
            _streams.Remove(stream);
            _caller.Cancel(stream, ReasonText(reason));
        }

        return 0;
    }

    /// <summary>The result of a pending call: its payload, or its number again while it is pending.</summary>
    public int Poll(int task, uint result)
    {
        Collect();
        if (_done.Remove(task, out var completion))
        {
            return completion.Reply.Status != CapabilityStatus.Ok
                ? Refuse(completion.Reply, result)
                : completion.Reply.IsEnd ? End(task, result) : Deliver(completion.Payload.Span, result);
        }

        return _pending.Contains(task) || _streams.Contains(task) ? Write(result, 0, 0, 0, task) : (int)CapabilityStatus.InvalidInput;
    }

    public int Cancel(int task, int reason)
    {
        Collect();
        if (_done.Remove(task))
        {
            return 0;
        }

        if (!_pending.Remove(task) && !_streams.Remove(task))
        {
            return (int)CapabilityStatus.InvalidInput;
        }

        _caller.Cancel(task, ReasonText(reason));
        return 0;
    }

    public static string ReasonText(int reason) => (uint)reason < (uint)Reasons.Length ? Reasons[reason] : Reasons[0];

    private void Cancel(HashSet<int> numbers, string reason)
    {
        foreach (int number in numbers)
        {
            _caller.Cancel(number, reason);
        }

        numbers.Clear();
    }

    private bool HasOnlyIdleStreams()
    {
        bool isIdle = false;
        foreach (int stream in _streams)
        {
            switch (_caller.Look(stream))
            {
                case StreamState.Ready:
                    return false;
                case StreamState.Idle:
                    isIdle = true;
                    break;
                default:
                    break;
            }
        }

        return isIdle;
    }

    private int Number() => _next = _next == int.MaxValue ? 1 : _next + 1;

    private int Prepare(int capability, int operation, uint pointer, uint length, uint result, out int handle, out Span<byte> input)
    {
        handle = 0;
        input = default;
        if ((uint)capability >= (uint)_handles.Length || operation < 0 || !_instance.TryRead(result, 16, out _) || !_instance.TryRead(pointer, length, out input))
        {
            return (int)CapabilityStatus.InvalidInput;
        }

        if (length > _instance.Program.Limits.OperationBytes)
        {
            return Refuse(CallReply.Failed(CapabilityStatus.InvalidInput, $"The request is larger than {_instance.Program.Limits.OperationBytes} bytes."), result);
        }

        string id = _instance.Program.Manifest.Capabilities[capability];
        if (!_instance.Declares(id))
        {
            _instance.Program.Audit.Denied(id, null, "the function does not declare it");
            return Refuse(CallReply.Failed(CapabilityStatus.Denied, $"The function does not declare \"{id}\"."), result);
        }

        handle = _handles[capability];
        if (handle == 0)
        {
            int at = id.IndexOf('@', StringComparison.Ordinal);
            var reply = _caller.Open(at < 0 ? id : id[..at], at < 0 ? null : id[(at + 1)..], null, out handle);
            if (reply.Status != CapabilityStatus.Ok)
            {
                return Refuse(reply, result);
            }

            _handles[capability] = handle;
        }

        var operations = _caller.Find(handle)!.Declaration.Operations;
        if (operation < operations.Count && _instance.MustBeDeterministic && operations[operation].Traits.Determinism != CapabilityDeterminism.Strict)
        {
            _instance.Program.Audit.Denied(id, operations[operation], "the function is deterministic");
            return Refuse(CallReply.Failed(CapabilityStatus.Denied, $"{id} {operations[operation].Name} is not strictly deterministic; what calls it has to be."), result);
        }

        return 0;
    }

    private int Answer(in CallReply reply, int number, uint result)
    {
        if (reply.Status != CapabilityStatus.Ok)
        {
            return Refuse(reply, result);
        }

        if (reply.IsPending)
        {
            _pending.Add(number);
            return Write(result, 0, 0, 0, number);
        }

        return Deliver(_output.Written, result);
    }

    private int Refuse(in CallReply reply, uint result)
    {
        if (reply.Message is { Length: > 0 } message)
        {
            Deliver(Encoding.UTF8.GetBytes(message), result);
        }

        return (int)reply.Status;
    }

    /// <summary>No item follows: a result whose schema number says so.</summary>
    private int End(int stream, uint result)
    {
        _streams.Remove(stream);
        return Write(result, 0, 0, uint.MaxValue, 0);
    }

    /// <summary>Puts an answer into memory the guest allocates for it.</summary>
    private int Deliver(ReadOnlySpan<byte> payload, uint result)
    {
        if (payload.Length > _instance.Program.Limits.OperationBytes)
        {
            return (int)CapabilityStatus.EncodeError;
        }

        if (payload.IsEmpty)
        {
            return Write(result, 0, 0, 0, 0);
        }

        uint pointer = _instance.Allocate((uint)payload.Length);
        if (pointer == 0 || !_instance.TryRead(pointer, (uint)payload.Length, out var place))
        {
            return (int)CapabilityStatus.Internal;
        }

        payload.CopyTo(place);
        return Write(result, pointer, (uint)payload.Length, 0, 0);
    }

    private int Write(uint result, uint pointer, uint length, uint schema, int task)
    {
        if (!_instance.TryRead(result, 16, out var place))
        {
            return (int)CapabilityStatus.InvalidInput;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(place, pointer);
        BinaryPrimitives.WriteUInt32LittleEndian(place[4..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(place[8..], schema);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], task);
        return 0;
    }
}
