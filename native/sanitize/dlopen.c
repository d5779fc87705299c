// Loaded before node when tests run under AddressSanitizer. The sanitizer refuses RTLD_DEEPBIND, with which .NET loads OpenSSL so that
// it finds its own symbols and not node's: those libraries are loaded by libc itself, everything else through the sanitizer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

typedef void *loader(const char *, int);

void *dlopen(const char *name, int mode) {
  static loader *sanitizers;
  static loader *libcs;
  if (libcs == NULL) {
    sanitizers = (loader *)dlsym(RTLD_NEXT, "dlopen");
    libcs = (loader *)dlsym(sanitizers("libc.so.6", RTLD_NOLOAD | RTLD_NOW), "dlopen");
  }
  return (mode & RTLD_DEEPBIND) ? libcs(name, mode) : sanitizers(name, mode);
}
