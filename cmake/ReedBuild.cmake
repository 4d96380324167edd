# How everything is compiled: language, warnings, sanitizers, where the results go.

include(CheckCCompilerFlag)
include(CheckLinkerFlag)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# An installation may be moved; CMAKE_SKIP_INSTALL_RPATH=ON is for distributions.
file(RELATIVE_PATH libdir_from_bindir ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${libdir_from_bindir}" "$ORIGIN")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
	set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

# Objects of a release hold machine code beside the LTO stream, so that the static
# libraries serve those who link without LTO.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	set(CMAKE_C_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
endif()

set(REED_WARNINGS
	-Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wpointer-arith -Wundef -Wvla -Wformat=2
	-Wswitch-enum -Wimplicit-fallthrough)
set(REED_C_WARNINGS -Wmissing-prototypes -Wstrict-prototypes)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	# Finds the local that is alive across an await.
	list(APPEND REED_C_WARNINGS -Wjump-misses-init)
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
	list(APPEND REED_C_WARNINGS -Wconditional-uninitialized -Wunreachable-code)
endif()
add_compile_options(${REED_WARNINGS} "$<$<COMPILE_LANGUAGE:C>:${REED_C_WARNINGS}>")
if(REED_WERROR)
	add_compile_options(-Werror)
endif()

# "core/loop.c:12" in a fault, wherever the tree was built.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
add_compile_definitions(_GNU_SOURCE)
if(REED_POSIX_ONLY)
	add_compile_definitions(REED_POSIX_ONLY=1)
endif()

# The libraries call themselves directly: a detour through the symbol table, for somebody who might
# replace one function, made an await half as dear again.
check_c_compiler_flag(-fno-semantic-interposition REED_HAS_NO_INTERPOSITION)
if(REED_HAS_NO_INTERPOSITION)
	add_compile_options(-fno-semantic-interposition)
endif()
check_linker_flag(C -Wl,-Bsymbolic-functions REED_HAS_BSYMBOLIC)
if(REED_HAS_BSYMBOLIC)
	add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,-Bsymbolic-functions>)
endif()

# A program does not load what it does not call.
add_link_options(-Wl,--as-needed)

if(REED_SANITIZE)
	add_compile_options(-fsanitize=${REED_SANITIZE} -fno-sanitize-recover=all
	                    -fno-omit-frame-pointer)
	add_link_options(-fsanitize=${REED_SANITIZE})
endif()
if(REED_FUZZ)
	if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
		message(FATAL_ERROR "REED_FUZZ needs clang: cmake --preset fuzz")
	endif()
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# reed_add_folders(PATTERN...): adds the folders that have a CMakeLists.txt, in order.
function(reed_add_folders)
	foreach(pattern ${ARGN})
		file(GLOB lists CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
		     ${PROJECT_SOURCE_DIR}/${pattern}/CMakeLists.txt)
		foreach(list ${lists})
			cmake_path(GET list PARENT_PATH folder)
			add_subdirectory(${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/${folder})
		endforeach()
	endforeach()
endfunction()
