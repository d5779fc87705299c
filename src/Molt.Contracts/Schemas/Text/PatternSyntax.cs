using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>
/// The regular expressions of the schema language: what .NET, JavaScript and Python all can, with one meaning. They work on
/// code points; <c>\d \w \s</c> are ASCII; <c>.</c> is anything but \n, \r, U+2028 and U+2029; <c>$</c> is the end of the text.
/// A pattern is translated to .NET's syntax. The source generator is built of this file too, for compilers: it keeps to what
/// .NET Standard 2.0 has.
/// </summary>
internal sealed class PatternSyntax
{
    private const int LongestPattern = 1000;
    private const int MostRepetitions = 1000;
    private const int DeepestGroup = 50;

    private static readonly HashSet<char> Punctuation = [.. "^$\\.*+?()[]{}|/-!\"#%&',:;<=>@_`~ "];

    private readonly string _pattern;
    private readonly StringBuilder _out = new();
    private int _position;
    private int _depth;

    private PatternSyntax(string pattern) => _pattern = pattern;

    /// <summary>The pattern in .NET's syntax; null, and what is wrong with it, when it is no pattern.</summary>
    public static string? TryTranslate(string pattern, out string fault)
    {
        fault = "";
        if (pattern.Length > LongestPattern)
        {
            fault = $"the pattern has {Text(pattern.Length)} characters; at most {Text(LongestPattern)} are allowed.";
            return null;
        }

        var parser = new PatternSyntax(pattern);
        try
        {
            parser.Alternatives();
            return parser._position == pattern.Length ? parser._out.ToString() : throw parser.Error("a ) without its (");
        }
        catch (FormatException error)
        {
            fault = error.Message;
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private FormatException Error(string what) =>
        new($"the pattern has {what} at character {Text(_position + 1)}; patterns are literals, . ^ $ ( ) (?: ) | [ ], * + ? {{m,n}}, \\d \\w \\s \\D \\W \\S, \\uXXXX and escaped punctuation.");

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
        _out.Append('{').Append(Text(least));
        if (most != least)
        {
            _out.Append(',').Append(most is { } limit ? Text(limit) : "");
        }

        _out.Append('}');
    }

    private int Count()
    {
        var start = _position;
        var count = 0;
        while (_position < _pattern.Length && _pattern[_position] is >= '0' and <= '9')
        {
            count = Math.Min((count * 10) + (_pattern[_position] - '0'), MostRepetitions + 1);
            _position++;
        }

        return _position > start && count <= MostRepetitions ? count : throw Error($"a repetition count that is no number up to {Text(MostRepetitions)}");
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
                return Punctuation.Contains(c) ? CodePointSet.Of(CodePoint()) : throw Error($"the unknown escape \\{c}");
        }
    }

    private CodePointSet Unicode()
    {
        var unit = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = _position + i < _pattern.Length ? HexDigit(_pattern[_position + i]) : -1;
            unit = digit < 0 ? throw Error("a \\u without four hexadecimal digits") : (unit * 16) + digit;
        }

        if (char.IsSurrogate((char)unit))
        {
            throw Error("half a character as \\u; write the character itself");
        }

        _position += 4;
        return CodePointSet.Of(unit);
    }

    private static int HexDigit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };

    private int CodePoint()
    {
        if (char.IsSurrogatePair(_pattern, _position))
        {
            _position += 2;
            return char.ConvertToUtf32(_pattern[_position - 2], _pattern[_position - 1]);
        }

        return char.IsSurrogate(_pattern[_position]) ? throw Error("half a character") : _pattern[_position++];
    }
}
