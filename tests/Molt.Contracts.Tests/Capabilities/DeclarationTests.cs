using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Capabilities;

public sealed class DeclarationTests
{
    private static readonly Schema Nothing = new SchemaBuilder("schema://acme/nothing/v1").Type(SchemaBuilder.Record()).Build();

    [Fact]
    public void Build_WhenEverythingIsWrong_NamesEveryFault()
    {
        var builder = Capability.Declare("Acme", "1.0")
            .Operation("Run", Nothing, Nothing, static (_, _, _) => { }, new OperationTraits { Cost = -1, MaxInputBytes = 0, Timeout = TimeSpan.Zero })
            .Operation("tell", Nothing, Nothing, static (_, _, _) => { }, new OperationTraits { Effect = CapabilityEffect.Pure, Determinism = CapabilityDeterminism.Nondeterministic })
            .Operation("tell", Nothing, Nothing, static (_, _, _) => { })
            .Stream("gather", CapabilityStreams.In, Nothing, null, Nothing, static (_, _, _) => ValueTask.CompletedTask)
            .Describe("elsewhere", static () => Nothing, static () => Nothing);

        var exception = Assert.Throws<CapabilityDeclarationException>(builder.Build);

        Assert.Equal("CAP001", exception.Code);
        Assert.Equal(
            [
                "\"Acme\" is not a capability id: write lower-case names with dots between them, such as \"acme.greeter\".",
                "Acme: \"1.0\" is not a version; write it as \"1.0.0\".",
                "Acme.Run: an operation's name is a letter and then letters, digits and underscores, in lower case.",
                "Acme.Run: OperationTraits.Cost must not be negative.",
                "Acme.Run: OperationTraits.MaxInputBytes must be greater than zero.",
                "Acme.Run: OperationTraits.Timeout must be greater than zero.",
                "Acme.tell: what has no effect and reads nothing can not be nondeterministic; a clock or a source of randomness is read_only.",
                "Acme.tell is declared twice.",
                "Acme.gather: an operation that streams in, and no other, has a schema for what the guest writes.",
                "Acme.elsewhere has no implementation here.",
            ],
            exception.Faults);
    }

    [Fact]
    public void Build_WhenRight_HasNumberedOperations()
    {
        var capability = Capability.Declare("acme.greeter", "1.2.3", "Greets.")
            .Operation("now", Nothing, Nothing, static (_, _, _) => { })
            .Pending("later", Nothing, Nothing, static (_, _, _) => ValueTask.CompletedTask)
            .Build();

        Assert.Equal("acme.greeter@1.2.3", capability.Declaration.ToString());
        Assert.Equal((0, 1, -1), (capability.Declaration.IndexOf("now"), capability.Declaration.IndexOf("later"), capability.Declaration.IndexOf("never")));
        Assert.Equal((true, false), (capability.IsImmediate(0), capability.IsImmediate(1)));
    }

    [Theory]
    [InlineData(CapabilityStatus.Ok, CapabilityErrorFamily.None)]
    [InlineData(CapabilityStatus.InvalidInput, CapabilityErrorFamily.Validation)]
    [InlineData(CapabilityStatus.DecodeError, CapabilityErrorFamily.Validation)]
    [InlineData(CapabilityStatus.EncodeError, CapabilityErrorFamily.Validation)]
    [InlineData(CapabilityStatus.Cancelled, CapabilityErrorFamily.Cancellation)]
    [InlineData(CapabilityStatus.Timeout, CapabilityErrorFamily.Runtime)]
    [InlineData(CapabilityStatus.Denied, CapabilityErrorFamily.Validation)]
    [InlineData(CapabilityStatus.Internal, CapabilityErrorFamily.Runtime)]
    public void Status_WhenAsked_HasItsFamily(CapabilityStatus status, CapabilityErrorFamily family) => Assert.Equal(family, status.Family());

    [Theory]
    [InlineData("1.2.3", "1.2.3", true)]
    [InlineData("1.3.0", "1.2.9", true)]
    [InlineData("1.2.2", "1.2.3", false)]
    [InlineData("2.0.0", "1.0.0", false)]
    [InlineData("1.0.0", "2.0.0", false)]
    public void Version_WhenOfTheSameMajorNumber_TakesThePlaceOfAnEarlierOne(string offered, string wanted, bool expected)
    {
        Assert.True(CapabilityVersion.TryParse(offered, out var there));
        Assert.True(CapabilityVersion.TryParse(wanted, out var asked));
        Assert.Equal(expected, there.Satisfies(asked));
    }
}
