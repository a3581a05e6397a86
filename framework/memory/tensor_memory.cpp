#include "memory/tensor_memory.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

namespace peft::host {
namespace {

constexpr size_t alignment = 64;  // LibTorch's own
constexpr size_t page = 4096;
constexpr size_t mapped_from = 64 << 10;  // smaller pieces are not worth a mapping
constexpr size_t huge_page = size_t{2} << 20;

// Of all pieces there are; tensors are made and freed by many threads.
struct Counted {
  std::mutex mutex;
  int64_t live = 0;
  std::vector<int64_t>* trace = nullptr;
};

Counted& counted() {
  static auto* const counted = new Counted;  // tensors may outlive everything
  return *counted;
}

void count(int64_t bytes) {
  Counted& all = counted();
  const std::lock_guard lock(all.mutex);
  all.live += bytes;
  if (bytes > 0 && all.trace != nullptr) all.trace->push_back(all.live);
}

c10::Allocator* allocator_before = nullptr;

// Stands in front of each piece: LibTorch gives back a bare pointer where it takes memory without a tensor.
struct alignas(alignment) Piece {
  size_t bytes;
  bool mapped;
};
static_assert(sizeof(Piece) == alignment);

// A page in front for `Piece`, so that what is never written to stays as it is.
void* map_zeros(size_t bytes) {
  void* start = ::mmap(nullptr, page + bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  std::byte* data = static_cast<std::byte*>(start) + page;
  // Weights that are only read are then a few huge pages of zeros, not a fault for each 4 KiB.
  if (bytes >= huge_page) ::madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

void* allocate_zeros(size_t bytes) {
  const size_t whole = sizeof(Piece) + (bytes + alignment - 1) / alignment * alignment;
  void* start = std::aligned_alloc(alignment, whole);
  if (start == nullptr) throw std::bad_alloc();
  std::memset(start, 0, whole);
  return static_cast<std::byte*>(start) + sizeof(Piece);
}

Piece& piece_of(void* data) {
  return *reinterpret_cast<Piece*>(static_cast<std::byte*>(data) - sizeof(Piece));
}

void free_piece(void* data) {
  if (data == nullptr) return;
  const Piece piece = piece_of(data);
  count(-static_cast<int64_t>(piece.bytes));
  if (piece.mapped) {
    ::munmap(static_cast<std::byte*>(data) - page, page + piece.bytes);
  } else {
    std::free(static_cast<std::byte*>(data) - sizeof(Piece));
  }
}

class ZeroAllocator : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes == 0) return {nullptr, nullptr, &free_piece, cpu};
    const bool mapped = bytes >= mapped_from;
    void* data = mapped ? map_zeros(bytes) : allocate_zeros(bytes);
    piece_of(data) = {bytes, mapped};
    count(static_cast<int64_t>(bytes));
    return {data, data, &free_piece, cpu};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_piece; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

}  // namespace

TensorMemory::TensorMemory() {
  static auto* const zeros = new ZeroAllocator;
  allocator_before = c10::GetCPUAllocator();
  c10::SetCPUAllocator(zeros);
}

TensorMemory::~TensorMemory() {
  c10::SetCPUAllocator(allocator_before);
}

int64_t TensorMemory::live() const {
  const std::lock_guard lock(counted().mutex);
  return counted().live;
}

std::vector<int64_t> TensorMemory::trace(const std::function<void()>& compute) const {
  std::vector<int64_t> trace;
  const int64_t before = live();
  const auto record_in = [](std::vector<int64_t>* into) {
    const std::lock_guard lock(counted().mutex);
    counted().trace = into;
  };
  record_in(&trace);
  try {
    compute();
  } catch (...) {
    record_in(nullptr);
    throw;
  }
  record_in(nullptr);
  for (int64_t& bytes : trace) bytes -= before;
  return trace;
}

}  // namespace peft::host
