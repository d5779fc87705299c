namespace Molt.Cli.Reporting;

/// <summary>The stable codes of faults the command reports; docs/reference/errors.md explains each.</summary>
internal static class FaultCodes
{
    public const string ProjectNotFound = "CFG001";
    public const string ConfigSyntax = "CFG002";
    public const string UnknownKey = "CFG003";
    public const string WrongType = "CFG004";
    public const string InvalidValue = "CFG005";
    public const string MissingKey = "CFG006";
    public const string NotAvailableYet = "CFG007";
    public const string UnknownEnvironment = "CFG008";
    public const string NoMeaningHere = "CFG009";
    public const string DuplicateKey = "CFG010";
    public const string SeveralConfigs = "CFG011";
    public const string VariableFileSyntax = "CFG012";
    public const string UnreadableFile = "CFG013";

    public const string MissingModule = "BLD001";
    public const string SourceError = "BLD002";
    public const string MissingMain = "BLD003";
    public const string BundlerFailed = "BLD004";
    public const string BuildCommandFailed = "BLD005";
    public const string NoHandler = "BLD006";

    public const string SchemaDocument = "SCH001";
    public const string SchemaAssembly = "SCH120";
    public const string SchemaTypeNotFound = "SCH121";
    public const string SchemaTypeNotExpressible = "SCH122";
    public const string SchemaTypeChanged = "SCH123";
    public const string SchemaFile = "SCH140";
    public const string SchemaTwice = "SCH141";
    public const string SchemaPayload = "SCH142";
    public const string SchemaOther = "SCH143";

    public const string PluginPackage = "WSM001";
    public const string PluginSnapshot = "WSM002";
    public const string PluginLimits = "WSM003";
    public const string PluginStart = "WSM004";

    public const string WorkerStart = "CLI001";
    public const string PortInUse = "CLI002";
    public const string NoTests = "CLI003";
    public const string AddressUnavailable = "CLI004";
    public const string WorkerException = "CLI005";
    public const string TestFailed = "CLI006";
    public const string PluginDirectory = "CLI007";
    public const string AuditFile = "CLI008";
}
