namespace Molt.Runtime;

/// <summary>
/// What an executor does while no isolate is runnable: it waits for I/O itself, so that a request is read, handled and
/// answered without changing threads.
/// </summary>
public interface IExecutorPoller
{
    /// <summary>
    /// Waits for I/O for up to <paramref name="timeoutMilliseconds"/> (-1: until there is some), handles all that is ready
    /// and returns. Does not block otherwise. Called by one thread at a time, save that a thread which is held up inside by a
    /// guest's turn is replaced: the next caller handles what that one had not begun, then waits for more.
    /// </summary>
    void Poll(int timeoutMilliseconds);

    /// <summary>Makes a <see cref="Poll"/> that waits, or the next one, return. Any thread.</summary>
    void Wake();
}
