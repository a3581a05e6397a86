// Folders that cannot be written, disks that are full, losses that are no numbers: what is saved stays whole.
#include <catch2/catch.hpp>
#include <filesystem>

#include "refusal.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("A folder that cannot be written is refused before anything is read") {
  for (const std::string output : {"recipe.yaml", "recipe.yaml/run"}) {
    const std::string words = small().recipe() + " output=" + small().path(output).string();
    for (const std::string verb : {"run ", "validate "}) {
      check_refused(SmallRun::host(verb + words), 2,
                    {"command line: 'output=" + small().path(output).string() +
                     "': error: 'output': " + small().recipe() + " is not a folder"});
    }
  }
  // Where not even root may write.
  check_refused(SmallRun::host("run " + small().recipe() + " output=/proc/1/run"), 2,
                {"'output': cannot write in /proc/1"});
}

TEST_CASE(
    "A file that may not grow stops the run with the system's reason; no part of a checkpoint is left") {
  // The tokens are made before, where files may grow.
  const std::string with_cache = "PEFT_CACHE=" + small().path("cache").string() + " ";
  const std::string words =
      small().recipe() + " evaluate.every=0 train.steps=1 output=" + small().path("full").string();
  REQUIRE(say(with_cache + PEFT_HOST " validate " + words).exit_code == 0);
  // Blocks of 1 KiB; enough for the other files. Without the signal, writing fails as on a full disk.
  const Said said =
      say(with_cache + "bash -c 'trap \"\" XFSZ; ulimit -f 8; exec \"$@\"' _ " PEFT_HOST " run " + words);
  INFO(said.err);
  CHECK(said.exit_code == 1);
  CHECK_THAT(said.err, Contains("could not save the checkpoint of step 1") && Contains("File too large"));
  CHECK_THAT(said.err, !Contains("unexpected:"));
  CHECK(fs::is_empty(small().path("full") / "checkpoints"));
}

TEST_CASE("On a full disk the run stops, and the last checkpoint is whole") {
  const fs::path disk = small().path("disk");
  fs::create_directory(disk);
  // Room for one checkpoint, not for two.
  if (say("mount -t tmpfs -o size=300k tmpfs " + disk.string()).exit_code != 0) {
    WARN("skipped: a small file system cannot be mounted here");
    return;
  }
  const Said said = small().run("disk/run", "train.checkpoint_every=1 evaluate.every=0");
  const Said inspected = SmallRun::host("inspect " + (disk / "run").string());
  say("umount " + disk.string());
  check_refused(said, 1, {"could not save the checkpoint of step 2", "No space left on device"});
  CHECK(inspected.exit_code == 0);
  CHECK_THAT(inspected.out, Contains("step-000001.h5") && Contains("verified  yes"));
}

TEST_CASE("A model that memory cannot hold is refused before anything of it is made") {
  // A vocabulary that no machine can hold.
  const std::string recipe =
      recipe_of(with(SmallRun::recipe_text(), "vocab_size: 8192, n_positions: 128, n_embd: 32",
                     "vocab_size: 4294967296, n_positions: 128, n_embd: 1048576"));
  const std::string run = "run " + recipe + " output=" + small().path("huge").string();
  check_refused(SmallRun::host(run), 2,
                {"'train.memory_limit': holding the model takes about", "set dtype: bfloat16"});
}

TEST_CASE("A loss that is no number stops the run; the last checkpoint stays, whole") {
  const Said said =
      small().run("diverged", "train.learning_rate=1e30 train.checkpoint_every=1 evaluate.every=0");
  check_refused(said, 1, {"step 2: the loss is ", "train.learning_rate"});
  CHECK_THAT(said.err, !Contains("-nan"));
  const Said inspected = SmallRun::host("inspect " + small().path("diverged").string());
  CHECK(inspected.exit_code == 0);
  CHECK_THAT(inspected.out, Contains("step-000001.h5"));
}
