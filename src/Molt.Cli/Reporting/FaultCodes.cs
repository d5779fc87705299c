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

    public const string WorkerStart = "CLI001";
    public const string PortInUse = "CLI002";
    public const string NoTests = "CLI003";
    public const string AddressUnavailable = "CLI004";
    public const string WorkerException = "CLI005";
    public const string TestFailed = "CLI006";
}
