# Warnings, and the faster tools where they are present.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-unused-parameter)
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
