#include "wasm_reset.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <memory>
#include <mutex>
#include <set>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "../include/molt.h"

namespace molt {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kStretch = 2 * 1024 * 1024;  // what one page table covers

// Copying up to this is quicker than mapping it anew.
constexpr size_t kSmall = 128 * 1024;

// Pages that were written once are copied each time from then on; this many resets later it is found out anew
// which ones are, and at once when they are this much.
constexpr int kResetsBetweenProtects = 512;
constexpr int64_t kManyOpenBytes = 512 * 1024;

// Headers of kernels before 6.7 lack these (include/uapi/linux/fs.h, userfaultfd.h).
struct Region {
  uint64_t start;
  uint64_t end;
  uint64_t categories;
};
struct Scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
constexpr unsigned long kPagemapScan = _IOWR('f', 16, Scan);
constexpr uint64_t kScanProtect = 1;      // PM_SCAN_WP_MATCHING
constexpr uint64_t kPageIsWritten = 1 << 1;
constexpr uint64_t kFeatureUnpopulated = 1 << 13;
constexpr uint64_t kFeatureAsync = 1 << 15;

// One of each per process; what the kernel refuses stays refused.
struct Tracker {
  int faults = -1;
  int pagemap = -1;

  Tracker() {
    faults = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
    // Without privilege only faults of user space may be watched, which asynchronous protection does not need.
    if (faults < 0) faults = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1));
    uffdio_api api{};
    api.api = UFFD_API;
    api.features = kFeatureUnpopulated | kFeatureAsync;
    if (faults >= 0 && ioctl(faults, UFFDIO_API, &api) == 0) pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  }

  bool works() const { return pagemap >= 0; }
};

const Tracker& tracker() {
  static const Tracker instance;
  return instance;
}

bool protect(uintptr_t start, size_t length) {
  uffdio_register range{};
  range.range = {start, length};
  range.mode = UFFDIO_REGISTER_MODE_WP;
  if (ioctl(tracker().faults, UFFDIO_REGISTER, &range) != 0) return false;
  uffdio_writeprotect pages{};
  pages.range = {start, length};
  pages.mode = UFFDIO_WRITEPROTECT_MODE_WP;
  return ioctl(tracker().faults, UFFDIO_WRITEPROTECT, &pages) == 0;
}

bool is_zero(const uint8_t* data, size_t length) {
  return length == 0 || (data[0] == 0 && memcmp(data, data + 1, length - 1) == 0);
}

std::mutex resets_mutex;
std::set<molt_reset*> resets;

}  // namespace
}  // namespace molt

// The bytes of an image, read by every reset of it; its end is zeros that are not stored.
struct molt_image {
  std::atomic<int64_t> refs{1};
  uint8_t* data = nullptr;
  size_t length = 0;
  size_t mapped = 0;
  int file = -1;

  void unref() {
    if (refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (data != nullptr) munmap(data, mapped);
    if (file >= 0) close(file);
    delete this;
  }
};

struct molt_reset {
  molt_image* image;
  uint8_t* memory;
  size_t length;
  int32_t strategy = MOLT_RESET_COPY;
  std::atomic<bool> gone{false};
  int since_protect = 0;
  enum class Kind : uint8_t {
    kEmpty,  // zeros, without page tables
    kWhole,  // followed as one huge page
    kPages,  // followed page by page
  };
  std::vector<Kind> stretches;  // of kScan

  size_t stretch_length(size_t index) const { return std::min(molt::kStretch, length - index * molt::kStretch); }

  // The image's bytes from `start` on, zeros past its end.
  void restore(size_t start, size_t count) {
    const size_t held = start >= image->length ? 0 : std::min(count, image->length - start);
    if (held != 0) memcpy(memory + start, image->data + start, held);
    if (held != count) memset(memory + start + held, 0, count - held);
  }

  bool begin_scan();
  bool begin_map();
  int64_t scan();
  bool follow(size_t stretch, Kind kind);
  bool reopen(size_t stretch);
};

// Fills a stretch and watches it from then on.
bool molt_reset::follow(size_t stretch, Kind kind) {
  const size_t start = stretch * molt::kStretch;
  const size_t count = stretch_length(stretch);
  madvise(memory + start, count, kind == Kind::kWhole ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  restore(start, count);
  if (!molt::protect(reinterpret_cast<uintptr_t>(memory) + start, count)) return false;
  stretches[stretch] = kind;
  return true;
}

// A stretch that was taken as one was written to: from now on each of its pages counts.
bool molt_reset::reopen(size_t stretch) {
  const size_t start = stretch * molt::kStretch;
  return madvise(memory + start, stretch_length(stretch), MADV_DONTNEED) == 0 && follow(stretch, Kind::kPages);
}

bool molt_reset::begin_scan() {
  const auto base = reinterpret_cast<uintptr_t>(memory);
  if (!molt::tracker().works() || base % molt::kPage != 0) return false;
  madvise(memory, length, MADV_NOHUGEPAGE);
  const size_t count = (length + molt::kStretch - 1) / molt::kStretch;
  stretches.assign(count, Kind::kEmpty);
  for (size_t i = 0; i < count; i++) {
    const size_t start = i * molt::kStretch;
    const size_t size = stretch_length(i);
    const size_t held = start >= image->length ? 0 : std::min(size, image->length - start);
    if (madvise(memory + start, size, MADV_DONTNEED) != 0) return false;
    if (length > molt::kStretch && molt::is_zero(image->data + start, held)) continue;
    const bool huge = length > molt::kStretch && size == molt::kStretch && base % molt::kStretch == 0;
    if (!follow(i, huge ? Kind::kWhole : Kind::kPages)) return false;
  }
  strategy = MOLT_RESET_SCAN;
  return scan() >= 0;
}

bool molt_reset::begin_map() {
  static std::mutex mutex;
  {
    std::lock_guard lock(mutex);
    if (image->file < 0) {
      const int file = static_cast<int>(syscall(SYS_memfd_create, "molt-image", 1 /* MFD_CLOEXEC */));
      if (file < 0) return false;
      size_t written = 0;
      while (written < image->length) {
        const ssize_t count = write(file, image->data + written, image->length - written);
        if (count <= 0) break;
        written += static_cast<size_t>(count);
      }
      if (written != image->length || ftruncate(file, static_cast<off_t>(image->mapped)) != 0) {
        close(file);
        return false;
      }
      image->file = file;
    }
  }
  // V8 frees the reservation as a whole, whatever is mapped in it.
  const size_t covered = std::min(length, image->mapped);
  if (covered != 0 && mmap(memory, covered, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, image->file, 0) == MAP_FAILED) {
    return false;
  }
  strategy = MOLT_RESET_MAP;
  return madvise(memory, length, MADV_DONTNEED) == 0;
}

int64_t molt_reset::scan() {
  constexpr int kRegions = 64;
  molt::Region regions[kRegions];
  const auto base = reinterpret_cast<uintptr_t>(memory);
  const bool anew = ++since_protect > molt::kResetsBetweenProtects;
  int64_t restored = 0;
  uint64_t from = base;
  while (from < base + length) {
    molt::Scan scan{};
    scan.size = sizeof scan;
    scan.flags = 0;
    scan.start = from;
    scan.end = base + length;
    scan.vec = reinterpret_cast<uintptr_t>(regions);
    scan.vec_len = kRegions;
    scan.category_mask = molt::kPageIsWritten;
    scan.return_mask = molt::kPageIsWritten;
    const int count = ioctl(molt::tracker().pagemap, molt::kPagemapScan, &scan);
    if (count < 0) return -1;
    for (int i = 0; i < count; i++) {
      // A region may reach from one stretch into the next, and those may differ in kind.
      for (size_t at = regions[i].start - base, end = regions[i].end - base; at < end;) {
        const size_t stretch = at / molt::kStretch;
        const size_t stop = std::min(end, stretch * molt::kStretch + stretch_length(stretch));
        if (stretches[stretch] == Kind::kPages) {
          restore(at, stop - at);
          restored += static_cast<int64_t>(stop - at);
        } else if (!reopen(stretch)) {
          return -1;
        }
        at = stop;
      }
    }
    if (count < kRegions) break;
    from = scan.walk_end;
  }
  if (anew || restored > molt::kManyOpenBytes) {
    since_protect = 0;
    for (size_t i = 0; i < stretches.size(); i++) {
      if (stretches[i] != Kind::kPages) continue;
      uffdio_writeprotect pages{};
      pages.range = {base + i * molt::kStretch, stretch_length(i)};
      pages.mode = UFFDIO_WRITEPROTECT_MODE_WP;
      if (ioctl(molt::tracker().faults, UFFDIO_WRITEPROTECT, &pages) != 0) return -1;
    }
  }
  return restored;
}

namespace molt {

void forget_memory(uintptr_t address, size_t length) {
  std::lock_guard lock(resets_mutex);
  for (molt_reset* reset : resets) {
    const auto memory = reinterpret_cast<uintptr_t>(reset->memory);
    if (memory >= address && memory - address < length) reset->gone.store(true);
  }
}

}  // namespace molt

int32_t molt_image_new(const uint8_t* data, int64_t length, molt_image** out) {
  if (out == nullptr || length < 0 || (data == nullptr && length != 0)) return MOLT_INVALID;
  *out = nullptr;
  auto image = std::make_unique<molt_image>();
  image->length = static_cast<size_t>(length);
  image->mapped = (image->length + molt::kPage - 1) / molt::kPage * molt::kPage;
  if (image->mapped != 0) {
    void* pages = mmap(nullptr, image->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return MOLT_INVALID;
    image->data = static_cast<uint8_t*>(pages);
    memcpy(image->data, data, image->length);
    mprotect(pages, image->mapped, PROT_READ);
  }
  *out = image.release();
  return MOLT_OK;
}

void molt_image_release(molt_image* image) {
  if (image != nullptr) image->unref();
}

int32_t molt_reset_new(molt_image* image, uint8_t* memory, int64_t length, int32_t strategy, molt_reset** out) {
  if (image == nullptr || memory == nullptr || out == nullptr || length < static_cast<int64_t>(image->length)) return MOLT_INVALID;
  *out = nullptr;
  auto reset = std::make_unique<molt_reset>();
  reset->image = image;
  reset->memory = memory;
  reset->length = static_cast<size_t>(length);
  const bool any = strategy == MOLT_RESET_ANY;
  bool ready = (any || strategy == MOLT_RESET_SCAN) && reset->begin_scan();
  if (!ready && strategy != MOLT_RESET_SCAN) {
    reset->restore(0, reset->length);
    ready = strategy == MOLT_RESET_COPY || (any && reset->length <= molt::kSmall) || reset->begin_map() || any;
  }
  if (!ready) return MOLT_INVALID;
  image->refs.fetch_add(1, std::memory_order_relaxed);
  *out = reset.release();
  std::lock_guard lock(molt::resets_mutex);
  molt::resets.insert(*out);
  return MOLT_OK;
}

int64_t molt_reset_run(molt_reset* reset) {
  if (reset == nullptr || reset->gone.load(std::memory_order_relaxed)) return -1;
  switch (reset->strategy) {
    case MOLT_RESET_SCAN:
      return reset->scan();
    case MOLT_RESET_MAP:
      return madvise(reset->memory, reset->length, MADV_DONTNEED) == 0 ? static_cast<int64_t>(reset->length) : -1;
    default:
      reset->restore(0, reset->length);
      return static_cast<int64_t>(reset->length);
  }
}

int32_t molt_reset_strategy(const molt_reset* reset) { return reset == nullptr ? MOLT_RESET_ANY : reset->strategy; }

void molt_reset_release(molt_reset* reset) {
  if (reset == nullptr) return;
  {
    std::lock_guard lock(molt::resets_mutex);
    molt::resets.erase(reset);
  }
  if (reset->strategy == MOLT_RESET_SCAN && !reset->gone.load()) {
    for (size_t i = 0; i < reset->stretches.size(); i++) {
      if (reset->stretches[i] == molt_reset::Kind::kEmpty) continue;
      uffdio_range range{reinterpret_cast<uintptr_t>(reset->memory) + i * molt::kStretch, reset->stretch_length(i)};
      ioctl(molt::tracker().faults, UFFDIO_UNREGISTER, &range);
    }
  }
  reset->image->unref();
  delete reset;
}
