namespace Molt.Engine;

/// <summary>
/// Import attributes (ECMA-262 16.2.1.10): only `type` is known, and the module must be of that type. Without the attribute
/// a loader may still answer with any kind, as Workers' module rules ask.
/// </summary>
internal static class ModuleAttributes
{
    public const string Type = "type";

    public static void Validate(JsContext context, JsModuleRequest request)
    {
        foreach (var (key, value) in request.Attributes)
        {
            if (!string.Equals(key, Type, StringComparison.Ordinal))
            {
                throw context.MakeException(JsErrorKind.SyntaxError, $"Import attribute \"{key}\" is not supported");
            }
            if (KindOf(value) is null)
            {
                throw context.MakeException(JsErrorKind.TypeError, $"Import attribute type \"{value}\" is not supported");
            }
        }
    }

    public static void Check(JsContext context, JsModuleRequest request, JsModuleKind kind)
    {
        if (request.Attributes.TryGetValue(Type, out string? type) && KindOf(type) != kind)
        {
            throw context.MakeException(JsErrorKind.TypeError, $"Module \"{request.Specifier}\" is not of type \"{type}\"");
        }
    }

    private static JsModuleKind? KindOf(string type) => type switch
    {
        "json" => JsModuleKind.Json,
        "text" => JsModuleKind.Text,
        "bytes" => JsModuleKind.Bytes,
        _ => null,
    };
}
