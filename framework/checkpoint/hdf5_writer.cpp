#include "checkpoint/hdf5_writer.h"

#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/hdf5_file_driver.h"
#include "checkpoint/hdf5_handle.h"
#include "checkpoint/hdf5_values.h"
#include "checkpoint/layout.h"

namespace peft::host {
namespace {

// Fits HDF5's default chunk cache of 1 MiB.
constexpr uint64_t max_chunk_bytes = uint64_t{1} << 20;

std::vector<hsize_t> chunk_shape(const TensorView& tensor) {
  std::vector<hsize_t> chunk(tensor.shape.begin(), tensor.shape.end());
  uint64_t bytes = size_in_bytes(tensor.type);
  for (const hsize_t size : chunk) bytes *= size;
  for (hsize_t& size : chunk) {  // from the outermost: a chunk stays one run of memory where it can
    while (size > 1 && bytes > max_chunk_bytes) {
      const hsize_t half = (size + 1) / 2;
      bytes = bytes / size * half;
      size = half;
    }
  }
  return chunk;
}

Hdf5Handle property_list(hid_t kind) {
  return Hdf5Handle(H5Pcreate(kind), H5Pclose, "set HDF5 up");
}

class Writer {
 public:
  explicit Writer(const Hdf5FileDriver& driver, hid_t file)
      : driver_(driver),
        file_(file),
        links_(property_list(H5P_LINK_CREATE)),
        groups_(property_list(H5P_GROUP_CREATE)) {
    checked(H5Pset_char_encoding(links_.get(), H5T_CSET_UTF8), "set HDF5 up");
    // Times would make two files of the same content differ.
    checked(H5Pset_obj_track_times(groups_.get(), false), "set HDF5 up");
  }

  void write(const Checkpoint& checkpoint, const Manifest& manifest) {
    write_text_attribute(file_, "format", layout::format_name);
    write_attribute(file_, "format_version", layout::format_version);
    write_attribute(file_, "step", checkpoint.step);
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
      write_tensor(checkpoint.tensors[i], manifest.tensors[i]);
      driver_.rethrow_failure();
    }
    write_metadata(checkpoint.metadata.as_map());
    write_text_dataset(file_, std::string(layout::manifest_dataset), manifest_text(manifest))
        .close("write the manifest");
  }

 private:
  void create_group(const std::string& path) {
    if (!created_.insert(path).second) return;
    Hdf5Handle(H5Gcreate2(file_, path.c_str(), links_.get(), groups_.get(), H5P_DEFAULT), H5Gclose,
               "create group '" + path + "'")
        .close("create group '" + path + "'");
  }

  void create_groups_above(const std::string& path) {
    for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      create_group(path.substr(0, slash));
    }
  }

  void write_tensor(const TensorView& tensor, const TensorEntry& entry) {
    const std::string doing = "write tensor '" + tensor.name + "'";
    create_groups_above(tensor.name);
    const std::vector<hsize_t> shape(tensor.shape.begin(), tensor.shape.end());
    const Hdf5Handle space(shape.empty()
                               ? H5Screate(H5S_SCALAR)
                               : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                           H5Sclose, doing);
    const Hdf5Handle creation = property_list(H5P_DATASET_CREATE);
    checked(H5Pset_obj_track_times(creation.get(), false), doing);
    if (!shape.empty() && !tensor.bytes.empty()) {  // HDF5 has no chunks of scalars, nor of nothing
      const std::vector<hsize_t> chunk = chunk_shape(tensor);
      checked(H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()), doing);
      checked(H5Pset_fletcher32(creation.get()), doing);
    }
    const Hdf5Handle type = stored_type(tensor.type);
    Hdf5Handle dataset(H5Dcreate2(file_, tensor.name.c_str(), type.get(), space.get(), links_.get(),
                                  creation.get(), H5P_DEFAULT),
                       H5Dclose, doing);
    if (!tensor.bytes.empty()) {
      checked(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.bytes.data()), doing);
    }
    write_text_attribute(dataset.get(), "element_type", name(tensor.type));
    write_text_attribute(dataset.get(), "sha256", entry.sha256);
    dataset.close(doing);
  }

  void write_metadata(const Value::Map& metadata) {
    const std::string group_name(layout::metadata_group);
    create_group(group_name);
    Hdf5Handle group(H5Gopen2(file_, group_name.c_str(), H5P_DEFAULT), H5Gclose, "write the metadata");
    for (const auto& [key, value] : metadata) write_entry(group.get(), key, value);
    group.close("write the metadata");
  }

  void write_entry(hid_t group, const std::string& key, const Value& value) {
    const StoredAs form = form_of(value);
    if (form == StoredAs::attribute) return write_attribute(group, key, value);
    Hdf5Handle dataset =
        write_text_dataset(group, key, form == StoredAs::text ? value.as_text() : dump_json(value));
    write_text_attribute(dataset.get(), "encoding", form == StoredAs::text ? "text" : "json");
    dataset.close("write metadata '" + key + "'");
  }

  const Hdf5FileDriver& driver_;
  hid_t file_;
  Hdf5Handle links_;
  Hdf5Handle groups_;
  std::set<std::string> created_;
};

Hdf5Handle create_file(Hdf5FileDriver& driver, uint64_t user_block) {
  const Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  driver.use_in(access.get());
  checked(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "set HDF5 up");
  // Any HDF5 since 1.8 reads what stays within 1.8's features; 1.10 bounds what may be used beyond them.
  checked(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V110), "set HDF5 up");
  const Hdf5Handle creation = property_list(H5P_FILE_CREATE);
  checked(H5Pset_userblock(creation.get(), user_block), "set HDF5 up");
  checked(H5Pset_obj_track_times(creation.get(), false), "set HDF5 up");
  return Hdf5Handle(H5Fcreate("checkpoint", H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                    "begin an HDF5 file");
}

}  // namespace

void write_hdf5(FileOperations& operations, const OpenFile& file, uint64_t user_block,
                const Checkpoint& checkpoint, const Manifest& manifest) {
  const Hdf5Session session;
  Hdf5FileDriver driver(operations, file);
  try {
    Hdf5Handle hdf5_file = create_file(driver, user_block);
    Writer(driver, hdf5_file.get()).write(checkpoint, manifest);
    checked(H5Fflush(hdf5_file.get(), H5F_SCOPE_GLOBAL), "flush the HDF5 file");
    hdf5_file.close("close the HDF5 file");
  } catch (...) {
    driver.rethrow_failure();  // the disk's reason, where it is behind HDF5's
    throw;
  }
  driver.rethrow_failure();
}

}  // namespace peft::host
