using Molt.Contracts;

namespace Molt.Cli.Bundling;

/// <summary>CLI009: there is no place for the bundler's output.</summary>
internal sealed class TemporaryDirectoryException(Exception cause) : MoltException(
    "CLI009", $"No temporary directory can be made in {Path.GetTempPath()}: {cause.Message} Set TMPDIR to a directory that may be written.", cause);
