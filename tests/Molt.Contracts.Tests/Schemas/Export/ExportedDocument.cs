namespace Molt.Contracts.Tests.Schemas.Export;

/// <summary>The schema that Exported.cs is the C# of.</summary>
internal static class ExportedDocument
{
    public const string Text = """
        {"sir":1,"id":"schema://shop/order/v3","doc":"An order & its <lines>.","definitions":{
           "Customer":{"kind":"record","fields":[
             {"name":"name","type":{"kind":"string","minLength":1,"maxLength":80}},
             {"name":"mail","type":{"kind":"optional","of":{"kind":"string","format":"email"}}},
             {"name":"referrer","type":{"kind":"optional","of":{"kind":"ref","name":"Customer"}}}]},
           "Line":{"kind":"record","fields":[
             {"name":"sku","type":{"kind":"string","pattern":"^[a-z0-9\"\\\\-]+$"},"doc":"What it is."},
             {"name":"qty","type":{"kind":"uint16","ge":1,"le":999}},
             {"name":"gift-wrap","type":{"kind":"optional","of":"bool","default":false},"deprecated":true}]}},
         "type":{"kind":"record","fields":[
           {"name":"id","type":"int53"},
           {"name":"state","type":{"kind":"optional","of":{"kind":"enum","values":["open","paid","on-hold"]},"default":"paid"}},
           {"name":"customer","type":{"kind":"ref","name":"Customer"}},
           {"name":"lines","type":{"kind":"list","items":{"kind":"ref","name":"Line"},"minItems":1}},
           {"name":"notes","type":{"kind":"optional","of":{"kind":"map","keys":"string","values":{"kind":"optional","of":"string"}}}},
           {"name":"byShelf","type":{"kind":"optional","of":{"kind":"map","keys":"int32","values":{"kind":"list","items":"float32"}}}},
           {"name":"placed","type":{"kind":"optional","of":"timestamp"}},
           {"name":"within","type":{"kind":"optional","of":"duration"}},
           {"name":"reference","type":{"kind":"optional","of":"uuid"}},
           {"name":"total","type":{"kind":"decimal","ge":"0"}},
           {"name":"discount","type":{"kind":"optional","of":{"kind":"float64","ge":0,"le":1},"default":0.25}},
           {"name":"tax","type":{"kind":"optional","of":"decimal","default":"0.19"}},
           {"name":"currency","type":{"kind":"optional","of":"string","default":"EUR"}},
           {"name":"attempts","type":{"kind":"optional","of":"uint64","default":3}},
           {"name":"signature","type":{"kind":"optional","of":{"kind":"bytes","maxLength":64}}},
           {"name":"extra","type":{"kind":"optional","of":"json"}},
           {"name":"Schema","type":{"kind":"optional","of":"string"}}]}}
        """;
}
