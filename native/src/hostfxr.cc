#include "hostfxr.h"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <fstream>
#include <sys/stat.h>

namespace molt {
namespace {

constexpr int kOldestMajor = 10;

// The functions of hostfxr.h that are used; char_t is char on Linux.
struct InitializeParameters {
  size_t size;
  const char* host_path;
  const char* dotnet_root;
};
using Initialize = int (*)(int argc, const char** argv, const InitializeParameters* parameters, void** handle);
using Run = int (*)(void* handle);
using Close = int (*)(void* handle);

struct Version {
  int major = -1;
  int minor = 0;
  int patch = 0;
  bool release = false;

  bool operator<(const Version& other) const {
    if (major != other.major) return major < other.major;
    if (minor != other.minor) return minor < other.minor;
    if (patch != other.patch) return patch < other.patch;
    return release < other.release;
  }
};

Version parse_version(const char* text) {
  Version version;
  int used = 0;
  if (sscanf(text, "%d.%d.%d%n", &version.major, &version.minor, &version.patch, &used) < 3) return {};
  version.release = text[used] == '\0';
  return version;
}

bool is_file(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string real_path(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : std::string();
}

// The folder of the `dotnet` that a shell would start.
std::string root_on_path() {
  const char* path = getenv("PATH");
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string folder = rest.substr(0, colon);
    rest = colon == std::string::npos ? std::string() : rest.substr(colon + 1);
    const std::string dotnet = real_path(folder + "/dotnet");
    if (!folder.empty() && is_file(dotnet)) return parent(dotnet);
  }
  return {};
}

std::string root_in_file(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<std::string> candidate_roots() {
  std::vector<std::string> roots;
  const auto add = [&roots](std::string root) {
    if (!root.empty()) roots.push_back(std::move(root));
  };
  for (const char* name : {"DOTNET_ROOT_X64", "DOTNET_ROOT"}) {
    if (const char* value = getenv(name)) add(value);
  }
  add(root_on_path());
  add(root_in_file("/etc/dotnet/install_location_x64"));
  add(root_in_file("/etc/dotnet/install_location"));
  add("/usr/share/dotnet");
  add("/usr/lib/dotnet");
  return roots;
}

// The newest libhostfxr.so under root, or empty.
std::string newest_hostfxr(const std::string& root) {
  const std::string folder = root + "/host/fxr";
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return {};
  Version newest;
  std::string found;
  while (const dirent* entry = readdir(directory)) {
    const Version version = parse_version(entry->d_name);
    const std::string library = folder + "/" + entry->d_name + "/libhostfxr.so";
    if (version.major < kOldestMajor || !(newest < version) || !is_file(library)) continue;
    newest = version;
    found = library;
  }
  closedir(directory);
  return found;
}

}  // namespace

int run_dotnet(const std::vector<std::string>& args) {
  std::string root;
  std::string library;
  const std::vector<std::string> roots = candidate_roots();
  for (const std::string& candidate : roots) {
    library = newest_hostfxr(candidate);
    if (library.empty()) continue;
    root = candidate;
    break;
  }
  if (library.empty()) {
    fprintf(stderr, "error: no .NET runtime of version %d or later was found; install it, or set DOTNET_ROOT\n",
            kOldestMajor);
    for (const std::string& candidate : roots) fprintf(stderr, "  looked in %s/host/fxr\n", candidate.c_str());
    return 1;
  }

  void* hostfxr = dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (hostfxr == nullptr) {
    fprintf(stderr, "error: %s\n", dlerror());
    return 1;
  }
  const auto initialize = reinterpret_cast<Initialize>(dlsym(hostfxr, "hostfxr_initialize_for_dotnet_command_line"));
  const auto run = reinterpret_cast<Run>(dlsym(hostfxr, "hostfxr_run_app"));
  const auto close = reinterpret_cast<Close>(dlsym(hostfxr, "hostfxr_close"));
  if (initialize == nullptr || run == nullptr || close == nullptr) {
    fprintf(stderr, "error: %s is not a usable hostfxr\n", library.c_str());
    return 1;
  }

  std::vector<const char*> argv;
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  const std::string host_path = root + "/dotnet";
  const InitializeParameters parameters{sizeof parameters, host_path.c_str(), root.c_str()};
  void* handle = nullptr;
  const int status = initialize(static_cast<int>(argv.size()), argv.data(), &parameters, &handle);
  if (status != 0 || handle == nullptr) {
    fprintf(stderr, "error: .NET could not be started for %s (0x%08x)\n", args[0].c_str(),
            static_cast<unsigned>(status));
    if (handle != nullptr) close(handle);
    return 1;
  }
  // Not closed: the process ends right after.
  return run(handle);
}

}  // namespace molt
