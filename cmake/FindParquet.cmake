# Arrow's libraries and headers as a pyarrow wheel carries them (beside each other, versioned names alone), or as a
# system installs them.
#
# Looks in PEFT_ARROW (a CMake or environment variable; `off` for none), then where the bootstrap found or put one
# (.deps/arrow.path), then in the system. Sets Parquet_FOUND, Parquet_VERSION and the target Parquet::Parquet.
set(Parquet_MINIMUM 15)

get_filename_component(_deps "${CMAKE_CURRENT_LIST_DIR}/../.deps" ABSOLUTE)
# Compared with "": `off` is false to CMake.
set(_root "${PEFT_ARROW}")
if("${_root}" STREQUAL "")
  set(_root "$ENV{PEFT_ARROW}")
endif()
if(EXISTS "${_deps}/arrow.path")
  if("${_root}" STREQUAL "")
    file(STRINGS "${_deps}/arrow.path" _root LIMIT_COUNT 1)
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${_deps}/arrow.path")
endif()

set(_hints "")
if(NOT "${_root}" STREQUAL "")
  set(_hints "${_root}" NO_DEFAULT_PATH)
endif()
# Looked for each time: the answer changes with the wheel, and costs nothing.
foreach(_entry INCLUDE_DIR LIBRARY ARROW_LIBRARY)
  unset(Parquet_${_entry} CACHE)
endforeach()
if(NOT "${_root}" STREQUAL "off")
  find_path(Parquet_INCLUDE_DIR parquet/arrow/reader.h PATH_SUFFIXES include PATHS ${_hints})
  # A wheel has libparquet.so.2600 and no libparquet.so.
  foreach(_name parquet arrow)
    file(GLOB _${_name} RELATIVE "${_root}/" "${_root}/lib${_name}.so.*")
  endforeach()
  find_library(Parquet_LIBRARY NAMES parquet ${_parquet} PATH_SUFFIXES lib PATHS ${_hints})
  find_library(Parquet_ARROW_LIBRARY NAMES arrow ${_arrow} PATH_SUFFIXES lib PATHS ${_hints})
endif()
mark_as_advanced(Parquet_INCLUDE_DIR Parquet_LIBRARY Parquet_ARROW_LIBRARY)

if(Parquet_INCLUDE_DIR)
  file(STRINGS "${Parquet_INCLUDE_DIR}/arrow/util/config.h" Parquet_VERSION REGEX "#define ARROW_VERSION_STRING")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" Parquet_VERSION "${Parquet_VERSION}")
  if(Parquet_VERSION VERSION_LESS Parquet_MINIMUM)
    message(STATUS "Arrow ${Parquet_VERSION} in ${Parquet_INCLUDE_DIR} is passed over: ${Parquet_MINIMUM} or newer is needed")
    set(Parquet_INCLUDE_DIR "")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Parquet
  REQUIRED_VARS Parquet_LIBRARY Parquet_ARROW_LIBRARY Parquet_INCLUDE_DIR
  VERSION_VAR Parquet_VERSION
  REASON_FAILURE_MESSAGE "Parquet files will not be read. Set PEFT_ARROW to a folder of Arrow ${Parquet_MINIMUM} or \
newer, with include/ and its libraries, for which a pyarrow package will do")

if(Parquet_FOUND AND NOT TARGET Parquet::Parquet)
  get_filename_component(_folder "${Parquet_LIBRARY}" DIRECTORY)
  add_library(Parquet::Parquet INTERFACE IMPORTED)
  target_include_directories(Parquet::Parquet SYSTEM INTERFACE "${Parquet_INCLUDE_DIR}")
  target_link_libraries(Parquet::Parquet INTERFACE "${Parquet_LIBRARY}" "${Parquet_ARROW_LIBRARY}")
  # Like LibTorch's, for installing too: the libraries are not copied.
  target_link_options(Parquet::Parquet INTERFACE "-Wl,-rpath,${_folder}")
endif()
