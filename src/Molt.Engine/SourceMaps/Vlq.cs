using System.Text;

namespace Molt.Engine;

/// <summary>Base64 variable-length quantities (ECMA-426): five bits a digit, lowest first, the sign in the lowest bit.</summary>
internal static class Vlq
{
    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const int Continuation = 32;

    public static int Decode(string text, ref int position)
    {
        long result = 0;
        int shift = 0;
        int digit;
        do
        {
            digit = position < text.Length ? ValueOf(text[position++]) : -1;
            if (digit < 0 || shift > 30)
            {
                throw new FormatException("The source map's mappings are not base64 VLQ.");
            }
            result |= (long)(digit & (Continuation - 1)) << shift;
            shift += 5;
        }
        while ((digit & Continuation) != 0);
        long magnitude = result >> 1;
        return checked((int)((result & 1) != 0 ? -magnitude : magnitude));
    }

    public static void Encode(int value, StringBuilder output)
    {
        long rest = value < 0 ? (-(long)value << 1) | 1 : (long)value << 1;
        do
        {
            int digit = (int)(rest & (Continuation - 1));
            rest >>= 5;
            output.Append(Digits[rest > 0 ? digit | Continuation : digit]);
        }
        while (rest > 0);
    }

    private static int ValueOf(char digit) => digit switch
    {
        >= 'A' and <= 'Z' => digit - 'A',
        >= 'a' and <= 'z' => digit - 'a' + 26,
        >= '0' and <= '9' => digit - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
