using Molt.Runtime;

namespace Molt.Server;

/// <summary>Where requests go: to a worker or a responder, or to the page of a failure. Immutable; swapped as a whole.</summary>
internal sealed record Route(IFetchTarget? Target, EventFailure? Failure);
