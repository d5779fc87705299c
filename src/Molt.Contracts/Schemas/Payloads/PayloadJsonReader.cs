using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Turns JSON for people into a payload. It decides types, names and absence; constraints are judged on the payload it has
/// written, by the same validator as everybody's.
/// </summary>
internal sealed class PayloadJsonReader
{
    // Deeper JSON is refused by the limit on containers, with a path.
    private const int DeepestJson = 1000;

    // JSON of a payload at its limit may be this much longer than the payload.
    private const long LongestJsonPerByte = 4;

    private readonly PayloadJsonScalars _scalars;
    private readonly PayloadLimits _limits;
    private PayloadFailure? _failure;
    private int _depth;

    private PayloadJsonReader(bool isLax, in PayloadLimits limits)
    {
        _scalars = new PayloadJsonScalars(isLax, Fail);
        _limits = limits;
    }

    /// <summary>The payload, or null and what is wrong.</summary>
    public static byte[]? Read(PayloadPlan plan, ReadOnlySpan<byte> json, bool isLax, in PayloadLimits limits, out PayloadFault? fault)
    {
        fault = null;
        if (json.Length > limits.MaxBytes * LongestJsonPerByte)
        {
            fault = new PayloadFault(PayloadFaultKind.TooLarge, "$", string.Create(CultureInfo.InvariantCulture, $"the JSON has {json.Length} bytes; the limit is {limits.MaxBytes * LongestJsonPerByte}."));
            return null;
        }

        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output, limits);
        var reader = new PayloadJsonReader(isLax, limits);
        try
        {
            var tokens = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestJson });
            using var document = JsonDocument.ParseValue(ref tokens);
            // Nothing but white space may follow; reading on refuses anything else.
            tokens.Read();
            if (!reader.Value(plan, document.RootElement, ref writer))
            {
                fault = reader._failure!.ToFault();
                return null;
            }
        }
        catch (JsonException error)
        {
            fault = new PayloadFault(PayloadFaultKind.Mistyped, "$", string.Create(
                CultureInfo.InvariantCulture, $"is not JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1})."));
            return null;
        }
        catch (PayloadException error)
        {
            fault = error.Fault;
            return null;
        }

        writer.Flush();
        var check = new PayloadReader(output.WrittenSpan, limits);
        if (PayloadValidator.Check(plan, ref check))
        {
            return output.WrittenSpan.ToArray();
        }

        fault = check.Failure!.ToFault();
        return null;
    }

    /// <summary>Writes any JSON value.</summary>
    /// <exception cref="PayloadException">It holds half a character, a key twice, or a number too large.</exception>
    public static void WriteJson(ref PayloadWriter writer, JsonElement value)
    {
        var reader = new PayloadJsonReader(isLax: false, PayloadLimits.Default);
        if (!reader.Json(value, ref writer))
        {
            throw new PayloadException(reader._failure!.ToFault());
        }
    }

    private bool Value(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        switch (plan.Op)
        {
            case PayloadOp.Json:
                return Json(json, ref writer);
            case PayloadOp.Enum:
                return Enum(plan, json, ref writer);
            case PayloadOp.Optional:
                if (json.ValueKind == JsonValueKind.Null)
                {
                    writer.WriteNil();
                    return true;
                }

                return Value(plan.Item!, json, ref writer);
            case PayloadOp.List:
                return Enter() && List(plan, json, ref writer) && Leave();
            case PayloadOp.Map:
                return Enter() && Map(plan, json, ref writer) && Leave();
            case PayloadOp.Union:
                return Enter() && Union(plan, json, ref writer) && Leave();
            case PayloadOp.Record:
                return Enter() && Record(plan, json, ref writer) && Leave();
            default:
                return _scalars.Write(plan, json, ref writer);
        }
    }

    private bool Enum(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.String || JsonTexts.TextOf(json) is not { } name)
        {
            return Fail(PayloadFaultKind.Mistyped, "must be one of the names of the enum.");
        }

        var index = Array.IndexOf(plan.Names, name);
        if (index < 0)
        {
            return Fail(PayloadFaultKind.Unknown, $"\"{Shortened(name)}\" is not in the enum; {NearestName.Advice(name, plan.Names)}");
        }

        writer.WriteInteger(index);
        return true;
    }

    private bool List(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return Fail(PayloadFaultKind.Mistyped, "must be a list.");
        }

        var count = json.GetArrayLength();
        if (!HasRoom(count))
        {
            return false;
        }

        writer.BeginArray(count);
        var i = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (!Value(plan.Item!, item, ref writer))
            {
                return At(PayloadPath.Index(i));
            }

            i++;
        }

        writer.End();
        return true;
    }

    private bool Map(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (Members(json) is not { } members)
        {
            return false;
        }

        if (plan.Scalar != ScalarKind.String)
        {
            return NumberedEntries(plan, members, ref writer);
        }

        if (!Sort(members))
        {
            return false;
        }

        writer.BeginMap(members.Count);
        foreach (var (name, _, value) in members)
        {
            writer.WriteString(name);
            if (!Value(plan.Item!, value, ref writer))
            {
                return At(PayloadPath.Key(name));
            }
        }

        writer.End();
        return true;
    }

    private bool NumberedEntries(PayloadPlan plan, List<(string Name, byte[] Utf8, JsonElement Value)> members, ref PayloadWriter writer)
    {
        var entries = new SortedDictionary<long, (string Name, JsonElement Value)>();
        foreach (var (name, _, value) in members)
        {
            if (!long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key) || key.ToString(CultureInfo.InvariantCulture) != name)
            {
                return Fail(PayloadFaultKind.Mistyped, $"the key \"{Shortened(name)}\" is not a whole number.");
            }

            if (!entries.TryAdd(key, (name, value)))
            {
                return FailTwice(name);
            }
        }

        writer.BeginMap(entries.Count);
        foreach (var (key, (name, value)) in entries)
        {
            writer.WriteInteger(key);
            if (!Value(plan.Item!, value, ref writer))
            {
                return At(PayloadPath.Key(name));
            }
        }

        writer.End();
        return true;
    }

    private bool Union(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (Members(json) is not { } members)
        {
            return false;
        }

        if (members is not [var (name, _, value)])
        {
            return Fail(PayloadFaultKind.Mistyped, "must be an object with one key, the name of the variant.");
        }

        var index = Array.IndexOf(plan.Names, name);
        if (index < 0)
        {
            return Fail(PayloadFaultKind.Unknown, $"\"{Shortened(name)}\" is no variant; {NearestName.Advice(name, plan.Names)}");
        }

        writer.BeginArray(2);
        writer.WriteInteger(index);
        if (!Value(plan.Variants[index], value, ref writer))
        {
            return At(PayloadPath.Member(name));
        }

        writer.End();
        return true;
    }

    private bool Record(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (Members(json) is not { } members)
        {
            return false;
        }

        var values = new JsonElement?[plan.Fields.Length];
        foreach (var (name, _, value) in members)
        {
            var index = Array.IndexOf(plan.Names, name);
            if (index < 0)
            {
                return Fail(PayloadFaultKind.Unknown, $"has no field \"{Shortened(name)}\"; {NearestName.Advice(name, plan.Names)}");
            }

            if (values[index] is not null)
            {
                return FailTwice(name);
            }

            values[index] = value;
        }

        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!Settle(plan.Fields[i], ref values[i]))
            {
                return At(PayloadPath.Member(plan.Fields[i].Name));
            }

            count = values[i] is null ? count : i + 1;
        }

        writer.BeginArray(count);
        for (var i = 0; i < count; i++)
        {
            if (values[i] is not { } value)
            {
                writer.WriteNil();
            }
            else if (!Value(plan.Fields[i].Value, value, ref writer))
            {
                return At(PayloadPath.Member(plan.Fields[i].Name));
            }
        }

        writer.End();
        return true;
    }

    /// <summary>Makes a field's value null when it is absent: not there, null, or the default.</summary>
    private bool Settle(PayloadFieldPlan field, ref JsonElement? value)
    {
        var isNull = value is null or { ValueKind: JsonValueKind.Null };
        if (!field.IsOptional)
        {
            return value is not null && (!isNull || field.Value.Op == PayloadOp.Json) || Fail(PayloadFaultKind.Missing, "a required field is absent.");
        }

        if (isNull)
        {
            value = null;
        }
        else if (field.Default is { } absent)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new PayloadWriter(output, _limits);
            if (!Value(field.Value, value!.Value, ref writer))
            {
                return false;
            }

            writer.Flush();
            value = output.WrittenSpan.SequenceEqual(absent) ? null : value;
        }

        return true;
    }

    private bool Json(JsonElement json, ref PayloadWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Null:
                writer.WriteNil();
                return true;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBool(json.ValueKind == JsonValueKind.True);
                return true;
            case JsonValueKind.String:
                return _scalars.Text(json, ref writer);
            case JsonValueKind.Number:
                return JsonNumber(json, ref writer);
            case JsonValueKind.Array:
                return Enter() && List(PayloadPlan.JsonList, json, ref writer) && Leave();
            case JsonValueKind.Object:
                return Enter() && Map(PayloadPlan.JsonMap, json, ref writer) && Leave();
            default:
                return Fail(PayloadFaultKind.Mistyped, "must be a JSON value.");
        }
    }

    private bool JsonNumber(JsonElement json, ref PayloadWriter writer)
    {
        var number = json.GetDouble();
        if (!double.IsFinite(number))
        {
            return Fail(PayloadFaultKind.OutOfRange, "the number is larger than a float64 holds.");
        }

        if (double.IsInteger(number) && Math.Abs(number) <= ScalarKinds.SafeInteger)
        {
            writer.WriteInteger((long)number);
        }
        else
        {
            writer.WriteFloat64(number);
        }

        return true;
    }

    /// <summary>The members of an object, in its order.</summary>
    private List<(string Name, byte[] Utf8, JsonElement Value)>? Members(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Fail(PayloadFaultKind.Mistyped, "must be an object.");
            return null;
        }

        var count = json.GetPropertyCount();
        if (!HasRoom(count))
        {
            return null;
        }

        var members = new List<(string, byte[], JsonElement)>(count);
        foreach (var property in json.EnumerateObject())
        {
            if (JsonTexts.NameOf(property) is not { } name)
            {
                Fail(PayloadFaultKind.Mistyped, "a key holds half a character.");
                return null;
            }

            members.Add((name, Encoding.UTF8.GetBytes(name), property.Value));
        }

        return members;
    }

    /// <summary>Sorts by the bytes of the names; false when two are the same.</summary>
    private bool Sort(List<(string Name, byte[] Utf8, JsonElement Value)> members)
    {
        members.Sort((a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        for (var i = 1; i < members.Count; i++)
        {
            if (members[i].Name == members[i - 1].Name)
            {
                return FailTwice(members[i].Name);
            }
        }

        return true;
    }

    private bool HasRoom(int count) =>
        count <= _limits.MaxItems || Fail(PayloadFaultKind.TooLarge, string.Create(CultureInfo.InvariantCulture, $"{count} items; the limit is {_limits.MaxItems}."));

    private bool Enter() =>
        ++_depth <= _limits.MaxDepth || Fail(PayloadFaultKind.TooDeep, string.Create(CultureInfo.InvariantCulture, $"containers are nested deeper than {_limits.MaxDepth}."));

    private bool Leave()
    {
        _depth--;
        return true;
    }

    private bool FailTwice(string name) => Fail(PayloadFaultKind.NonCanonical, $"the key \"{Shortened(name)}\" is written twice.");

    private bool Fail(PayloadFaultKind kind, string message)
    {
        _failure = new PayloadFailure(kind, message);
        return false;
    }

    private bool At(string step)
    {
        _failure!.At(step);
        return false;
    }

    private static string Shortened(string name) => name.Length <= 40 ? name : name[..40] + "…";
}
