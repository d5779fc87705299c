using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Molt.Contracts.Schemas;

/// <summary>
/// The regular expressions of the schema language: what .NET, JavaScript and Python all can, with one meaning. They work on
/// code points; <c>\d \w \s</c> are ASCII; <c>.</c> is anything but \n, \r, U+2028 and U+2029; <c>$</c> is the end of the text.
/// A pattern is translated to .NET's syntax, where it runs without backtracking, in time linear in the text.
/// </summary>
internal sealed class SchemaPattern
{
    private const int LongestPattern = 1000;
    private const int MostRepetitions = 1000;
    private const int DeepestGroup = 50;
    private const string Punctuation = "^$\\.*+?()[]{}|/-!\"#%&',:;<=>@_`~ ";

    private readonly string _pattern;
    private readonly StringBuilder _out = new();
    private int _position;
    private int _depth;

    private SchemaPattern(string pattern) => _pattern = pattern;

    /// <summary>The compiled pattern, or what is wrong with it.</summary>
    public static Regex? TryCompile(string pattern, out string fault)
    {
        if (pattern.Length > LongestPattern)
        {
            fault = string.Create(CultureInfo.InvariantCulture, $"the pattern has {pattern.Length} characters; at most {LongestPattern} are allowed.");
            return null;
        }

        var parser = new SchemaPattern(pattern);
        try
        {
            parser.Alternatives();
            if (parser._position < pattern.Length)
            {
                throw parser.Error("a ) without its (");
            }

            fault = "";
            return new Regex(parser._out.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (FormatException error)
        {
            fault = error.Message;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            fault = "the pattern is too large; use smaller repetition counts.";
        }

        return null;
    }

    private FormatException Error(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the pattern has {what} at character {_position + 1}; patterns are literals, . ^ $ ( ) (?: ) | [ ], * + ? {{m,n}}, \\d \\w \\s \\D \\W \\S, \\uXXXX and escaped punctuation."));

    private void Alternatives()
    {
        while (true)
        {
            Sequence();
            if (_position == _pattern.Length || _pattern[_position] != '|')
            {
                return;
            }

            _position++;
            _out.Append('|');
        }
    }

    private void Sequence()
    {
        while (_position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
        {
            if (Term())
            {
                Quantifier();
            }
        }
    }

    /// <summary>Reads one term; false when it takes no quantifier.</summary>
    private bool Term()
    {
        var c = _pattern[_position];
        switch (c)
        {
            case '^':
                _position++;
                _out.Append('^');
                return false;
            case '$':
                _position++;
                _out.Append("\\z");
                return false;
            case '(':
                Group();
                return true;
            case '[':
                _position++;
                Class().AppendTo(_out);
                return true;
            case '.':
                _position++;
                CodePointSet.LineTerminators.Complement().AppendTo(_out);
                return true;
            case '\\':
                Escape().AppendTo(_out);
                return true;
            case '*' or '+' or '?' or '{' or '}' or ']':
                throw Error($"an unexpected {c}");
            default:
                CodePointSet.Of(CodePoint()).AppendTo(_out);
                return true;
        }
    }

    private void Group()
    {
        _position++;
        if (_position < _pattern.Length && _pattern[_position] == '?')
        {
            if (string.CompareOrdinal(_pattern, _position, "?:", 0, 2) != 0)
            {
                throw Error("a group that is neither ( ) nor (?: )");
            }

            _position += 2;
        }

        if (++_depth > DeepestGroup)
        {
            throw Error("too many groups in each other");
        }

        _out.Append("(?:");
        Alternatives();
        if (_position == _pattern.Length)
        {
            throw Error("a ( without its )");
        }

        _position++;
        _depth--;
        _out.Append(')');
    }

    private void Quantifier()
    {
        if (_position == _pattern.Length)
        {
            return;
        }

        switch (_pattern[_position])
        {
            case '*' or '+' or '?':
                _out.Append(_pattern[_position++]);
                break;
            case '{':
                Repetition();
                break;
            default:
                return;
        }

        if (_position < _pattern.Length && _pattern[_position] == '?')
        {
            _position++;
            _out.Append('?');
        }
    }

    private void Repetition()
    {
        _position++;
        var least = Count();
        int? most = least;
        if (_position < _pattern.Length && _pattern[_position] == ',')
        {
            _position++;
            most = _position < _pattern.Length && _pattern[_position] == '}' ? null : Count();
        }

        if (_position == _pattern.Length || _pattern[_position] != '}')
        {
            throw Error("a repetition that is not {m}, {m,} or {m,n}");
        }

        if (most < least)
        {
            throw Error("a repetition whose second number is smaller than the first");
        }

        _position++;
        _out.Append(CultureInfo.InvariantCulture, $"{{{least}");
        if (most != least)
        {
            _out.Append(',').Append(most?.ToString(CultureInfo.InvariantCulture));
        }

        _out.Append('}');
    }

    private int Count()
    {
        var start = _position;
        while (_position < _pattern.Length && char.IsAsciiDigit(_pattern[_position]))
        {
            _position++;
        }

        if (!int.TryParse(_pattern.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MostRepetitions)
        {
            throw Error($"a repetition count that is no number up to {MostRepetitions.ToString(CultureInfo.InvariantCulture)}");
        }

        return count;
    }

    private CodePointSet Class()
    {
        var negated = _position < _pattern.Length && _pattern[_position] == '^';
        if (negated)
        {
            _position++;
        }

        var set = new CodePointSet();
        while (true)
        {
            if (_position == _pattern.Length)
            {
                throw Error("a [ without its ]");
            }

            if (_pattern[_position] == ']')
            {
                _position++;
                break;
            }

            ClassRange(set);
        }

        if (set.IsEmpty)
        {
            throw Error("an empty class");
        }

        return negated ? set.Complement() : set;
    }

    private void ClassRange(CodePointSet set)
    {
        var first = ClassAtom(out var low);
        var isRange = _position + 1 < _pattern.Length && _pattern[_position] == '-' && _pattern[_position + 1] != ']';
        if (!isRange)
        {
            set.Add(first);
            return;
        }

        _position++;
        ClassAtom(out var high);
        if (low < 0 || high < low)
        {
            throw Error("a range in [ ] that does not go from a lower to a higher character");
        }

        set.Add(low, high);
    }

    private CodePointSet ClassAtom(out int single)
    {
        if (_pattern[_position] == '\\')
        {
            var set = Escape();
            single = set.Single;
            return set;
        }

        if (_pattern[_position] == '[')
        {
            throw Error("a [ inside [ ] that is not escaped");
        }

        single = CodePoint();
        return CodePointSet.Of(single);
    }

    private CodePointSet Escape()
    {
        _position++;
        if (_position == _pattern.Length)
        {
            throw Error("a \\ at its end");
        }

        var c = _pattern[_position++];
        switch (c)
        {
            case 'd':
                return CodePointSet.Digits;
            case 'D':
                return CodePointSet.Digits.Complement();
            case 'w':
                return CodePointSet.WordCharacters;
            case 'W':
                return CodePointSet.WordCharacters.Complement();
            case 's':
                return CodePointSet.Spaces;
            case 'S':
                return CodePointSet.Spaces.Complement();
            case 't':
                return CodePointSet.Of('\t');
            case 'n':
                return CodePointSet.Of('\n');
            case 'r':
                return CodePointSet.Of('\r');
            case 'f':
                return CodePointSet.Of('\f');
            case 'v':
                return CodePointSet.Of('\v');
            case 'u':
                return Unicode();
            default:
                _position--;
                return Punctuation.Contains(c, StringComparison.Ordinal) ? CodePointSet.Of(CodePoint()) : throw Error($"the unknown escape \\{c}");
        }
    }

    private CodePointSet Unicode()
    {
        if (_position + 4 > _pattern.Length || !ushort.TryParse(_pattern.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            throw Error("a \\u without four hexadecimal digits");
        }

        if (char.IsSurrogate((char)unit))
        {
            throw Error("half a character as \\u; write the character itself");
        }

        _position += 4;
        return CodePointSet.Of(unit);
    }

    private int CodePoint()
    {
        if (Rune.TryGetRuneAt(_pattern, _position, out var rune))
        {
            _position += rune.Utf16SequenceLength;
            return rune.Value;
        }

        throw Error("half a character");
    }
}
