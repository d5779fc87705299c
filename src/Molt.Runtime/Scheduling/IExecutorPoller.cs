namespace Molt.Runtime;

/// <summary>
/// What an executor does while no isolate is runnable: it waits for I/O itself, so that a request is read, handled and
/// answered without changing threads.
/// </summary>
public interface IExecutorPoller
{
    /// <summary>
    /// Waits for I/O for up to <paramref name="timeoutMilliseconds"/> (-1: until there is some), handles all that is ready
    /// and returns. Called by one thread at a time. Runs no guest code and does not block otherwise.
    /// </summary>
    void Poll(int timeoutMilliseconds);

    /// <summary>Makes a <see cref="Poll"/> that waits, or the next one, return. Any thread.</summary>
    void Wake();
}
