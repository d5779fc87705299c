using Molt.Contracts.Schemas;

namespace Molt.Wasm;

/// <summary>The two schemas an HTTP function speaks, and the one of init.</summary>
public static class HttpSchemas
{
    /// <summary><c>schema://molt/http_request/v1</c>.</summary>
    public static Schema Request { get; } = Schema.Parse("""
        {"sir":1,"id":"schema://molt/http_request/v1","type":{"kind":"record","fields":[
          {"name":"method","type":"string"},
          {"name":"url","type":"string"},
          {"name":"headers","type":{"kind":"list","items":{"kind":"record","fields":[{"name":"name","type":"string"},{"name":"value","type":"string"}]}}},
          {"name":"body","type":"bytes"}]}}
        """u8);

    /// <summary><c>schema://molt/http_response/v1</c>.</summary>
    public static Schema Response { get; } = Schema.Parse("""
        {"sir":1,"id":"schema://molt/http_response/v1","type":{"kind":"record","fields":[
          {"name":"status","type":{"kind":"uint16","ge":100,"le":599}},
          {"name":"headers","type":{"kind":"list","items":{"kind":"record","fields":[{"name":"name","type":"string"},{"name":"value","type":"string"}]}}},
          {"name":"body","type":"bytes"}]}}
        """u8);
}
