# SPDX-License-Identifier: MIT
# The libraries that we stand on, each as an imported target. Versions are those of Debian 12.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(clipnotes_library name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
endfunction()

clipnotes_library(AVUTIL libavutil>=57.28)
clipnotes_library(AVCODEC libavcodec>=59.37)
clipnotes_library(AVFORMAT libavformat>=59.27)
clipnotes_library(SWRESAMPLE libswresample>=4.7)
# They are loaded by name (src/audio/libav.c); where that is outside of the system's folders, the
# program must know.
set(CMAKE_BUILD_RPATH ${AVFORMAT_LIBRARY_DIRS})
set(CMAKE_INSTALL_RPATH ${AVFORMAT_LIBRARY_DIRS})
clipnotes_library(NETTLE nettle)
clipnotes_library(EBUR128 libebur128)
clipnotes_library(CURL libcurl>=7.88)
clipnotes_library(MD4C md4c)
clipnotes_library(XML2 libxml-2.0)
clipnotes_library(GUMBO gumbo)
clipnotes_library(JANSSON jansson)
clipnotes_library(YAML yaml-0.1)
clipnotes_library(UTF8PROC libutf8proc)
