#include "checkpoint/hdf5_reader.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/sha256.h"
#include "checkpoint/hdf5_handle.h"
#include "checkpoint/hdf5_values.h"
#include "checkpoint/layout.h"
#include "peft/error.h"

namespace peft::host {
namespace {

Hdf5Handle open_file(const std::filesystem::path& path) {
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "set HDF5 up");
  checked(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "set HDF5 up");
  // Nobody writes to a committed file, and locks fail on many network file systems.
  checked(H5Pset_file_locking(access.get(), false, true), "set HDF5 up");
  return Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, "open it as HDF5");
}

void require_format(hid_t file) {
  const std::string format = read_text_attribute(file, "format");
  if (format != layout::format_name) {
    throw Error("its format is '" + format + "'; expected '" + std::string(layout::format_name) + "'");
  }
  const Value version = read_attribute(file, "format_version");
  if (!version.is_integer() || version.as_integer() != layout::format_version) {
    throw Error("its format version is " + dump_json(version) + "; this build reads version " +
                std::to_string(layout::format_version) + "; use a newer build");
  }
}

struct Listing {
  std::set<std::string> paths;  // of everything that is not a group
  std::exception_ptr failure;
};

void list_link(Listing& listing, hid_t root, const char* path, const H5L_info_t& link) {
  if (link.type != H5L_TYPE_HARD)
    throw Error("'" + std::string(path) + "' is a link; expected a tensor or a group");
  const Hdf5Handle object(H5Oopen(root, path, H5P_DEFAULT), H5Oclose, "open '" + std::string(path) + "'");
  if (H5Iget_type(object.get()) != H5I_GROUP) listing.paths.insert(path);
}

// HDF5 calls this: nothing may be thrown through it.
herr_t visit_link(hid_t root, const char* path, const H5L_info_t* link, void* data) {
  auto& listing = *static_cast<Listing*>(data);
  try {
    list_link(listing, root, path, *link);
    return 0;
  } catch (...) {
    listing.failure = std::current_exception();
    return 1;
  }
}

std::set<std::string> dataset_paths(hid_t file) {
  Listing listing;
  const herr_t result = H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit_link, &listing);
  if (listing.failure) std::rethrow_exception(listing.failure);
  checked(result, "list what the file holds");
  return std::move(listing.paths);
}

std::vector<int64_t> shape_of(hid_t dataset) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, "read a tensor's shape");
  const int rank = checked(H5Sget_simple_extent_ndims(space.get()), "read a tensor's shape");
  std::vector<hsize_t> shape(static_cast<size_t>(rank));
  checked(H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr), "read a tensor's shape");
  return {shape.begin(), shape.end()};
}

class Reader {
 public:
  Reader(hid_t file, uint64_t file_bytes)
      : file_(file), file_bytes_(file_bytes), unclaimed_(dataset_paths(file)) {}

  Hdf5Content read(const std::function<void(TensorView)>& take) {
    return read_around([&](const TensorEntry& entry) { take(read_tensor(entry)); });
  }

  Hdf5Content read_without_tensors() {
    return read_around([this](const TensorEntry& entry) { claim(entry.path); });
  }

 private:
  template <class Tensor>
  Hdf5Content read_around(const Tensor& tensor) {
    Hdf5Content content;
    const std::string manifest_name(layout::manifest_dataset);
    claim(manifest_name);
    content.manifest = parse_manifest(read_text_dataset(file_, manifest_name, file_bytes_));
    if (read_attribute(file_, "step") != Value(content.manifest.step)) {
      throw Error("attribute 'step' differs from the manifest's step " +
                  std::to_string(content.manifest.step));
    }
    for (const TensorEntry& entry : content.manifest.tensors) tensor(entry);
    content.metadata = read_metadata(content.manifest.metadata);
    if (!unclaimed_.empty())
      throw Error("unexpected '" + *unclaimed_.begin() + "', which the manifest does not name");
    return content;
  }

  void claim(const std::string& path) {
    if (unclaimed_.erase(path) == 0) throw Error("missing '" + path + "'");
  }

  TensorView read_tensor(const TensorEntry& entry) {
    claim(entry.path);
    const std::string doing = "read tensor '" + entry.path + "'";
    const Hdf5Handle dataset(H5Dopen2(file_, entry.path.c_str(), H5P_DEFAULT), H5Dclose, doing);
    const Hdf5Handle type = stored_type(entry.type);
    const Hdf5Handle found_type(H5Dget_type(dataset.get()), H5Tclose, doing);
    const std::vector<int64_t> shape = shape_of(dataset.get());
    if (checked(H5Tequal(type.get(), found_type.get()), doing) == 0 || shape != entry.shape) {
      throw Error("tensor '" + entry.path + "' is not the " + std::string(name(entry.type)) + " " +
                  shape_text(entry.shape) + " that the manifest names; its shape is " + shape_text(shape));
    }
    const std::optional<uint64_t> size = byte_count(entry.type, shape);
    if (!size || *size > file_bytes_)
      throw Error("tensor '" + entry.path + "' claims more bytes than the file has");
    const std::shared_ptr<std::byte[]> bytes(new std::byte[*size]);
    if (*size > 0)
      checked(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.get()), doing);
    Sha256 hash;
    hash.update(bytes.get(), *size);
    if (hash.finish() != entry.sha256) throw Error("tensor '" + entry.path + "' differs from its SHA-256");
    return {entry.path, entry.type, shape, {bytes.get(), *size}, bytes};
  }

  Value read_metadata(const std::vector<MetadataEntry>& entries) {
    const std::string group_name(layout::metadata_group);
    const Hdf5Handle group(H5Gopen2(file_, group_name.c_str(), H5P_DEFAULT), H5Gclose, "open the metadata");
    Value metadata = Value(Value::Map{});
    for (const MetadataEntry& entry : entries) {
      if (entry.stored_as != StoredAs::attribute) claim(group_name + "/" + entry.key);
      Value value = read_entry(group.get(), entry);
      if (metadata_sha256(value) != entry.sha256)
        throw Error("metadata '" + entry.key + "' differs from its SHA-256");
      metadata.set(entry.key, std::move(value));
    }
    return metadata;
  }

  Value read_entry(hid_t group, const MetadataEntry& entry) const {
    if (entry.stored_as == StoredAs::attribute) return read_attribute(group, entry.key);
    std::string text = read_text_dataset(group, entry.key, file_bytes_);
    if (entry.stored_as == StoredAs::text) return text;
    return parse_json(text, {.name = "metadata '" + entry.key + "'"});
  }

  hid_t file_;
  uint64_t file_bytes_;
  std::set<std::string> unclaimed_;  // datasets that no manifest entry has asked for yet
};

template <class Read>
Hdf5Content read_file_with(const std::filesystem::path& path, const Read& read) {
  const Hdf5Session session;
  const Hdf5Handle file = open_file(path);
  require_format(file.get());
  return read(Reader(file.get(), std::filesystem::file_size(path)));
}

}  // namespace

Hdf5Content read_hdf5(const std::filesystem::path& path, const std::function<void(TensorView)>& take) {
  return read_file_with(path, [&](Reader reader) { return reader.read(take); });
}

Hdf5Content read_hdf5_without_tensors(const std::filesystem::path& path) {
  return read_file_with(path, [](Reader reader) { return reader.read_without_tensors(); });
}

}  // namespace peft::host
