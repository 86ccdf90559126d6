# SPDX-License-Identifier: GPL-3.0-or-later
# One target per room of the house, and one per test class, all with the same strict options.

find_package(Threads REQUIRED)

# the source folder as a compiler cache with a base folder (CCACHE_BASEDIR) names it; ends with a slash
file(RELATIVE_PATH loopscope_source_from_build "${CMAKE_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/.")
add_library(loopscope_options INTERFACE)
target_compile_features(loopscope_options INTERFACE cxx_std_20)
target_include_directories(loopscope_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(loopscope_options INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY
  QT_NO_FOREACH QT_USE_QSTRINGBUILDER QT_DISABLE_DEPRECATED_BEFORE=0x060400)
target_compile_options(loopscope_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  # file names in records and messages start at the project's root, on every machine
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=" "-fmacro-prefix-map=${loopscope_source_from_build}=")
target_link_libraries(loopscope_options INTERFACE Threads::Threads)
if(LOOPSCOPE_SANITIZE)
  target_compile_options(loopscope_options INTERFACE
    "-fsanitize=${LOOPSCOPE_SANITIZE}" -fno-omit-frame-pointer)
  target_link_options(loopscope_options INTERFACE "-fsanitize=${LOOPSCOPE_SANITIZE}")
  if(LOOPSCOPE_SANITIZE MATCHES "undefined")
    target_compile_options(loopscope_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

# The headers of the standard library and of Qt that most files include are parsed once instead of once a file, which
# halves the time of a build. The preset dev goes without, so that a missing #include shows.
if(LOOPSCOPE_PCH)
  set(core_headers
    <algorithm> <array> <chrono> <cmath> <cstring> <deque> <exception> <functional> <limits> <memory> <optional>
    <stdexcept> <utility> <vector>
    <QtCore/QByteArray> <QtCore/QByteArrayView> <QtCore/QCoreApplication> <QtCore/QDateTime> <QtCore/QDebug>
    <QtCore/QHash> <QtCore/QJsonArray> <QtCore/QJsonDocument> <QtCore/QJsonObject> <QtCore/QList> <QtCore/QObject>
    <QtCore/QString> <QtCore/QStringList> <QtCore/QThread> <QtCore/QVariant>)
  add_library(loopscope_core_headers OBJECT "${CMAKE_CURRENT_LIST_DIR}/precompiled.cpp")
  target_link_libraries(loopscope_core_headers PRIVATE loopscope_options Qt6::Core)
  target_precompile_headers(loopscope_core_headers PRIVATE ${core_headers})
  if(LOOPSCOPE_GUI)
    add_library(loopscope_widgets_headers OBJECT "${CMAKE_CURRENT_LIST_DIR}/precompiled.cpp")
    target_link_libraries(loopscope_widgets_headers PRIVATE loopscope_options Qt6::Widgets)
    target_precompile_headers(loopscope_widgets_headers PRIVATE ${core_headers}
      <QtGui/QPainter> <QtWidgets/QApplication> <QtWidgets/QHeaderView> <QtWidgets/QLabel> <QtWidgets/QScrollBar>
      <QtWidgets/QVBoxLayout> <QtWidgets/QWidget>)
  endif()
endif()

# Lets a target use them: the window's if any of its links leads to a widget.
function(loopscope_precompiled target)
  set(headers loopscope_core_headers)
  get_property(widget_rooms GLOBAL PROPERTY LOOPSCOPE_WIDGET_ROOMS)
  foreach(link IN LISTS ARGN)
    if(link STREQUAL "Qt6::Widgets" OR link IN_LIST widget_rooms)
      set(headers loopscope_widgets_headers)
      set_property(GLOBAL APPEND PROPERTY LOOPSCOPE_WIDGET_ROOMS ${target})
    endif()
  endforeach()
  if(LOOPSCOPE_PCH)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()

# loopscope_room(<name> SOURCES file… [LINKS target…])
# A static library loopscope_<name>; what it links is public, so that arrows can be read off the call.
function(loopscope_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(loopscope_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(loopscope_${name} PUBLIC loopscope_options ${ARG_LINKS})
  loopscope_precompiled(loopscope_${name} ${ARG_LINKS})
endfunction()

# loopscope_rooms(<folder>…)
# Adds the folders that are there. A folder that comes later, by git pull for one, makes ninja configure again: what it
# watches is the folder that the new one, or its CMakeLists.txt, would appear in.
function(loopscope_rooms)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}")
  foreach(room IN LISTS ARGN)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${room}/CMakeLists.txt")
      add_subdirectory(${room})
    elseif(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${room}")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${room}")
    endif()
  endforeach()
endfunction()

# loopscope_test(<tst_class> [SOURCES file…] [LINKS target…])
# One executable and one ctest entry per test class; the source is <tst_class>.cpp unless SOURCES says more.
function(loopscope_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${name}.cpp ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE loopscope_options ${ARG_LINKS} Qt6::Test)
  loopscope_precompiled(${name} ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  get_property(widget_rooms GLOBAL PROPERTY LOOPSCOPE_WIDGET_ROOMS)
  # Windows paint with threads of Qt's own, waited for by a semaphore that ThreadSanitizer cannot see. There, and only
  # there, what libraries copy, allocate and free by themselves is not looked at; our code is, and so are Qt's locks.
  set(tsan_more "")
  if("${name}" IN_LIST widget_rooms)
    set(tsan_more ":ignore_noninstrumented_modules=1")
  endif()
  # Both times end a test that hangs, and none that is slow (tests/support/patience.h): ms of a function, s of all.
  set_tests_properties(${name} PROPERTIES TIMEOUT 1800
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=900000;ASAN_OPTIONS=detect_leaks=1;LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp;TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp:die_after_fork=0${tsan_more};UBSAN_OPTIONS=print_stacktrace=1")
endfunction()
