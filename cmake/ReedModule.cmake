# Libraries, modules and commands; ReedProgram.cmake has the program that commands are of.
#
#   reed_library(NAME SOURCES file... [DEPENDS library...] [LIBS package...] [SYSTEM lib...])
#   reed_module(NAME ...)    the same; can be left out with -DREED_WITH_<NAME>=OFF
#   reed_app(NAME ...)       a command of the program `reed`; the same arguments
#
# A library `irc` is libreed-irc.so and libreed-irc.a: targets reed-irc and reed-irc-static,
# alias Reed::irc.  The kernel is called `reed`.  Headers in include/ beside the CMakeLists.txt
# are public.  DEPENDS are libraries of Reed (the kernel goes without saying); LIBS are names of
# pkg-config, with or without "lib" in front, or else of plain libraries; SYSTEM are imported
# targets.  A module and a command may share a name, as `dns` does; REED_WITH_DNS is for both.
#
# A source called module.c holds a descriptor (reed/module.h).  It becomes NAME.so in lib/reed/,
# which the program loads when something of it is wanted: with the sources of a command, or linked
# to the library it belongs to.  NAME.index beside it says what it brings.  With REED_STATIC all of
# them are linked into the program instead.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# The target of a library of Reed, e.g. irc -> reed-irc; the kernel's is `reed` itself.
function(reed_target name out)
	if(name STREQUAL "reed")
		set(${out} reed PARENT_SCOPE)
	else()
		set(${out} reed-${name} PARENT_SCOPE)
	endif()
endfunction()

# reed_external(NAME TARGET REQUIRES LINK): finds somebody else's library; sets TARGET to what
# to link, and for pkg-config files either REQUIRES to a package or LINK to a flag.
function(reed_external name user target requires link)
	string(MAKE_C_IDENTIFIER "REED_EXT_${name}" var)
	pkg_search_module(${var} QUIET IMPORTED_TARGET GLOBAL ${name} lib${name})
	set(${requires} "" PARENT_SCOPE)
	set(${link} "" PARENT_SCOPE)
	if(${var}_FOUND)
		set(${target} PkgConfig::${var} PARENT_SCOPE)
		set(${requires} ${${var}_MODULE_NAME} PARENT_SCOPE)
		return()
	endif()
	find_library(${var}_LIBRARY ${name})
	if(NOT ${var}_LIBRARY)
		set(hint "")
		if(NOT user STREQUAL "reed" AND NOT user STREQUAL "app")
			string(TOUPPER ${user} upper)
			string(MAKE_C_IDENTIFIER ${upper} upper)
			set(hint ", or leave it out with -DREED_WITH_${upper}=OFF")
		endif()
		message(FATAL_ERROR
			"${user} needs the library ${name}, which is not here: run ./dev setup${hint}")
	endif()
	set(${target} ${${var}_LIBRARY} PARENT_SCOPE)
	set(${link} -l${name} PARENT_SCOPE)
endfunction()

# What library and command have in common: compiled objects and what they need.
# Sets in the caller: objects, needs (targets of Reed), externals (targets of others),
# pc_requires, pc_private, pc_libs.
macro(reed_compile name)
	cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBS;SYSTEM" ${ARGN})
	if(ARG_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "${name}: does not know what ${ARG_UNPARSED_ARGUMENTS} is")
	endif()
	set(needs "")
	set(externals ${ARG_SYSTEM})
	set(pc_requires "")
	set(pc_private "")
	set(pc_libs "")
	if(NOT "${name}" STREQUAL "reed")
		list(PREPEND ARG_DEPENDS reed)
	endif()
	list(REMOVE_DUPLICATES ARG_DEPENDS)
	foreach(depend ${ARG_DEPENDS})
		reed_target(${depend} target)
		list(APPEND needs ${target})
		list(APPEND pc_requires ${target})
	endforeach()
	foreach(lib ${ARG_LIBS})
		reed_external(${lib} ${name} target requires link)
		list(APPEND externals ${target})
		list(APPEND pc_private ${requires})
		list(APPEND pc_libs ${link})
	endforeach()

	set_property(GLOBAL PROPERTY REED_DEPENDS_${self} "${ARG_DEPENDS}")

	set(objects ${self}-objects)
	set(sources ${ARG_SOURCES})
	list(REMOVE_ITEM sources module.c)
	add_library(${objects} OBJECT ${sources})
	if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
		target_include_directories(${objects}
			PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
	endif()
	target_link_libraries(${objects} PRIVATE ${needs} ${externals})
endmacro()

# reed_documented(FILE): each command that a module.c has gets a manual page, and one that is a
# server another of its settings file.
function(reed_documented file)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
	file(STRINGS ${file} lines REGEX "\\.(name = \"|service = )")
	foreach(line ${lines})
		if(line MATCHES "\\.name = \"([a-z]+)\"")
			set(name ${CMAKE_MATCH_1})
			set_property(GLOBAL APPEND PROPERTY REED_PAGES ${name})
		else()
			set_property(GLOBAL APPEND PROPERTY REED_SETTINGS_PAGES ${name})
		endif()
	endforeach()
endfunction()

# reed_descriptor(NAME TARGET LIBRARY...): module.c, if the caller has one, as the module NAME.so
# called TARGET that links these, or for the table of a program that has all linked in.
function(reed_descriptor name target)
	if(NOT "module.c" IN_LIST ARG_SOURCES)
		return()
	endif()
	get_property(names GLOBAL PROPERTY REED_MODULES)
	if(name IN_LIST names)
		message(FATAL_ERROR "there are two module.c for ${name}: one can say all")
	endif()
	set_property(GLOBAL APPEND PROPERTY REED_MODULES ${name})
	reed_documented(${CMAKE_CURRENT_SOURCE_DIR}/module.c)
	if(REED_STATIC)
		set(target ${target}-descriptor)
		add_library(${target} OBJECT module.c)
		target_compile_definitions(${target} PRIVATE REED_MODULE_BUILTIN)
		string(MAKE_C_IDENTIFIER ${name} id)
		set_property(GLOBAL APPEND PROPERTY REED_DESCRIPTORS reed_module_${id})
		set_property(GLOBAL APPEND PROPERTY REED_DESCRIPTOR_OBJECTS
			$<TARGET_OBJECTS:${target}>)
		target_link_libraries(${target} PRIVATE ${ARGN})
		return()
	endif()
	add_library(${target} MODULE module.c)
	set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} PREFIX ""
		LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/reed
		INSTALL_RPATH $ORIGIN/..)
	target_link_libraries(${target} PRIVATE ${ARGN})
	if(NOT REED_SANITIZE OR CMAKE_C_COMPILER_ID STREQUAL "GNU")
		target_link_options(${target} PRIVATE -Wl,-z,defs)
	endif()
	set_property(GLOBAL APPEND PROPERTY REED_LOADABLE ${target})
	install(TARGETS ${target} DESTINATION ${CMAKE_INSTALL_LIBDIR}/reed COMPONENT program)
endfunction()

function(reed_library name)
	if("${ARGN}" MATCHES "^SOURCES;(DEPENDS|LIBS|SYSTEM)")
		return()
	endif()
	reed_target(${name} self)
	reed_compile(${name} ${ARGN})
	set_property(GLOBAL APPEND PROPERTY REED_LIBRARIES ${name})

	add_library(${self} SHARED $<TARGET_OBJECTS:${objects}>)
	add_library(${self}-static STATIC $<TARGET_OBJECTS:${objects}>)
	add_library(Reed::${name} ALIAS ${self})
	foreach(target ${self} ${self}-static)
		set_target_properties(${target} PROPERTIES
			OUTPUT_NAME ${self} LINKER_LANGUAGE C)
		if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
			target_include_directories(${target} PUBLIC
				$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
		endif()
		target_include_directories(${target} INTERFACE
			$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
	endforeach()

	set(map ${PROJECT_BINARY_DIR}/reed.map)
	configure_file(${PROJECT_SOURCE_DIR}/cmake/reed.map.in ${map} @ONLY)
	set_target_properties(${self} PROPERTIES
		EXPORT_NAME ${name} SOVERSION ${REED_SOVERSION} VERSION ${PROJECT_VERSION}
		LINK_DEPENDS ${map})
	target_link_options(${self} PRIVATE -Wl,--version-script=${map})
	# clang leaves the sanitizers' runtime to the program.
	if(NOT REED_SANITIZE OR CMAKE_C_COMPILER_ID STREQUAL "GNU")
		target_link_options(${self} PRIVATE -Wl,-z,defs)
	endif()
	target_link_libraries(${self} PUBLIC ${needs} PRIVATE ${externals})
	list(TRANSFORM needs APPEND -static)
	target_link_libraries(${self}-static PUBLIC ${needs} PRIVATE ${externals})
	reed_install_library(${name})
	reed_descriptor(${name} reed-module-${name} ${self})
endfunction()

macro(reed_return_if_left_out name)
	string(TOUPPER ${name} upper)
	string(MAKE_C_IDENTIFIER ${upper} upper)
	option(REED_WITH_${upper} "Build ${name}" ON)
	if(NOT REED_WITH_${upper})
		return()
	endif()
endmacro()

function(reed_module name)
	reed_return_if_left_out(${name})
	reed_library(${name} ${ARGN})
endfunction()

function(reed_app name)
	reed_return_if_left_out(${name})
	set(self reed-command-${name})
	reed_compile(${name} ${ARGN})
	# For its tests, and for a program that has it linked in.
	list(TRANSFORM needs APPEND -static OUTPUT_VARIABLE archives)
	add_library(${self}-static STATIC $<TARGET_OBJECTS:${objects}>)
	set_target_properties(${self}-static PROPERTIES LINKER_LANGUAGE C
		ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
	target_link_libraries(${self}-static PUBLIC ${archives} ${externals})
	target_include_directories(${self}-static INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
	set_property(GLOBAL APPEND PROPERTY REED_COMMANDS ${name})
	reed_descriptor(${name} ${self} ${needs} ${externals})
	if(REED_STATIC)
		add_library(${self} ALIAS ${self}-static)
	else()
		target_sources(${self} PRIVATE $<TARGET_OBJECTS:${objects}>)
	endif()
endfunction()

# A library or command that needs what was left out would only fail when it is linked.
function(reed_check_depends)
	get_property(libraries GLOBAL PROPERTY REED_LIBRARIES)
	get_property(commands GLOBAL PROPERTY REED_COMMANDS)
	list(TRANSFORM commands PREPEND command- OUTPUT_VARIABLE selves)
	foreach(name ${libraries} ${selves})
		reed_target(${name} self)
		get_property(depends GLOBAL PROPERTY REED_DEPENDS_${self})
		foreach(depend ${depends})
			if(NOT depend IN_LIST libraries)
				string(REPLACE "command-" "the command " name ${name})
				message(SEND_ERROR "${name} needs ${depend}, which is not built: "
				        "leave both out or neither (REED_WITH_...=OFF)")
			endif()
		endforeach()
	endforeach()
endfunction()

# reed_adapter(NAME PACKAGE package SOURCES file...): a library for those who have another loop,
# built where that loop's development files are; -DREED_WITH_<NAME>=OFF leaves it out all the same.
function(reed_adapter name)
	if(REED_POSIX_ONLY OR NOT REED_WITH_ADAPTERS)
		return() # poll has no descriptor that a host could wait for
	endif()
	reed_return_if_left_out(${name})
	cmake_parse_arguments(ADAPTER "" "PACKAGE" "SOURCES" ${ARGN})
	string(MAKE_C_IDENTIFIER "REED_EXT_${ADAPTER_PACKAGE}" var)
	pkg_search_module(${var} QUIET IMPORTED_TARGET GLOBAL ${ADAPTER_PACKAGE} lib${ADAPTER_PACKAGE})
	if(NOT ${var}_FOUND)
		find_library(${var}_LIBRARY ${ADAPTER_PACKAGE})
	endif()
	if(NOT ${var}_FOUND AND NOT ${var}_LIBRARY)
		message(STATUS "Without the adapter for ${name}: ${ADAPTER_PACKAGE} is not here")
		return()
	endif()
	set_property(GLOBAL APPEND PROPERTY REED_ADAPTERS ${name}) # a package of its own
	reed_library(${name} SOURCES ${ADAPTER_SOURCES} LIBS ${ADAPTER_PACKAGE})
endfunction()
