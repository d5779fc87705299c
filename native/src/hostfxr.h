// Finds and runs .NET in this process.
#ifndef MOLT_HOSTFXR_H
#define MOLT_HOSTFXR_H

#include <string>
#include <vector>

namespace molt {

// Runs a managed assembly's Main on the calling thread; args: the assembly's path, then its arguments.
// Returns its exit code, or 1 after a message on stderr when .NET could not be started.
int run_dotnet(const std::vector<std::string>& args);

}  // namespace molt

#endif
