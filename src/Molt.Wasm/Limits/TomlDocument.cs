using System.Globalization;
using System.Text;

namespace Molt.Wasm.Limits;

/// <summary>A value of a TOML document: a string, a long, a double, a bool, a list or a table of such.</summary>
/// <param name="Value">The value.</param>
/// <param name="Line">Where it stands, from 1.</param>
internal readonly record struct TomlValue(object Value, int Line);

/// <summary>A table of a TOML document.</summary>
internal sealed class TomlTable : Dictionary<string, TomlValue>
{
    public TomlTable()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Whether the table is complete: an inline one takes no more keys.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether a header named it.</summary>
    public bool IsNamed { get; set; }
}

/// <summary>What is wrong with a document.</summary>
internal sealed class TomlException(string message, int line) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>
/// Reads the part of TOML 1.0 that settings need: tables, dotted and quoted keys, strings of one line, integers, floats, booleans,
/// arrays and inline tables. Dates, multi-line strings and arrays of tables are refused with a message that says so.
/// </summary>
internal sealed class TomlDocument
{
    private readonly string _text;
    private int _at;
    private int _line = 1;

    private TomlDocument(string text) => _text = text;

    /// <summary>Reads a document. Throws <see cref="TomlException"/>.</summary>
    public static TomlTable Parse(string text) => new TomlDocument(text.Replace("\r\n", "\n", StringComparison.Ordinal)).Read();

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    private TomlTable Read()
    {
        var root = new TomlTable();
        var table = root;
        while (true)
        {
            SkipBlank(lines: true);
            if (_at >= _text.Length)
            {
                return root;
            }

            if (Next == '[')
            {
                table = Header(root);
            }
            else
            {
                Pair(table);
            }

            SkipBlank(lines: false);
            if (_at < _text.Length && Next != '\n')
            {
                throw Bad("Only one thing may stand on a line.");
            }
        }
    }

    private TomlTable Header(TomlTable root)
    {
        _at++;
        if (Next == '[')
        {
            throw Bad("Arrays of tables ([[…]]) have no use here.");
        }

        var table = root;
        foreach (var part in Key())
        {
            table = Child(table, part);
        }

        Expect(']');
        if (table.IsNamed)
        {
            throw Bad("This table is there twice.");
        }

        table.IsNamed = true;
        return table;
    }

    private void Pair(TomlTable table)
    {
        var key = Key();
        for (int i = 0; i < key.Count - 1; i++)
        {
            table = Child(table, key[i]);
        }

        Expect('=');
        int line = _line;
        var value = Value(0);
        if (!table.TryAdd(key[^1], new TomlValue(value, line)))
        {
            throw Bad($"\"{key[^1]}\" is there twice.");
        }
    }

    private TomlTable Child(TomlTable table, string name)
    {
        if (!table.TryGetValue(name, out var existing))
        {
            var child = new TomlTable();
            table.Add(name, new TomlValue(child, _line));
            return child;
        }

        return existing.Value is TomlTable { IsClosed: false } found ? found : throw Bad($"\"{name}\" is a value already.");
    }

    private List<string> Key()
    {
        var parts = new List<string>();
        do
        {
            if (parts.Count > 0)
            {
                _at++;
            }

            SkipBlank(lines: false);
            parts.Add(Next is '"' or '\'' ? Text() : Bare());
            SkipBlank(lines: false);
        }
        while (Next == '.');
        return parts;
    }

    private string Bare()
    {
        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '_' or '-')
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Bad("A key is expected here; quote it if it has other characters than letters, digits, _ and -.");
    }

    private object Value(int depth)
    {
        SkipBlank(lines: false);
        if (depth > 16)
        {
            throw Bad("Values are nested too deeply.");
        }

        switch (Next)
        {
            case '"' or '\'':
                return Text();
            case '[':
                return List(depth);
            case '{':
                return Inline(depth);
        }

        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '_' or '-' or '+' or '.' or ':')
        {
            _at++;
        }

        string word = _text[start.._at];
        string digits = word.Replace("_", "", StringComparison.Ordinal);
        return word switch
        {
            "true" => true,
            "false" => false,
            _ when long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
            _ when double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => number,
            _ => throw Bad(word.Length == 0 ? "A value is expected here." : $"\"{word}\" is no value; quote it if it is text."),
        };
    }

    private List<TomlValue> List(int depth)
    {
        _at++;
        var items = new List<TomlValue>();
        while (true)
        {
            SkipBlank(lines: true);
            if (Next == ']')
            {
                _at++;
                return items;
            }

            items.Add(new TomlValue(Value(depth + 1), _line));
            SkipBlank(lines: true);
            if (Next == ',')
            {
                _at++;
            }
            else if (Next != ']')
            {
                throw Bad("A list goes on with \",\" or ends with \"]\".");
            }
        }
    }

    private TomlTable Inline(int depth)
    {
        _at++;
        var table = new TomlTable { IsClosed = true };
        SkipBlank(lines: false);
        while (Next != '}')
        {
            if (depth > 16)
            {
                throw Bad("Values are nested too deeply.");
            }

            var key = Key();
            if (key.Count != 1)
            {
                throw Bad("Dotted keys in inline tables have no use here.");
            }

            Expect('=');
            if (!table.TryAdd(key[0], new TomlValue(Value(depth + 1), _line)))
            {
                throw Bad($"\"{key[0]}\" is there twice.");
            }

            SkipBlank(lines: false);
            if (Next == ',')
            {
                _at++;
                SkipBlank(lines: false);
            }
            else if (Next != '}')
            {
                throw Bad("An inline table goes on with \",\" or ends with \"}\".");
            }
        }

        _at++;
        return table;
    }

    private string Text()
    {
        char quote = Next;
        _at++;
        if (Next == quote && _at + 1 < _text.Length && _text[_at + 1] == quote)
        {
            throw Bad("Multi-line strings have no use here.");
        }

        var text = new StringBuilder();
        while (Next != quote)
        {
            char c = Next;
            if (c is '\n' or '\0')
            {
                throw Bad("A string is not closed on its line.");
            }

            _at++;
            text.Append(c == '\\' && quote == '"' ? Escape() : c);
        }

        _at++;
        return text.ToString();
    }

    private char Escape()
    {
        char c = Next;
        _at++;
        switch (c)
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case '"' or '\\':
                return c;
            case 'u' when _at + 4 <= _text.Length && ushort.TryParse(_text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit):
                _at += 4;
                return (char)unit;
            default:
                throw Bad("There is no such escape.");
        }
    }

    private void Expect(char wanted)
    {
        SkipBlank(lines: false);
        if (Next != wanted)
        {
            throw Bad($"\"{wanted}\" is expected here.");
        }

        _at++;
    }

    private void SkipBlank(bool lines)
    {
        while (_at < _text.Length)
        {
            if (Next == '#')
            {
                while (_at < _text.Length && Next != '\n')
                {
                    _at++;
                }
            }
            else if (Next == '\n' && lines)
            {
                _line++;
                _at++;
            }
            else if (Next is ' ' or '\t' or '\r')
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private TomlException Bad(string message) => new(message, _line);
}
