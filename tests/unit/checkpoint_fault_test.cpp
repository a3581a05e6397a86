// Whatever goes wrong while a checkpoint is written, or happens to it afterwards: what is read is a
// checkpoint that was written, whole, or an error.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <random>

#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "checkpoint_fixture.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// The real operations, with a fault at one call.
class FaultyOperations : public FileOperations {
 public:
  enum class Fault { none, fails, fails_from_then_on, killed, killed_half_way, writes_other_bits };

  FaultyOperations() = default;
  FaultyOperations(Fault fault, int at) : fault_(fault), at_(at) {}

  int calls() const { return calls_; }

  OpenFile create(const fs::path& path) override { return before(), FileOperations::create(path); }
  void write(const OpenFile& file, uint64_t offset, std::span<const std::byte> bytes) override {
    if (fault_ == Fault::killed_half_way && calls_ == at_) {
      FileOperations::write(file, offset, bytes.first(bytes.size() / 2));
    }
    std::vector<std::byte> written(bytes.begin(), bytes.end());
    if (fault_ == Fault::writes_other_bits && calls_ == at_) written[written.size() / 2] ^= std::byte{4};
    before();
    FileOperations::write(file, offset, written);
  }
  void resize(const OpenFile& file, uint64_t size) override { before(), FileOperations::resize(file, size); }
  void sync(const OpenFile& file) override { before(), FileOperations::sync(file); }
  void sync_folder(const fs::path& folder) override { before(), FileOperations::sync_folder(folder); }
  void rename(const fs::path& from, const fs::path& to) override {
    before(), FileOperations::rename(from, to);
  }
  void remove(const fs::path& path) override { before(), FileOperations::remove(path); }

 private:
  void before() {
    const int call = calls_++;
    if (fault_ == Fault::none || call < at_ || (call > at_ && fault_ != Fault::fails_from_then_on)) return;
    if (fault_ == Fault::killed || fault_ == Fault::killed_half_way) std::raise(SIGKILL);
    if (fault_ == Fault::writes_other_bits) return;
    throw Error("no space left, at call " + std::to_string(call));
  }

  Fault fault_ = Fault::none;
  int at_ = 0;
  int calls_ = 0;
};

using Fault = FaultyOperations::Fault;

// Runs `work` in a process of its own, which ends in the ordinary way, HDF5's own clean-up included.
template <typename Work>
int status_of_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    std::exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool exited(int status, int code) {
  return WIFEXITED(status) && WEXITSTATUS(status) == code;
}
bool was_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int calls_of_commit(const Checkpoint& before, const Checkpoint& after) {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), before, 1);
  FaultyOperations operations;
  write_checkpoint(folder.path(), after, 1, operations);
  return operations.calls();
}

// As many tensors as push HDF5's metadata out of its cache while the file is being written.
Checkpoint checkpoint_of_many_tensors(int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  for (int i = 0; i < 1500; ++i) {
    checkpoint.tensors.push_back(tensor<float>("sets/default/lora/h." + std::to_string(i) + ".A",
                                               ElementType::float32, {2}, {static_cast<float>(i), 1}));
  }
  return checkpoint;
}

void require_whole(const fs::path& folder, const Checkpoint& before, const Checkpoint& after) {
  const LoadedCheckpoint loaded = read_latest(folder);
  REQUIRE((same(loaded.checkpoint, before) || same(loaded.checkpoint, after)));
}

void require_survives_each_call(const Checkpoint& before, const Checkpoint& after, Fault fault, int stride) {
  const int calls = calls_of_commit(before, after);
  REQUIRE(calls > 8);
  for (int call = 0; call < calls; call += stride) {
    INFO("fault at call " << call << " of " << calls);
    const TemporaryFolder folder;
    write_checkpoint(folder.path(), before, 1);
    REQUIRE(was_killed(status_of_child([&] {
      FaultyOperations operations(fault, call);
      write_checkpoint(folder.path(), after, 1, operations);
      return 0;
    })));
    require_whole(folder.path(), before, after);
    write_checkpoint(folder.path(), sample_checkpoint(9000), 1);
    REQUIRE(read_latest(folder.path()).warnings.empty());
    for (const auto& entry : fs::directory_iterator(folder.path()))
      REQUIRE(entry.path().extension() != ".tmp");
  }
}

// The commit throws, the process can save again and ends well.
void require_failure_is_told(const Checkpoint& before, const Checkpoint& after, Fault fault, int stride) {
  const int calls = calls_of_commit(before, after);
  for (int call = 0; call < calls; call += stride) {
    INFO("fault at call " << call << " of " << calls);
    const TemporaryFolder folder;
    write_checkpoint(folder.path(), before, 1);
    const int status = status_of_child([&] {
      FaultyOperations operations(fault, call);
      try {
        const Committed committed = write_checkpoint(folder.path(), after, 1, operations);
        return committed.warnings.empty() ? 1 : 2;
      } catch (const Error& error) {
        if (std::string(error.what()).find("no space left") == std::string::npos) return 3;
      }
      if (read_latest(folder.path()).checkpoint.tensors.empty()) return 4;
      write_checkpoint(folder.path() / "again", after, 1);
      return 0;
    });
    const bool only_pruning_failed = exited(status, 2) && call == calls - 1;
    INFO("status " << status);
    REQUIRE((exited(status, 0) || only_pruning_failed));
    require_whole(folder.path(), before, after);
  }
}

}  // namespace

TEST_CASE("a process killed at any call of a commit leaves the old checkpoint or the new one, whole") {
  const auto fault = GENERATE(Fault::killed, Fault::killed_half_way);
  require_survives_each_call(sample_checkpoint(200), sample_checkpoint(400), fault, 1);
}

TEST_CASE("a process killed while it rewrites the checkpoint of the same step leaves one of the two, whole") {
  require_survives_each_call(sample_checkpoint(400), sample_checkpoint(400, 0.5f), Fault::killed, 1);
}

TEST_CASE("a failure at any call of a commit is told, and the checkpoint before stays") {
  const auto fault = GENERATE(Fault::fails, Fault::fails_from_then_on);
  require_failure_is_told(sample_checkpoint(200), sample_checkpoint(400), fault, 1);
}

TEST_CASE("a failure among many writes is told, and HDF5 stays usable") {
  require_failure_is_told(sample_checkpoint(200), checkpoint_of_many_tensors(400), Fault::fails_from_then_on,
                          97);
}

TEST_CASE("bits that reach the disk changed are told, or the checkpoint is read back whole") {
  const Checkpoint after = sample_checkpoint(400);
  const int calls = calls_of_commit(sample_checkpoint(200), after);
  int told = 0;
  for (int call = 0; call < calls; ++call) {
    INFO("changed at call " << call << " of " << calls);
    const TemporaryFolder folder;
    write_checkpoint(folder.path(), sample_checkpoint(200), 1);
    FaultyOperations operations(Fault::writes_other_bits, call);
    try {
      write_checkpoint(folder.path(), after, 1, operations);
      REQUIRE(same(read_latest(folder.path()).checkpoint, after));
    } catch (const Error&) {
      ++told;
      REQUIRE(same(read_latest(folder.path()).checkpoint, sample_checkpoint(200)));
    }
  }
  CHECK(told > 2);
}

TEST_CASE("a disk that takes no more bytes is told, and the process ends well") {
  const Checkpoint after = checkpoint_of_many_tensors(400);
  const TemporaryFolder folder;
  const uint64_t size = write_checkpoint(folder.path() / "whole", after, 1).bytes;
  write_checkpoint(folder.path(), sample_checkpoint(200), 1);
  for (uint64_t limit = 0; limit < size; limit += size / 9) {
    INFO("limit of " << limit << " bytes");
    const int status = status_of_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit file_size{limit, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &file_size);
      try {
        write_checkpoint(folder.path(), after, 1);
        return 1;
      } catch (const Error& error) {
        return std::string(error.what()).find("File too large") != std::string::npos ? 0 : 2;
      }
    });
    REQUIRE(exited(status, 0));
    REQUIRE(same(read_latest(folder.path()).checkpoint, sample_checkpoint(200)));
    REQUIRE_FALSE(fs::exists(folder.path() / "step-000400.h5.tmp"));
  }
}

TEST_CASE("a checkpoint cut short anywhere is refused, and the one before is used, with a warning") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  const Committed committed = write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  for (int eighth = 0; eighth <= 8; ++eighth) {
    const uint64_t size =
        eighth == 8 ? committed.bytes - 1 : committed.bytes * static_cast<uint64_t>(eighth) / 8;
    INFO(size << " of " << committed.bytes << " bytes");
    fs::resize_file(committed.path, size);
    REQUIRE_THROWS_AS(read_checkpoint(committed.path), Error);
    const LoadedCheckpoint loaded = read_latest(folder.path());
    REQUIRE(same(loaded.checkpoint, sample_checkpoint(200)));
    REQUIRE_FALSE(loaded.warnings.empty());
    write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  }
}

TEST_CASE("a bit flipped anywhere is noticed") {
  const TemporaryFolder folder;
  const Committed committed = write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  const std::string content = content_of(committed.path);
  std::mt19937 random(7);
  std::vector<size_t> bits;
  for (size_t bit = 0; bit < size_t{512} * 8; bit += 3) bits.push_back(bit);  // the seal
  for (int i = 0; i < 400; ++i) bits.push_back(random() % (content.size() * 8));
  for (const size_t bit : bits) {
    INFO("bit " << bit);
    std::string damaged = content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    overwrite(committed.path, damaged);
    REQUIRE_THROWS_AS(read_checkpoint(committed.path), Error);
    REQUIRE_THROWS_AS(read_latest(folder.path()), Error);
  }
}

TEST_CASE("a bit flipped in LATEST is noticed, and a whole checkpoint is found all the same") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), sample_checkpoint(200), 3);
  write_checkpoint(folder.path(), sample_checkpoint(400), 3);
  const std::string content = content_of(folder.path() / "LATEST");
  for (size_t bit = 0; bit < content.size() * 8; ++bit) {
    INFO("bit " << bit);
    std::string damaged = content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    overwrite(folder.path() / "LATEST", damaged);
    const LoadedCheckpoint loaded = read_latest(folder.path());
    REQUIRE_FALSE(loaded.warnings.empty());
    REQUIRE(
        (same(loaded.checkpoint, sample_checkpoint(200)) || same(loaded.checkpoint, sample_checkpoint(400))));
  }
}
