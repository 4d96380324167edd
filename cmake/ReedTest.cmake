# Tests.
#
#   reed_test(core.future SOURCES future.c [LIBS library...] [COMMANDS command...]
#             [LABELS unit|peer|campaign] [TIMEOUT seconds] [ARGS argument...] [SERIAL])
#   reed_test(peers.irssi SCRIPT irssi.py LABELS peer)
#   reed_refuse(core.co.refused SOURCE refused.c CASES TWO_AWAITS_ON_A_LINE ...)
#   reed_fuzz(irc.message SOURCE irc_message.c [LIBS library...] [COMMANDS command...]
#             CORPUS corpus/irc_message)
#
# A test's name is its path in the tree.  LIBS and COMMANDS are linked statically, so that a test
# reaches private functions too; the kernel goes without saying.
# reed_refuse() is a file that compiles, but does not with any of the CASES defined.
# SCRIPT is run with REED (the program), REED_SOURCE and REED_BUILD in its environment.

find_program(REED_PYTHON python3)

set(REED_TEST_ENVIRONMENT
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:strict_string_checks=1
	UBSAN_OPTIONS=print_stacktrace=1
	REED_SOURCE=${PROJECT_SOURCE_DIR}
	REED_BUILD=${PROJECT_BINARY_DIR}
	PYTHONPATH=${PROJECT_SOURCE_DIR}/tests)

# ARG_COMMANDS and ARG_LIBS are the caller's.
function(reed_link_test target)
	list(TRANSFORM ARG_COMMANDS PREPEND command-)
	foreach(name ${ARG_COMMANDS} ${ARG_LIBS} reed)
		reed_target(${name} lib)
		target_link_libraries(${target} PRIVATE ${lib}-static)
	endforeach()
	target_include_directories(${target} PRIVATE
		${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests)
endfunction()

# What the tests of a build have in common; ARG_LABELS and ARG_TIMEOUT are the caller's.
function(reed_describe_test test)
	set(environment ${REED_TEST_ENVIRONMENT})
	if(TARGET reed-program)
		list(APPEND environment REED=$<TARGET_FILE:reed-program>)
	endif()
	set_tests_properties(${test} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
		ENVIRONMENT "${environment}")
endfunction()

function(reed_test name)
	cmake_parse_arguments(ARG "SERIAL" "TIMEOUT;SCRIPT" "SOURCES;LIBS;COMMANDS;LABELS;ARGS" ${ARGN})
	if(ARG_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "${name}: does not know what ${ARG_UNPARSED_ARGUMENTS} is")
	endif()
	if(NOT ARG_LABELS)
		set(ARG_LABELS unit)
	endif()
	if(NOT ARG_TIMEOUT)
		set(ARG_TIMEOUT 300)
	endif()
	if("peer" IN_LIST ARG_LABELS AND NOT REED_PEERS)
		return()
	endif()

	if(ARG_SCRIPT)
		cmake_path(ABSOLUTE_PATH ARG_SCRIPT)
		set(command ${ARG_SCRIPT})
		if(ARG_SCRIPT MATCHES "\\.py$")
			set(command ${REED_PYTHON} ${ARG_SCRIPT})
		endif()
	else()
		add_executable(test.${name} ${ARG_SOURCES})
		set_target_properties(test.${name} PROPERTIES
			OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
		reed_link_test(test.${name})
		set(command test.${name})
	endif()
	set(test ${REED_TEST_PREFIX}${name})
	add_test(NAME ${test} COMMAND ${command} ${ARG_ARGS})
	reed_describe_test(${test})
	set_tests_properties(${test} PROPERTIES RUN_SERIAL ${ARG_SERIAL})
endfunction()

function(reed_refuse name)
	cmake_parse_arguments(ARG "" "SOURCE" "CASES" ${ARGN})
	set(ARG_LABELS unit)
	set(ARG_TIMEOUT 300)
	cmake_path(ABSOLUTE_PATH ARG_SOURCE)
	set(test ${REED_TEST_PREFIX}${name})
	add_test(NAME ${test} COMMAND ${PROJECT_SOURCE_DIR}/cmake/refuse.sh ${ARG_SOURCE}
		"${ARG_CASES}" ${CMAKE_C_COMPILER} -std=c17 -D_GNU_SOURCE ${REED_WARNINGS}
		${REED_C_WARNINGS} -Werror -O2 -I${PROJECT_SOURCE_DIR}/core/include)
	reed_describe_test(${test})
endfunction()

# With REED_FUZZ a libFuzzer program in fuzz/; else a test that runs the corpus once.
function(reed_fuzz name)
	cmake_parse_arguments(ARG "" "SOURCE;CORPUS" "LIBS;COMMANDS" ${ARGN})
	if(ARG_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "${name}: does not know what ${ARG_UNPARSED_ARGUMENTS} is")
	endif()
	cmake_path(ABSOLUTE_PATH ARG_CORPUS)
	if(NOT REED_FUZZ)
		reed_test(fuzz.${name}
			SOURCES ${ARG_SOURCE} ${PROJECT_SOURCE_DIR}/tests/fuzz/driver.c
			LIBS ${ARG_LIBS} COMMANDS ${ARG_COMMANDS} ARGS ${ARG_CORPUS})
		return()
	endif()
	add_executable(fuzz.${name} ${ARG_SOURCE})
	set_target_properties(fuzz.${name} PROPERTIES
		OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
	reed_link_test(fuzz.${name})
	target_link_options(fuzz.${name} PRIVATE -fsanitize=fuzzer)
	# Where ./dev fuzz finds the corpus of a target.
	file(WRITE ${PROJECT_BINARY_DIR}/fuzz/${name}.corpus "${ARG_CORPUS}\n")
endfunction()

# reed_add_test_folders(PART...): tests/PART/<name> for every library or command <name> there is.
function(reed_add_test_folders)
	foreach(part ${ARGN})
		file(GLOB lists CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${part}/*/CMakeLists.txt)
		foreach(list ${lists})
			cmake_path(GET list PARENT_PATH folder)
			cmake_path(GET folder FILENAME name)
			if(TARGET reed-${name} OR TARGET reed-command-${name} OR name STREQUAL "reed")
				add_subdirectory(${folder} ${PROJECT_BINARY_DIR}/tests/${part}/${name})
			endif()
		endforeach()
	endforeach()
endfunction()
