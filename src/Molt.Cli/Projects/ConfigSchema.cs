namespace Molt.Cli.Projects;

/// <summary>What Molt does with a key.</summary>
internal enum KeySupport
{
    /// <summary>The key is served.</summary>
    Served,

    /// <summary>The key asks for a capability Molt does not have yet: an error, so that nothing silently misbehaves.</summary>
    Later,

    /// <summary>The key speaks about Cloudflare's own service and changes nothing here: one warning.</summary>
    Ignored,

    /// <summary>The key is for editors and other tools: accepted without a word.</summary>
    Silent,
}

/// <summary>Where a key may stand.</summary>
internal enum KeyScope
{
    /// <summary>Only at the top of the file.</summary>
    Top,

    /// <summary>At the top; an environment that does not set it takes the value from there.</summary>
    Inherited,

    /// <summary>At the top or in an environment; an environment does not take the value from the top.</summary>
    PerEnvironment,
}

internal enum ConfigShape
{
    Any,
    Text,
    WholeNumber,
    Flag,
    Texts,
    Table,
    TextTable,
    List,
}

/// <summary>One key of the configuration format.</summary>
internal sealed record ConfigKey(string Name, ConfigShape Shape, KeySupport Support, KeyScope Scope)
{
    /// <summary>What the key stands for, for messages such as "kv_namespaces (KV) is not available yet".</summary>
    public string? What { get; init; }

    /// <summary>The keys of the table, or of each table of the list, when the set of them is closed.</summary>
    public IReadOnlyList<ConfigKey>? Members { get; init; }

    /// <summary>True when only <c>molt.jsonc</c> may have the key.</summary>
    public bool MoltOnly { get; init; }
}

/// <summary>Every key of <c>wrangler.jsonc</c>, <c>wrangler.json</c>, <c>wrangler.toml</c> and <c>molt.jsonc</c>.</summary>
internal static class ConfigSchema
{
    public static readonly IReadOnlyList<string> RuleTypes = ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data", "PythonModule", "PythonRequirement"];

    public static readonly IReadOnlyList<ConfigKey> Keys =
    [
        Silent("$schema", ConfigShape.Text),

        // Identity and entry point.
        Served("name", ConfigShape.Text),
        Served("main", ConfigShape.Text),
        Served("compatibility_date", ConfigShape.Text),
        Served("compatibility_flags", ConfigShape.Texts),
        Served("env", ConfigShape.Table, KeyScope.Top),
        Served("vars", ConfigShape.Table, KeyScope.PerEnvironment),
        Served("limits", ConfigShape.Table, members:
        [
            Served("cpu_ms", ConfigShape.WholeNumber),
            Served("subrequests", ConfigShape.WholeNumber),
            MoltOwn("memory_mb", ConfigShape.WholeNumber),
            MoltOwn("startup_ms", ConfigShape.WholeNumber),
            MoltOwn("wait_until_ms", ConfigShape.WholeNumber),
            MoltOwn("connections", ConfigShape.WholeNumber),
            MoltOwn("timers", ConfigShape.WholeNumber),
            MoltOwn("isolates", ConfigShape.WholeNumber),
        ]),

        MoltOwn("capabilities", ConfigShape.Table, members:
        [
            MoltOwn("allow", ConfigShape.Texts),
            MoltOwn("deny", ConfigShape.Texts),
            MoltOwn("bindings", ConfigShape.TextTable),
            MoltOwn("packages", ConfigShape.Table),
        ]),
        MoltOwn("plugins", ConfigShape.List, members:
        [
            MoltOwn("binding", ConfigShape.Text),
            MoltOwn("manifest", ConfigShape.Text),
        ]),

        // Building.
        Served("rules", ConfigShape.List, members:
        [
            Served("type", ConfigShape.Text),
            Served("globs", ConfigShape.Texts),
            Served("fallthrough", ConfigShape.Flag),
        ]),
        Served("define", ConfigShape.TextTable, KeyScope.PerEnvironment),
        Served("alias", ConfigShape.TextTable, KeyScope.Top),
        Served("minify", ConfigShape.Flag),
        Served("keep_names", ConfigShape.Flag),
        Served("tsconfig", ConfigShape.Text),
        Served("jsx_factory", ConfigShape.Text),
        Served("jsx_fragment", ConfigShape.Text),
        Served("no_bundle", ConfigShape.Flag),
        Served("find_additional_modules", ConfigShape.Flag),
        Served("base_dir", ConfigShape.Text),
        Silent("preserve_file_names", ConfigShape.Flag),
        Silent("upload_source_maps", ConfigShape.Flag),
        Served("build", ConfigShape.Table, members:
        [
            Served("command", ConfigShape.Text),
            Served("cwd", ConfigShape.Text),
            Served("watch_dir", ConfigShape.Any),
        ]),
        Served("dev", ConfigShape.Table, KeyScope.Top, members:
        [
            Served("ip", ConfigShape.Text),
            Served("port", ConfigShape.WholeNumber),
            Ignored("inspector_port", ConfigShape.WholeNumber),
            Ignored("inspector_ip", ConfigShape.Text),
            Later("local_protocol", ConfigShape.Text, "HTTPS in development"),
            Ignored("upstream_protocol", ConfigShape.Text),
            Ignored("host", ConfigShape.Text),
            Ignored("enable_containers", ConfigShape.Flag),
            Ignored("container_engine", ConfigShape.Any),
            Ignored("generate_types", ConfigShape.Flag),
        ]),

        // Capabilities to come.
        Later("ai", ConfigShape.Table, "Workers AI"),
        Later("ai_search", ConfigShape.List, "AI Search"),
        Later("ai_search_namespaces", ConfigShape.List, "AI Search"),
        Later("agent_memory", ConfigShape.List, "agent memory"),
        Later("analytics_engine_datasets", ConfigShape.List, "Analytics Engine"),
        Later("artifacts", ConfigShape.List, "artifacts"),
        Later("assets", ConfigShape.Table, "static assets", KeyScope.Inherited),
        Later("browser", ConfigShape.Table, "browser rendering"),
        Later("connect", ConfigShape.List, "connect handlers"),
        Later("containers", ConfigShape.List, "containers"),
        Later("cloudchamber", ConfigShape.Table, "containers"),
        Later("d1_databases", ConfigShape.List, "D1"),
        Later("data_blobs", ConfigShape.Table, "service-worker data blobs; import the file from a module instead", KeyScope.Top),
        Later("dispatch_namespaces", ConfigShape.List, "dispatch namespaces"),
        Later("durable_objects", ConfigShape.Table, "Durable Objects"),
        Later("exports", ConfigShape.Table, "exports", KeyScope.Inherited),
        Later("flagship", ConfigShape.List, "Flagship"),
        Later("hyperdrive", ConfigShape.List, "Hyperdrive"),
        Later("images", ConfigShape.Table, "Images"),
        Later("kv_namespaces", ConfigShape.List, "KV"),
        Later("media", ConfigShape.Table, "media transformations"),
        Later("migrations", ConfigShape.List, "Durable Objects", KeyScope.Inherited),
        Later("mtls_certificates", ConfigShape.List, "mTLS certificates"),
        Later("pipelines", ConfigShape.List, "Pipelines"),
        Later("queues", ConfigShape.Table, "Queues"),
        Later("r2_buckets", ConfigShape.List, "R2"),
        Later("ratelimits", ConfigShape.List, "rate limits"),
        Later("secrets", ConfigShape.Table, "required secrets"),
        Later("secrets_store_secrets", ConfigShape.List, "the Secrets Store"),
        Later("send_email", ConfigShape.List, "Email"),
        Later("services", ConfigShape.List, "service bindings"),
        Later("site", ConfigShape.Table, "Workers Sites", KeyScope.Top),
        Later("stream", ConfigShape.Table, "Stream"),
        Later("streaming_tail_consumers", ConfigShape.List, "tail workers"),
        Later("tail_consumers", ConfigShape.List, "tail workers"),
        Later("text_blobs", ConfigShape.Table, "service-worker text blobs; import the file from a module instead", KeyScope.Top),
        Later("triggers", ConfigShape.Table, "cron triggers", KeyScope.Inherited),
        Later("unsafe", ConfigShape.Table, "unsafe bindings"),
        Later("unsafe_hello_world", ConfigShape.List, "the hello-world binding"),
        Later("vectorize", ConfigShape.List, "Vectorize"),
        Later("version_metadata", ConfigShape.Table, "version metadata"),
        Later("vpc_networks", ConfigShape.List, "VPC networks"),
        Later("vpc_services", ConfigShape.List, "VPC services"),
        Later("wasm_modules", ConfigShape.Table, "service-worker WebAssembly bindings; import the .wasm file from a module instead", KeyScope.Top),
        Later("websearch", ConfigShape.Table, "web search"),
        Later("worker_loaders", ConfigShape.List, "Worker Loader"),
        Later("workflows", ConfigShape.List, "Workflows"),

        // Cloudflare's own service.
        Ignored("access", ConfigShape.Any),
        Ignored("account_id", ConfigShape.Text),
        Ignored("cache", ConfigShape.Any),
        Ignored("compliance_region", ConfigShape.Text),
        Ignored("first_party_worker", ConfigShape.Flag),
        Ignored("keep_vars", ConfigShape.Flag, KeyScope.Top),
        Ignored("legacy_env", ConfigShape.Flag, KeyScope.Top),
        Ignored("logfwdr", ConfigShape.Any),
        Ignored("logpush", ConfigShape.Flag),
        Ignored("observability", ConfigShape.Any),
        Ignored("pages_build_output_dir", ConfigShape.Text, KeyScope.Top),
        Ignored("placement", ConfigShape.Any),
        Ignored("preview_urls", ConfigShape.Flag),
        Ignored("previews", ConfigShape.Any),
        Ignored("python_modules", ConfigShape.Any),
        Ignored("route", ConfigShape.Any),
        Ignored("routes", ConfigShape.List),
        Ignored("send_metrics", ConfigShape.Flag, KeyScope.Top),
        Ignored("workers_dev", ConfigShape.Flag),
    ];

    private static ConfigKey Served(string name, ConfigShape shape, KeyScope scope = KeyScope.Inherited, IReadOnlyList<ConfigKey>? members = null) =>
        new(name, shape, KeySupport.Served, scope) { Members = members };

    private static ConfigKey MoltOwn(string name, ConfigShape shape, IReadOnlyList<ConfigKey>? members = null) =>
        new(name, shape, KeySupport.Served, KeyScope.Inherited) { MoltOnly = true, Members = members };

    private static ConfigKey Later(string name, ConfigShape shape, string what, KeyScope scope = KeyScope.PerEnvironment) =>
        new(name, shape, KeySupport.Later, scope) { What = what };

    private static ConfigKey Ignored(string name, ConfigShape shape, KeyScope scope = KeyScope.Inherited) =>
        new(name, shape, KeySupport.Ignored, scope);

    private static ConfigKey Silent(string name, ConfigShape shape) => new(name, shape, KeySupport.Silent, KeyScope.Top);
}
