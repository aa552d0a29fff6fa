# SPDX-License-Identifier: MIT
# How a folder of src/ becomes a library.

# What holds for all our code, and for none that includes a library's headers.
add_library(clipnotes_rules INTERFACE)
target_include_directories(clipnotes_rules INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(clipnotes_rules INTERFACE
  _POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64 CLIPNOTES_VERSION="${PROJECT_VERSION}")
target_compile_options(clipnotes_rules INTERFACE
  -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wpointer-arith
  -Wwrite-strings -Wconversion $<$<BOOL:${CLIPNOTES_WERROR}>:-Werror>)
if(CLIPNOTES_SANITIZE)
  target_compile_definitions(clipnotes_rules INTERFACE CLIPNOTES_SANITIZED)
  target_compile_options(clipnotes_rules INTERFACE
    -fsanitize=${CLIPNOTES_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(clipnotes_rules INTERFACE -fsanitize=${CLIPNOTES_SANITIZE})
endif()
if(CLIPNOTES_FUZZ)
  target_compile_options(clipnotes_rules INTERFACE -fsanitize=fuzzer-no-link)
endif()

# clipnotes_folder(NAME SOURCES file... [USES folder...] [LIBRARIES target...])
#
# USES names the folders whose headers it may include; a folder that is not named cannot be linked.
function(clipnotes_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 FOLDER "" "" "SOURCES;USES;LIBRARIES")
  list(TRANSFORM FOLDER_USES PREPEND clipnotes_)
  add_library(clipnotes_${name} STATIC ${FOLDER_SOURCES})
  target_link_libraries(clipnotes_${name}
    PUBLIC ${FOLDER_USES}
    PRIVATE clipnotes_rules ${FOLDER_LIBRARIES})
endfunction()
