# SPDX-License-Identifier: GPL-3.0-or-later
# Finds llhttp, Node's HTTP/1 parser, and defines the target Llhttp::Llhttp.
#
# Where a packaged library is known to pkg-config (libllhttp) it is linked. Debian 12 has none, but its package
# node-llhttp ships the C sources that Node is built from; these are then compiled into a static library.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_LLHTTP QUIET IMPORTED_TARGET libllhttp)
endif()

if(PC_LLHTTP_FOUND)
  set(Llhttp_VERSION "${PC_LLHTTP_VERSION}")
  set(Llhttp_SOURCE "pkg-config")
  if(NOT TARGET Llhttp::Llhttp)
    add_library(Llhttp::Llhttp ALIAS PkgConfig::PC_LLHTTP)
  endif()
else()
  find_path(Llhttp_INCLUDE_DIR llhttp.h PATHS /usr/share/include PATH_SUFFIXES llhttp)
  find_path(Llhttp_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp)
  set(Llhttp_SOURCE "${Llhttp_SOURCE_DIR}")
  if(Llhttp_INCLUDE_DIR)
    foreach(part MAJOR MINOR PATCH)
      file(STRINGS "${Llhttp_INCLUDE_DIR}/llhttp.h" line REGEX "define LLHTTP_VERSION_${part} ")
      string(REGEX MATCH "[0-9]+" Llhttp_${part} "${line}")
    endforeach()
    set(Llhttp_VERSION "${Llhttp_MAJOR}.${Llhttp_MINOR}.${Llhttp_PATCH}")
  endif()
  if(Llhttp_INCLUDE_DIR AND Llhttp_SOURCE_DIR AND NOT TARGET Llhttp::Llhttp)
    # The package keeps its header a level below the include folder, and its sources include "llhttp.h" plainly.
    add_library(loopscope_llhttp STATIC
      "${Llhttp_SOURCE_DIR}/llhttp.c" "${Llhttp_SOURCE_DIR}/api.c" "${Llhttp_SOURCE_DIR}/http.c")
    target_include_directories(loopscope_llhttp SYSTEM PUBLIC "${Llhttp_INCLUDE_DIR}")
    # LLHTTP_STRICT_MODE: the strict parser that Node itself is built with.
    target_compile_definitions(loopscope_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
    target_compile_options(loopscope_llhttp PRIVATE -w -O2)
    set_target_properties(loopscope_llhttp PROPERTIES AUTOMOC OFF POSITION_INDEPENDENT_CODE ON)
    add_library(Llhttp::Llhttp ALIAS loopscope_llhttp)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_SOURCE VERSION_VAR Llhttp_VERSION)
mark_as_advanced(Llhttp_INCLUDE_DIR Llhttp_SOURCE_DIR)
