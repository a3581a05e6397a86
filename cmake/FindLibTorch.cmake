# LibTorch from its libraries and headers alone: its own package configuration wants the CUDA toolkit wherever
# the build is a CUDA one, and none of it is needed here.
#
# Looks in LIBTORCH (a CMake or environment variable), CMAKE_PREFIX_PATH, then the folder the bootstrap fills.
# Sets LibTorch_FOUND, LibTorch_VERSION, LibTorch_LIBRARY_DIR and the target LibTorch::LibTorch.
set(_libtorch_hints "${LIBTORCH}" "$ENV{LIBTORCH}" ${CMAKE_PREFIX_PATH}
    "${CMAKE_SOURCE_DIR}/.deps/torch")
list(FILTER _libtorch_hints EXCLUDE REGEX "^$")

find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h HINTS ${_libtorch_hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_LIBRARY torch HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_LIBRARY
                 LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY)

if(LibTorch_INCLUDE_DIR)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS "${LibTorch_INCLUDE_DIR}/${_header}")
      file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX REPLACE ".*MAJOR ([0-9]+).*" "\\1" _major "${_lines}")
      string(REGEX REPLACE ".*MINOR ([0-9]+).*" "\\1" _minor "${_lines}")
      string(REGEX REPLACE ".*PATCH ([0-9]+).*" "\\1" _patch "${_lines}")
      set(LibTorch_VERSION "${_major}.${_minor}.${_patch}")
      break()
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run `make build`, which fetches it, or set LIBTORCH to a folder with include/ and lib/")

if(LibTorch_FOUND AND LibTorch_VERSION VERSION_LESS 2.11)
  message(FATAL_ERROR "LibTorch ${LibTorch_VERSION} was found in ${LibTorch_INCLUDE_DIR}; 2.11 or newer is needed")
endif()

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  get_filename_component(LibTorch_LIBRARY_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # With CUDA, the device library registers itself when it is loaded: it must be linked though no symbol names it.
  set(_cuda "")
  if(LibTorch_CUDA_LIBRARY AND LibTorch_C10_CUDA_LIBRARY)
    set(_cuda -Wl,--no-as-needed "${LibTorch_CUDA_LIBRARY}" "${LibTorch_C10_CUDA_LIBRARY}" -Wl,--as-needed)
  endif()
  target_link_libraries(LibTorch::LibTorch INTERFACE "${LibTorch_CPU_LIBRARY}" "${LibTorch_C10_LIBRARY}" ${_cuda})
  # Operators by their own headers (ATen/ops/*.h): the catch-all headers are refused at compile time.
  target_compile_definitions(LibTorch::LibTorch INTERFACE AT_PER_OPERATOR_HEADERS)
  target_link_options(LibTorch::LibTorch INTERFACE "-Wl,-rpath,${LibTorch_LIBRARY_DIR}"
                      "-Wl,--allow-shlib-undefined")
endif()
