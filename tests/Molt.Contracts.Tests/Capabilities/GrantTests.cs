using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Capabilities;

public sealed class GrantTests
{
    private static readonly Schema Nothing = new SchemaBuilder("schema://acme/nothing/v1").Type(SchemaBuilder.Record()).Build();

    private static readonly CapabilityDeclaration[] Known = [Declared("acme.greeter", "1.2.0"), Declared("acme.mail.send", "2.0.1"), Declared("http.fetch", "1.0.0"), Declared("molt.event", "1.0.0")];

    [Theory]
    [InlineData("*", "acme.greeter acme.mail.send http.fetch molt.event")]
    [InlineData("acme.*", "acme.greeter acme.mail.send molt.event")]
    [InlineData("acme.mail.*", "acme.mail.send molt.event")]
    [InlineData("acme.greeter", "acme.greeter molt.event")]
    [InlineData("acme.greeter@1", "acme.greeter molt.event")]
    [InlineData("acme.greeter@1.2", "acme.greeter molt.event")]
    [InlineData("acme.greeter@1.3", "molt.event")]
    [InlineData("acme.greeter@2", "molt.event")]
    [InlineData("acme.mail.send@2.0", "acme.mail.send molt.event")]
    public void Allow_WhenAPattern_NamesTheseCapabilities(string pattern, string expected) =>
        Assert.Equal(expected, Included(new CapabilityGrants { Allow = [pattern] }));

    [Theory]
    [InlineData("*", "molt.event")]
    [InlineData("acme.*", "http.fetch molt.event")]
    [InlineData("http.fetch@1.0", "acme.greeter acme.mail.send molt.event")]
    public void Deny_WhenAPattern_WinsOverAllow(string pattern, string expected) =>
        Assert.Equal(expected, Included(new CapabilityGrants { Allow = ["*"], Deny = [pattern] }));

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("Acme.greeter")]
    [InlineData("acme.greeter@")]
    [InlineData("acme.greeter@01")]
    [InlineData("acme.greeter@1.2.3")]
    [InlineData("acme.*@1")]
    [InlineData("*.greeter")]
    [InlineData("acme..greeter")]
    [InlineData("acme.gree\0ter")]
    [InlineData("acme.greeter ")]
    public void Pattern_WhenMalformed_IsRefusedAndGrantsNothing(string pattern)
    {
        Assert.Null(CapabilityPattern.Parse(pattern, out var fault));
        Assert.NotNull(fault);
        Assert.Equal("molt.event", Included(new CapabilityGrants { Allow = [pattern] }));
    }

    [Fact]
    public void Validate_WhenSeveralThingsAreWrong_NamesThemAll()
    {
        var grants = new CapabilityGrants
        {
            Allow = ["acme.greeter", "acme.greter", "acme.greeter@3", "Bad"],
            Deny = ["molt.*"],
            Packages = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal) { ["left-pad"] = new() { Allow = ["http.fetch"] }, ["fine"] = new() { Allow = ["acme.greeter"] } },
        };

        Assert.Equal(
            [
                "capabilities.allow: there is no capability \"acme.greter\". This host offers acme.greeter, acme.mail.send, http.fetch.",
                "capabilities.allow: there is no capability \"acme.greeter@3\". This host offers acme.greeter@1.2.0.",
                "capabilities.allow: \"Bad\" names no capability. Write an id such as \"acme.greeter\", \"acme.greeter@1.2\", \"acme.*\" or \"*\".",
                "capabilities.deny: \"molt.*\" is the worker's own life and can not be denied.",
                "capabilities.packages[\"left-pad\"] allows http.fetch, which the worker itself does not have.",
            ],
            grants.Validate(Known));
    }

    [Fact]
    public void Package_WhenNotNamed_HasWhatItsWorkerHas()
    {
        var grants = new CapabilityGrants { Allow = ["acme.*"], Packages = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal) { ["less"] = CapabilityGrants.None } };

        Assert.Equal("molt.event", Included(grants.OfPackage("less")));
        Assert.Equal("acme.greeter acme.mail.send molt.event", Included(grants.OfPackage("other")));
    }

    private static CapabilityDeclaration Declared(string id, string version) =>
        Capability.Declare(id, version).Describe("run", static () => Nothing, static () => Nothing).BuildDeclaration();

    private static string Included(CapabilityGrants grants) =>
        string.Join(' ', Array.ConvertAll(Array.FindAll(Known, grants.Includes), capability => capability.Id));
}
