# peft_add_plugin(NAME SOURCES … [VERSION V] [LINK LIBRARY…] [FOLDER DIRECTORY] [NO_INSTALL])
#
# A plugin of peft-host: NAME.so, and NAME.json beside it, its manifest. The same in this project and in one that has
# said find_package(PeftSdk). Makes the target plugin_NAME (plain NAME could be a word of the build tool's own: `test`).
#
#   VERSION     what PEFT_PLUGIN_VERSION stands for in the source; the project's version where it is not given
#   FOLDER      where both files go; plugins/ in the build folder where it is not given
#   NO_INSTALL  without it, installing puts both into lib/peft/plugins
#
# The manifest is written by loading the plugin as the host does: what the host would refuse fails to build.
if(NOT DEFINED PEFT_SDK_HEADERS)
  get_filename_component(PEFT_SDK_HEADERS "${CMAKE_CURRENT_LIST_DIR}/../sdk/include/peft" ABSOLUTE)
endif()

# A hash of the SDK's headers: which ones a plugin was compiled with. Reported by the host, not enforced.
function(_peft_sdk_header_hash result)
  file(GLOB headers "${PEFT_SDK_HEADERS}/*.h")
  list(SORT headers)
  set(hashes "")
  foreach(header IN LISTS headers)
    file(SHA256 "${header}" hash)
    string(APPEND hashes "${hash}\n")
  endforeach()
  string(SHA256 hash "${hashes}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${headers}")
  set(${result} "${hash}" PARENT_SCOPE)
endfunction()

function(peft_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "NO_INSTALL" "VERSION;FOLDER" "SOURCES;LINK")
  if(NOT name MATCHES "^[a-z0-9_]+$" OR NOT ARG_SOURCES OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "peft_add_plugin(${ARGV}): expected a name of a-z, 0-9 and _, then SOURCES and its files"
                        " [VERSION V] [LINK …] [FOLDER …] [NO_INSTALL]")
  endif()
  if(NOT ARG_VERSION)
    set(ARG_VERSION "${PROJECT_VERSION}")
  endif()
  if(NOT ARG_VERSION)
    message(FATAL_ERROR "peft_add_plugin(${name}): expected VERSION, or one in project(…)")
  endif()
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER "${CMAKE_BINARY_DIR}/plugins")
  endif()

  set(target plugin_${name})
  add_library(${target} MODULE ${ARG_SOURCES})
  _peft_sdk_header_hash(header_hash)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE
    "PEFT_PLUGIN_VERSION=\"${ARG_VERSION}\"" "PEFT_SDK_HEADER_HASH=\"${header_hash}\"")
  target_link_libraries(${target} PRIVATE PeftSdk::peft_sdk ${ARG_LINK})
  # A missing symbol is found when the plugin is linked, and when it is opened: never in the middle of a run.
  target_link_options(${target} PRIVATE -Wl,-z,now -Wl,--no-undefined)
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY "${ARG_FOLDER}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN/../.."
    LINK_DEPENDS "$<TARGET_FILE:PeftSdk::peft-plugin-manifest>")

  set(environment "")
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*address")
    # What LibTorch keeps for the life of the process is no reason to fail a build.
    set(environment "${CMAKE_COMMAND}" -E env ASAN_OPTIONS=detect_leaks=0)
  endif()
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${environment} "$<TARGET_FILE:PeftSdk::peft-plugin-manifest>" "$<TARGET_FILE:${target}>"
    BYPRODUCTS "${ARG_FOLDER}/${name}.json"
    VERBATIM)
  add_dependencies(${target} PeftSdk::peft-plugin-manifest)

  if(NOT ARG_NO_INSTALL)
    install(TARGETS ${target} LIBRARY DESTINATION lib/peft/plugins)
    install(FILES "${ARG_FOLDER}/${name}.json" DESTINATION lib/peft/plugins)
  endif()
endfunction()
