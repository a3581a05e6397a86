# LibTorch from its libraries and headers alone: its own package configuration wants the CUDA toolkit wherever
# the build is a CUDA one, and none of it is needed here.
#
# Looks in LIBTORCH (a CMake or environment variable), CMAKE_PREFIX_PATH (either too), then where the bootstrap found
# or put one (.deps/libtorch.path); the first of LibTorch_MINIMUM or newer is taken.
# Sets LibTorch_FOUND, LibTorch_VERSION, LibTorch_LIBRARY_DIR and the target LibTorch::LibTorch.
set(LibTorch_MINIMUM 2.11)

get_filename_component(_deps "${CMAKE_CURRENT_LIST_DIR}/../.deps" ABSOLUTE)
set(_recorded "")
if(EXISTS "${_deps}/libtorch.path")
  file(STRINGS "${_deps}/libtorch.path" _recorded LIMIT_COUNT 1)
  # A different LibTorch is a different build: configure again when the bootstrap settles on one.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${_deps}/libtorch.path")
endif()
string(REPLACE ":" ";" _prefixes "$ENV{CMAKE_PREFIX_PATH}")
list(APPEND _prefixes ${CMAKE_PREFIX_PATH})
set(_roots "${LIBTORCH}" "$ENV{LIBTORCH}")
foreach(_prefix IN LISTS _prefixes)
  # torch advertises the folder of its own package files, two levels below its libraries.
  string(REGEX REPLACE "/share/cmake.*$" "" _prefix "${_prefix}")
  list(APPEND _roots "${_prefix}")
endforeach()
list(APPEND _roots "${_recorded}" "${_deps}/torch")

# The version in a LibTorch folder's headers; empty where there is none.
function(_libtorch_version root result)
  set(${result} "" PARENT_SCOPE)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS "${root}/include/${_header}")
      file(STRINGS "${root}/include/${_header}" _lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX REPLACE "[^0-9]+" "." _version "${_lines}")
      string(REGEX REPLACE "^[.]|[.]$" "" _version "${_version}")
      set(${result} "${_version}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

set(_root "")
set(_too_old "")
foreach(_candidate IN LISTS _roots)
  if(_candidate AND EXISTS "${_candidate}/include/ATen/core/Tensor.h")
    _libtorch_version("${_candidate}" LibTorch_VERSION)
    if(LibTorch_VERSION VERSION_GREATER_EQUAL LibTorch_MINIMUM)
      set(_root "${_candidate}")
      break()
    endif()
    string(APPEND _too_old " ${_candidate} has ${LibTorch_VERSION}.")
  endif()
endforeach()

# What was found in another root is forgotten: find_path and find_library keep their first answer for ever.
if(NOT "${_root}" STREQUAL "${LibTorch_ROOT_FOUND}")
  foreach(_entry INCLUDE_DIR CPU_LIBRARY C10_LIBRARY CUDA_LIBRARY C10_CUDA_LIBRARY)
    unset(LibTorch_${_entry} CACHE)
  endforeach()
endif()
set(LibTorch_ROOT_FOUND "${_root}" CACHE INTERNAL "The LibTorch that the entries LibTorch_* are from")

find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h PATHS "${_root}/include" NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS "${_root}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 PATHS "${_root}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_CUDA_LIBRARY torch_cuda PATHS "${_root}/lib" NO_DEFAULT_PATH)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda PATHS "${_root}/lib" NO_DEFAULT_PATH)
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_CUDA_LIBRARY
                 LibTorch_C10_CUDA_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "${LibTorch_MINIMUM} or newer is needed.${_too_old} Run `make build`, which fetches it, or \
set LIBTORCH to a folder with include/ and lib/")

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
