namespace Molt.Runtime;

/// <summary>What HTTP exchanges can be handed to: a worker, or something else that answers them (<see cref="FetchResponder"/>).</summary>
public interface IFetchTarget
{
    /// <summary>Takes an event, which is then answered or failed exactly once; false when no more are taken. Any thread.</summary>
    bool TryPost(FetchEvent posted);
}
