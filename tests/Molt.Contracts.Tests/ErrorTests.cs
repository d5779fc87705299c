namespace Molt.Contracts.Tests;

public sealed class ErrorTests
{
    [Fact]
    public void OptionsException_WhenThereIsNoFault_IsNotThrown() => Assert.Null(Record.Exception(() => OptionsException.ThrowIfAny([])));

    [Fact]
    public void OptionsException_WhenThereAreFaults_NamesThemAll()
    {
        var exception = Assert.Throws<OptionsException>(() => OptionsException.ThrowIfAny(["A must be positive.", "B must be set."]));

        Assert.Equal("OPT001", exception.Code);
        Assert.Equal(["A must be positive.", "B must be set."], exception.Faults);
        Assert.Equal($"A must be positive.{Environment.NewLine}B must be set.", exception.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void MoltException_WhenItHasNoCode_IsRefused(string? code) =>
        Assert.ThrowsAny<ArgumentException>(() => new Sample(code!, "message"));

    [Fact]
    public void MoltException_WhenMade_KeepsCodeAndCause()
    {
        var cause = new IOException("cause");
        var exception = new Sample("TST001", "message", cause);

        Assert.Equal("TST001", exception.Code);
        Assert.Equal("message", exception.Message);
        Assert.Same(cause, exception.InnerException);
    }

    private sealed class Sample(string code, string message, Exception? cause = null) : MoltException(code, message, cause);
}
