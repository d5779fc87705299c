using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Molt.Architecture.Tests;

/// <summary>
/// The public surface of an assembly as text: one line per type, one per member below it, sorted. Protected members of types
/// that others may derive from belong to it; what the compiler adds to records does not.
/// </summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var types = new List<Type>(assembly.GetExportedTypes());
        types.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        var text = new StringBuilder();
        foreach (var type in types)
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (var member in Members(type))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Declaration(Type type)
    {
        var name = type.Namespace + "." + Name(type);
        if (type.IsEnum)
        {
            return "enum " + name;
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {Name(invoke.ReturnType)} {name}({Parameters(invoke)})";
        }

        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsByRefLike ? "ref struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Add(Name(parent));
        }

        foreach (var contract in type.GetInterfaces())
        {
            if (contract.IsPublic && !(contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            {
                bases.Add(Name(contract));
            }
        }

        bases.Sort(StringComparer.Ordinal);
        return bases.Count == 0 ? $"{kind} {name}" : $"{kind} {name} : {string.Join(", ", bases)}";
    }

    private static List<string> Members(Type type)
    {
        var members = new List<string>();
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                members.Add($"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
            }

            return members;
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return members;
        }

        foreach (var field in type.GetFields(Declared))
        {
            if (IsVisible(field.IsPublic, field.IsFamily || field.IsFamilyOrAssembly))
            {
                var kind = field.IsLiteral ? "const " : field.IsStatic ? "static " : "";
                members.Add($"{kind}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? " = " + field.GetRawConstantValue() : "")}");
            }
        }

        foreach (var property in type.GetProperties(Declared))
        {
            if (Accessors(property) is { Length: > 0 } accessors)
            {
                var accessor = property.GetMethod ?? property.SetMethod!;
                var index = property.GetIndexParameters().Length > 0 ? $"[{Parameters(property.GetIndexParameters())}]" : "";
                members.Add($"{Modifiers(accessor)}{Name(property.PropertyType)} {property.Name}{index} {{ {accessors}}}");
            }
        }

        foreach (var happening in type.GetEvents(Declared))
        {
            if (happening.AddMethod is { IsPublic: true } add)
            {
                members.Add($"{Modifiers(add)}event {Name(happening.EventHandlerType!)} {happening.Name}");
            }
        }

        foreach (var constructor in type.GetConstructors(Declared))
        {
            if (!constructor.IsStatic && IsVisible(constructor))
            {
                members.Add($"{Modifiers(constructor)}{Simple(type)}({Parameters(constructor)})");
            }
        }

        foreach (var method in type.GetMethods(Declared))
        {
            if (IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !IsOfTheCompiler(method))
            {
                members.Add($"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{GenericArguments(method)}({Parameters(method)})");
            }
        }

        members.Sort(StringComparer.Ordinal);
        return members;
    }

    private static string Accessors(PropertyInfo property)
    {
        var text = "";
        if (property.GetMethod is { } get && IsVisible(get) && property.Name != "EqualityContract")
        {
            text += "get; ";
        }

        if (property.SetMethod is { } set && IsVisible(set))
        {
            var init = Array.IndexOf(set.ReturnParameter.GetRequiredCustomModifiers(), typeof(IsExternalInit)) >= 0;
            text += init ? "init; " : "set; ";
        }

        return text;
    }

    private static bool IsOfTheCompiler(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static bool IsVisible(MethodBase method) => IsVisible(method.IsPublic, (method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsVisible(bool isPublic, bool isProtected) => isPublic || isProtected;

    private static string Modifiers(MethodBase method)
    {
        var text = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
        {
            return text + "static ";
        }

        if (method.DeclaringType!.IsInterface)
        {
            return method.IsAbstract ? text : text + "default ";
        }

        if (method.IsAbstract)
        {
            return text + "abstract ";
        }

        var overrides = method is MethodInfo info && info.GetBaseDefinition() != info;
        return overrides ? text + "override " : method.IsVirtual && !method.IsFinal ? text + "virtual " : text;
    }

    private static string Parameters(MethodBase method) => Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", Array.ConvertAll(parameters, parameter =>
    {
        var type = parameter.ParameterType;
        var prefix = "";
        if (type.IsByRef)
        {
            prefix = parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
            type = type.GetElementType()!;
        }
        else if (parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) || parameter.IsDefined(typeof(ParamCollectionAttribute), inherit: false))
        {
            prefix = "params ";
        }

        return prefix + Name(type) + " " + parameter.Name + (parameter.HasDefaultValue ? " = " + Default(parameter) : "");
    }));

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType ? "default" : "null",
        string text => $"\"{text}\"",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string GenericArguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", Array.ConvertAll(method.GetGenericArguments(), Name))}>" : "";

    private static string Simple(Type type)
    {
        var tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? type.Name : type.Name[..tick];
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsPointer)
        {
            return Name(type.GetElementType()!) + "*";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        var outer = type is { IsNested: true, IsGenericParameter: false } ? Name(type.DeclaringType!) + "." : "";
        return type.IsGenericType
            ? $"{outer}{Simple(type)}<{string.Join(", ", Array.ConvertAll(type.GetGenericArguments(), Name))}>"
            : outer + Simple(type);
    }
}
