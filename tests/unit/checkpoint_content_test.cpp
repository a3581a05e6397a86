// Files whose seal is right and whose content is not what their manifest says: what a faulty writer would
// leave.
#include <fcntl.h>
#include <hdf5.h>

#include <catch2/catch.hpp>

#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "checkpoint/seal.h"
#include "checkpoint_fixture.h"
#include "peft/error.h"
#include "support/temporary_folder.h"

using namespace peft;
using namespace peft::host;
using namespace peft::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

void seal_again(const fs::path& path) {
  FileOperations operations;
  const OpenFile file(::open(path.c_str(), O_RDWR));
  write_seal(operations, file, seal_for(path));
}

// Changes the file through HDF5, as a program that knows nothing of manifests would.
template <typename Edit>
void edit(const fs::path& path, Edit change) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  REQUIRE(file >= 0);
  REQUIRE(change(file) >= 0);
  REQUIRE(H5Fclose(file) >= 0);
  seal_again(path);
}

}  // namespace

TEST_CASE("content that differs from the manifest is refused by name, under a seal that is right") {
  const TemporaryFolder folder;
  Checkpoint checkpoint = sample_checkpoint(200);
  checkpoint.tensors.push_back(tensor<float>("sets/default/ia3/scale", ElementType::float32, {}, {2.5f}));
  const fs::path path = write_checkpoint(folder.path(), checkpoint, 3).path;
  std::string expected;

  SECTION("a tensor is missing") {
    edit(path, [](hid_t file) { return H5Ldelete(file, "sets/default/prefix/tokens", H5P_DEFAULT); });
    expected = "missing 'sets/default/prefix/tokens'";
  }
  SECTION("a tensor is unexpected") {
    edit(path, [](hid_t file) {
      return H5Ocopy(file, "sets/default/prefix/tokens", file, "sets/more", H5P_DEFAULT, H5P_DEFAULT);
    });
    expected = "unexpected 'sets/more'";
  }
  SECTION("a tensor is a link to somewhere else") {
    edit(path, [](hid_t file) {
      H5Ldelete(file, "sets/default/prefix/tokens", H5P_DEFAULT);
      return H5Lcreate_external("other.h5", "/x", file, "sets/default/prefix/tokens", H5P_DEFAULT,
                                H5P_DEFAULT);
    });
    expected = "'sets/default/prefix/tokens' is a link";
  }
  SECTION("a tensor stands where one of another shape is expected") {
    edit(path, [](hid_t file) {
      H5Ldelete(file, "sets/default/prefix/tokens", H5P_DEFAULT);
      return H5Ocopy(file, "sets/default/lora/h.0.attn.qkv.A", file, "sets/default/prefix/tokens",
                     H5P_DEFAULT, H5P_DEFAULT);
    });
    expected =
        "'sets/default/prefix/tokens' is not the float32 [40, 50] that the manifest names; its shape is [2, "
        "3]";
  }
  SECTION("a tensor's value is another") {
    edit(path, [](hid_t file) {
      const float other = 2.75f;
      const hid_t dataset = H5Dopen2(file, "sets/default/ia3/scale", H5P_DEFAULT);
      REQUIRE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &other) >= 0);
      return H5Dclose(dataset);
    });
    expected = "tensor 'sets/default/ia3/scale' differs from its SHA-256";
  }
  SECTION("an entry of the metadata is another") {
    edit(path, [](hid_t file) {
      const double other = 0.5;
      const hid_t group = H5Gopen2(file, "metadata", H5P_DEFAULT);
      const hid_t attribute = H5Aopen(group, "loss", H5P_DEFAULT);
      REQUIRE(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &other) >= 0);
      H5Aclose(attribute);
      return H5Gclose(group);
    });
    expected = "metadata 'loss' differs from its SHA-256";
  }
  SECTION("the format version is another") {
    edit(path, [](hid_t file) {
      const int64_t other = 9;
      const hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
      REQUIRE(H5Awrite(attribute, H5T_NATIVE_INT64, &other) >= 0);
      return H5Aclose(attribute);
    });
    expected = "format version is 9; this build reads version 1";
  }
  SECTION("it is an HDF5 file of another kind") {
    edit(path, [](hid_t file) { return H5Adelete(file, "format"); });
    expected = "cannot read attribute 'format'";
  }
  CHECK_THROWS_WITH(read_checkpoint(path), Contains(expected) && Contains("step-000200.h5 cannot be used"));
}
