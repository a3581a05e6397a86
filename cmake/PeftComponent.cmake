# peft_component(NAME SOURCES … [LINK …])
# A folder of the framework as a static library `peft_NAME`; others include its headers as "NAME/header.h".
function(peft_component name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(peft_${name} STATIC ${ARG_SOURCES})
  target_include_directories(peft_${name} PUBLIC "${PROJECT_SOURCE_DIR}/framework")
  target_link_libraries(peft_${name} PUBLIC peft_core ${ARG_LINK})
endfunction()

# peft_test(NAME SOURCES … [LINK …])
# A Catch2 program, run as one test and labelled with its folder's name: `ctest -L unit`.
function(peft_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE peft_test_main ${ARG_LINK})
  add_test(NAME ${name} COMMAND ${name})
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  # Tensors of tests are tiny: more threads wait for each other longer than they compute. And what a test encodes is
  # neither found in the user's cache nor left there.
  set_tests_properties(${name} PROPERTIES
    LABELS "${folder}" ENVIRONMENT "PEFT_SHARED_DATA=${PEFT_SHARED_DATA};OMP_NUM_THREADS=1;PEFT_CACHE=off")
endfunction()
