#include "checkpoint/hdf5_values.h"

#include <algorithm>
#include <bit>

#include "peft/error.h"

namespace peft::host {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors' bytes are written as they are in memory");

Hdf5Handle copy_of(hid_t type) {
  return Hdf5Handle(H5Tcopy(type), H5Tclose, "copy a type of HDF5");
}

// IEEE 754 binary16: sign at bit 15, five exponent bits from bit 10, ten of mantissa.
Hdf5Handle half_type() {
  Hdf5Handle type = copy_of(H5T_IEEE_F32LE);
  checked(H5Tset_fields(type.get(), 15, 10, 5, 0, 10), "describe float16 to HDF5");
  checked(H5Tset_size(type.get(), 2), "describe float16 to HDF5");
  checked(H5Tset_ebias(type.get(), 15), "describe float16 to HDF5");
  return type;
}

// As h5py has it, so that NumPy reads a bool.
Hdf5Handle boolean_type() {
  Hdf5Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose, "describe booleans to HDF5");
  const int8_t no = 0;
  const int8_t yes = 1;
  checked(H5Tenum_insert(type.get(), "FALSE", &no), "describe booleans to HDF5");
  checked(H5Tenum_insert(type.get(), "TRUE", &yes), "describe booleans to HDF5");
  return type;
}

Hdf5Handle text_type(size_t size) {
  Hdf5Handle type = copy_of(H5T_C_S1);
  checked(H5Tset_size(type.get(), std::max<size_t>(size, 1)),
          "describe a text to HDF5");  // HDF5 has no size 0
  checked(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "describe a text to HDF5");
  checked(H5Tset_cset(type.get(), H5T_CSET_UTF8), "describe a text to HDF5");
  return type;
}

Hdf5Handle scalar_space() {
  return Hdf5Handle(H5Screate(H5S_SCALAR), H5Sclose, "describe a scalar to HDF5");
}

void write_raw_attribute(hid_t object, const std::string& name, const Hdf5Handle& type, const void* data) {
  const std::string doing = "write attribute '" + name + "'";
  const Hdf5Handle space = scalar_space();
  Hdf5Handle attribute(H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                       H5Aclose, doing);
  checked(H5Awrite(attribute.get(), type.get(), data), doing);
  attribute.close(doing);
}

Hdf5Handle open_attribute(hid_t object, const std::string& name) {
  Hdf5Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "read attribute '" + name + "'");
  const Hdf5Handle space(H5Aget_space(attribute.get()), H5Sclose, "read attribute '" + name + "'");
  if (H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) {
    throw Error("attribute '" + name + "' holds more than one value; expected one");
  }
  return attribute;
}

bool same_type(const Hdf5Handle& left, const Hdf5Handle& right) {
  return checked(H5Tequal(left.get(), right.get()), "compare types of HDF5") > 0;
}

bool is_fixed_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

// Padding out of the way; no text that was written ends in a NUL.
std::string unpadded(std::string text) {
  text.erase(std::min(text.find_last_not_of('\0') + 1, text.size()));
  return text;
}

}  // namespace

Hdf5Handle stored_type(ElementType type) {
  switch (type) {
    case ElementType::float64: return copy_of(H5T_IEEE_F64LE);
    case ElementType::float32: return copy_of(H5T_IEEE_F32LE);
    case ElementType::float16: return half_type();
    case ElementType::bfloat16: return copy_of(H5T_STD_U16LE);
    case ElementType::int64: return copy_of(H5T_STD_I64LE);
    case ElementType::int32: return copy_of(H5T_STD_I32LE);
    case ElementType::int16: return copy_of(H5T_STD_I16LE);
    case ElementType::int8: return copy_of(H5T_STD_I8LE);
    case ElementType::uint8: return copy_of(H5T_STD_U8LE);
    case ElementType::boolean: return boolean_type();
  }
  throw Error("checkpoint: a tensor's element type is not one that can be stored");
}

void write_text_attribute(hid_t object, const std::string& name, std::string_view text) {
  const Hdf5Handle type = text_type(text.size());
  write_raw_attribute(object, name, type, text.empty() ? "" : text.data());
}

std::string read_text_attribute(hid_t object, const std::string& name) {
  const Hdf5Handle attribute = open_attribute(object, name);
  const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose, "read attribute '" + name + "'");
  if (!is_fixed_text(type.get())) throw Error("attribute '" + name + "' is no text of fixed length");
  constexpr size_t limit = size_t{1} << 16;  // ours are names and hashes
  const size_t size = H5Tget_size(type.get());
  if (size > limit)
    throw Error("attribute '" + name + "' has " + std::to_string(size) + " bytes; expected less");
  std::string text(size, '\0');
  checked(H5Aread(attribute.get(), type.get(), text.data()), "read attribute '" + name + "'");
  return unpadded(std::move(text));
}

void write_attribute(hid_t object, const std::string& name, const Value& value) {
  if (value.type() == Value::Type::boolean) {
    const int8_t stored = value.as_boolean() ? 1 : 0;
    write_raw_attribute(object, name, stored_type(ElementType::boolean), &stored);
  } else if (value.type() == Value::Type::integer) {
    const int64_t stored = value.as_integer();
    write_raw_attribute(object, name, stored_type(ElementType::int64), &stored);
  } else {
    const double stored = value.as_number();
    write_raw_attribute(object, name, stored_type(ElementType::float64), &stored);
  }
}

Value read_attribute(hid_t object, const std::string& name) {
  const std::string doing = "read attribute '" + name + "'";
  const Hdf5Handle attribute = open_attribute(object, name);
  const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose, doing);
  if (same_type(type, stored_type(ElementType::boolean))) {
    int8_t stored = 0;
    checked(H5Aread(attribute.get(), type.get(), &stored), doing);
    return stored != 0;
  }
  if (same_type(type, stored_type(ElementType::int64))) {
    int64_t stored = 0;
    checked(H5Aread(attribute.get(), type.get(), &stored), doing);
    return stored;
  }
  if (same_type(type, stored_type(ElementType::float64))) {
    double stored = 0;
    checked(H5Aread(attribute.get(), type.get(), &stored), doing);
    return stored;
  }
  throw Error("attribute '" + name + "' has an unexpected type; expected a boolean, an int64 or a float64");
}

Hdf5Handle write_text_dataset(hid_t group, const std::string& name, std::string_view text) {
  const std::string doing = "write '" + name + "'";
  const Hdf5Handle type = text_type(text.size());
  const Hdf5Handle space = scalar_space();
  const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, doing);
  checked(H5Pset_obj_track_times(creation.get(), false), doing);
  Hdf5Handle dataset(
      H5Dcreate2(group, name.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, doing);
  checked(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.empty() ? "" : text.data()),
          doing);
  return dataset;
}

std::string read_text_dataset(hid_t group, const std::string& name, uint64_t limit) {
  const std::string doing = "read '" + name + "'";
  const Hdf5Handle dataset(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose, doing);
  const Hdf5Handle type(H5Dget_type(dataset.get()), H5Tclose, doing);
  const Hdf5Handle space(H5Dget_space(dataset.get()), H5Sclose, doing);
  if (!is_fixed_text(type.get()) || H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) {
    throw Error("'" + name + "' is not one text of fixed length");
  }
  const size_t size = H5Tget_size(type.get());
  if (size > limit) {
    throw Error("'" + name + "' claims " + std::to_string(size) + " bytes; the file has " +
                std::to_string(limit));
  }
  std::string text(size, '\0');
  checked(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), doing);
  return unpadded(std::move(text));
}

}  // namespace peft::host
