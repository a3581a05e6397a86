#include "memory/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

// tcmalloc's, which belongs to the program where it is linked.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" __attribute__((weak)) void MallocExtension_ReleaseFreeMemory();

namespace peft::host {
namespace {

// The number in a control group's file; `none` where there is no such file or it says "max".
int64_t limit_in(const std::string& file, int64_t none) {
  std::ifstream stream(file);
  int64_t limit = 0;
  return stream >> limit && limit > 0 ? limit : none;
}

// The smallest limit of a control group and of those above it, below `mount`.
int64_t limit_up_from(const std::string& mount, std::string group, const char* name, int64_t none) {
  int64_t limit = none;
  while (true) {
    limit = std::min(limit, limit_in(mount + group + "/" + name, none));
    if (group.empty()) return limit;
    group.erase(group.rfind('/'));
  }
}

}  // namespace

int64_t usable_memory() {
  int64_t limit = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  // "0::/user.slice" of version 2, "4:memory:/docker/1f2e" of version 1.
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    if (!group.empty() && group.front() != '/') continue;
    if (controllers.empty()) limit = limit_up_from("/sys/fs/cgroup", group, "memory.max", limit);
    if (controllers == "memory") {
      limit = limit_up_from("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", limit);
    }
  }
  return limit;
}

int64_t resident_memory() {
  std::ifstream statm("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  statm >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

void return_free_memory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) {
    MallocExtension_ReleaseFreeMemory();
  } else {
    ::malloc_trim(0);
  }
}

}  // namespace peft::host
