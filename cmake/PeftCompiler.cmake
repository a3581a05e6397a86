# Warnings, and the faster tools where they are present.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-unused-parameter)
# GCC 12 warns of overlapping copies inside std::string's operator+, where there are none (GCC bug 105329).
add_compile_options(-Wno-restrict)
# GCC 13 and newer see std::vector<bool>::reserve, in LibTorch's autograd functions, write beyond what it has allocated.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  add_compile_options(-Wno-array-bounds)
endif()
option(PEFT_WARNINGS_AS_ERRORS "Stop at the first warning" OFF)
if(PEFT_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

find_program(PEFT_CCACHE ccache)
if(PEFT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PEFT_CCACHE}")
endif()

find_program(PEFT_MOLD mold)
if(PEFT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
