namespace Molt.Engine;

/// <summary>
/// How many arguments a host function takes and of which kinds, made ready for <see cref="JsCall.Matches"/>: checking a call
/// allocates nothing.
/// </summary>
public sealed class JsSignature
{
    private const int Any = -1;
    private const int Absent = (1 << (int)SlotKind.Undefined) | (1 << (int)SlotKind.Null);

    private readonly int[] _masks;

    private JsSignature(int[] masks) => _masks = masks;

    /// <summary>How many arguments there are.</summary>
    public int Count => _masks.Length;

    internal ReadOnlySpan<int> Masks => _masks;

    /// <summary>
    /// Reads a signature: one letter per argument, <c>n</c> number, <c>b</c> boolean, <c>s</c> string, <c>y</c> bytes, <c>i</c>
    /// BigInt, <c>a</c> anything; <c>(sy)</c> one of these; a <c>?</c> behind it lets undefined and null pass.
    /// </summary>
    public static JsSignature Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var masks = new List<int>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '?' when masks.Count > 0:
                    masks[^1] |= Absent;
                    break;
                case '(' when text.IndexOf(')', at) is > 0 and var end:
                    var mask = 0;
                    for (at++; at < end; at++)
                    {
                        mask |= Mask(text[at]);
                    }

                    masks.Add(mask);
                    break;
                default:
                    masks.Add(Mask(text[at]));
                    break;
            }
        }

        return new JsSignature([.. masks]);
    }

    private static int Mask(char letter) => letter switch
    {
        'n' => (1 << (int)SlotKind.Int32) | (1 << (int)SlotKind.Number),
        'b' => 1 << (int)SlotKind.Bool,
        's' => 1 << (int)SlotKind.String,
        'y' => 1 << (int)SlotKind.Bytes,
        'i' => 1 << (int)SlotKind.BigInt,
        'a' => Any,
        _ => throw new ArgumentException($"'{letter}' is no kind of argument: n, b, s, y, i and a are.", nameof(letter)),
    };
}
