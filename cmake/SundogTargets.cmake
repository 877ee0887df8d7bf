# Targets of Sundog: one library a folder of src/, one unit test binary beside it.
#
# A folder's headers are reachable only through a link made for that folder, and the link is on the
# include path only of targets that link it. So a wrong include does not compile.

# Reading the standard library's headers is about half of what a file takes to compile. They are compiled once
# for all libraries, and once with GoogleTest for all tests; none of Sundog's own is among them, or every file would
# see it without a link to its folder.
set(SUNDOG_STANDARD_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <cstring> <deque> <functional> <limits> <map> <memory>
  <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h>)
function(sundog_precompiled_headers)
  if(NOT SUNDOG_PRECOMPILE)
    return()
  endif()
  set(source ${CMAKE_BINARY_DIR}/precompiled.cc)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "")
  endif()
  add_library(sundog_precompiled OBJECT ${source})
  target_link_libraries(sundog_precompiled PRIVATE fmt::fmt Threads::Threads)
  target_precompile_headers(sundog_precompiled PRIVATE ${SUNDOG_STANDARD_HEADERS})
  add_library(sundog_precompiled_test OBJECT ${source})
  target_link_libraries(sundog_precompiled_test PRIVATE fmt::fmt Threads::Threads GTest::gtest GTest::gmock)
  target_precompile_headers(sundog_precompiled_test PRIVATE ${SUNDOG_STANDARD_HEADERS} <gtest/gtest.h> <gmock/gmock.h>)
endfunction()

# sundog_library(NAME DEPS folder... [LIBRARIES external...] [INCLUDES dir...] [ALONE regex...])
# Makes sundog_NAME of all .cc files of the current folder but *_test.cc. Where files are compiled several at a time
# (CMAKE_UNITY_BUILD, in the presets of the sanitizers), those that match ALONE are not: their anonymous namespaces
# have names that another file's have too.
function(sundog_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBRARIES;INCLUDES;ALONE" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  if(NOT EXISTS ${root}/${name})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ARG_DEPS PREPEND sundog_)
  foreach(alone ${ARG_ALONE})
    set(matching ${sources})
    list(FILTER matching INCLUDE REGEX "/${name}/${alone}$")
    set_source_files_properties(${matching} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
  if(sources)
    add_library(sundog_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(sundog_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(sundog_${name} ${scope} ${root})
  target_link_libraries(sundog_${name} ${scope} ${ARG_DEPS} fmt::fmt Threads::Threads ${ARG_LIBRARIES})
  if(sources AND SUNDOG_PRECOMPILE)
    target_precompile_headers(sundog_${name} REUSE_FROM sundog_precompiled)
  endif()
  if(ARG_INCLUDES AND sources)
    target_include_directories(sundog_${name} SYSTEM PRIVATE ${ARG_INCLUDES})
  endif()
  if(tests)
    sundog_test(${name} SOURCES ${tests} DEPS ${name})
  endif()
endfunction()

# The environment of every test. A sanitizer's report ends the process, and so fails what was asked of it.
set(SUNDOG_SANITIZER_OPTIONS
  "TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan_suppressions.txt"
  "UBSAN_OPTIONS=print_stacktrace=1")

# sundog_test(NAME SOURCES file... DEPS folder...): GoogleTest binary sundog_NAME_test, run by ctest.
# ThreadSanitizer's build leaves out folders whose code runs on one thread only and shares nothing: their
# tests run under the other two presets.
set(SUNDOG_FOLDERS_WITH_THREADS base runtime kv vectors txn session auth pgwire http control cli)
function(sundog_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBRARIES" ${ARGN})
  if(SUNDOG_SANITIZE MATCHES "thread" AND NOT name IN_LIST SUNDOG_FOLDERS_WITH_THREADS)
    return()
  endif()
  list(TRANSFORM ARG_DEPS PREPEND sundog_)
  add_executable(sundog_${name}_test ${ARG_SOURCES})
  target_link_libraries(sundog_${name}_test PRIVATE ${ARG_DEPS} ${ARG_LIBRARIES}
                        GTest::gtest GTest::gmock GTest::gtest_main)
  set_target_properties(sundog_${name}_test PROPERTIES UNITY_BUILD OFF)
  if(SUNDOG_PRECOMPILE)
    target_precompile_headers(sundog_${name}_test REUSE_FROM sundog_precompiled_test)
  endif()
  add_test(NAME unit/${name} COMMAND sundog_${name}_test)
  set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 600
                       ENVIRONMENT "${SUNDOG_SANITIZER_OPTIONS}")
endfunction()

# sundog_embed(TARGET SYMBOL file more...): makes the file's bytes available to TARGET as
# `extern "C" const char SYMBOL[], SYMBOL_end[]`, placed in the binary by the assembler. The files after the first
# are tables with the first one's header line: their rows go behind its rows.
function(sundog_embed target symbol file)
  set(asm ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  set(rows "")
  foreach(more ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file} ${more})
    file(STRINGS ${file} header LIMIT_COUNT 1)
    file(STRINGS ${more} more_header LIMIT_COUNT 1)
    if(NOT header STREQUAL more_header)
      message(FATAL_ERROR "${more} has not the columns of ${file}")
    endif()
    string(LENGTH "${header}\n" skipped)
    string(APPEND rows "    .incbin \"${more}\", ${skipped}\n")
  endforeach()
  file(WRITE ${asm}.in
"    .section .rodata
    .global ${symbol}
    .global ${symbol}_end
    .balign 16
${symbol}:
    .incbin \"${file}\"
${rows}${symbol}_end:
    .byte 0
    .section .note.GNU-stack,\"\",%progbits
")
  configure_file(${asm}.in ${asm} COPYONLY)
  target_sources(${target} PRIVATE ${asm})
  set(files ${file} ${ARGN})
  set_source_files_properties(${asm} PROPERTIES OBJECT_DEPENDS "${files}")
endfunction()
