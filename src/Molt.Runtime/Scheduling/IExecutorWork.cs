namespace Molt.Runtime.Scheduling;

/// <summary>Something an executor runs when it is scheduled.</summary>
internal interface IExecutorWork
{
    /// <summary>How long recent turns took on average, in Stopwatch ticks: whether others should be kept from waiting behind it.</summary>
    long RecentTurn { get; }

    /// <summary>Does what there is to do and returns soon. Called by one executor at a time.</summary>
    void RunBatch(Executor executor);
}
