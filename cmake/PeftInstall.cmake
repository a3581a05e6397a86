# What `cmake --install` puts under a prefix. It may be moved as a whole: libraries are found from where the files are.
#
#   bin/                peft-host, peft-plugin-manifest, peft-test-method
#   lib/                the SDK's libraries, and the engine and the Parquet reader that peft-host opens
#   lib/peft/plugins/   plugins and their manifests (installed by peft_add_plugin)
#   include/peft/       the SDK's headers
#   lib/cmake/PeftSdk/  find_package(PeftSdk)
#   share/peft/template the starter plugin
#   share/peft/methods  what peft-test-method puts a method together with; the test itself is lib/peft/all_pairs_test
#
# LibTorch and Arrow are not copied: what needs them looks for it where it lay when this was built.
include(CMakePackageConfigHelpers)

set(_package lib/cmake/PeftSdk)
get_filename_component(PEFT_LIBTORCH_ROOT "${LibTorch_INCLUDE_DIR}" DIRECTORY)
get_filename_component(PEFT_LIBTORCH_ROOT "${PEFT_LIBTORCH_ROOT}" REALPATH)
string(REGEX MATCH "^[0-9]+[.][0-9]+" PEFT_LIBTORCH_SERIES "${LibTorch_VERSION}")

set_target_properties(peft_core peft_sdk PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(peft-plugin-manifest PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS peft_core peft_sdk peft-plugin-manifest EXPORT PeftSdk
  RUNTIME DESTINATION bin LIBRARY DESTINATION lib)

# The host itself is no part of what find_package gives.
foreach(_target peft-host peft_engine peft_parquet peft_hub)
  if(TARGET ${_target})
    set_target_properties(${_target} PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/../lib")
    install(TARGETS ${_target} RUNTIME DESTINATION bin LIBRARY DESTINATION lib)
  endif()
endforeach()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/include/peft" DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/template" DESTINATION share/peft)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/PeftSdkConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/PeftSdkConfig.cmake" INSTALL_DESTINATION ${_package})
# A plugin works with the SDK it was built for, and no other.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/PeftSdkConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT PeftSdk NAMESPACE PeftSdk:: FILE PeftSdkTargets.cmake DESTINATION ${_package})
install(FILES
  "${PROJECT_BINARY_DIR}/PeftSdkConfig.cmake"
  "${PROJECT_BINARY_DIR}/PeftSdkConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLibTorch.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/PeftAddPlugin.cmake"
  DESTINATION ${_package})
