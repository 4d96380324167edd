# Packages of Debian: libreed0 (what programs need), libreed-dev, and reed (the program, its modules
# and units); optional ones are python3-reed, one for each adapter to another loop (libreed-glib0), and
# libreed-adapters-dev.  Elsewhere it lays down the units only.
#
#   cmake --preset package && cmake --build build/package && cpack --config build/package/CPackConfig.cmake
#
# which is `./dev package`.

set(REED_MAINTAINER "Reed developers <developers@reed.invalid>" CACHE STRING
	"Whom a package names for questions about it")

# What systemd reads, with the program where it is.
function(reed_install_units)
	file(GLOB units CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/contrib/systemd/*.service
		${PROJECT_SOURCE_DIR}/contrib/systemd/*.socket)
	# Debian 12 has systemd's own files outside /usr.
	set(folder lib/systemd/system)
	if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
		set(folder /lib/systemd/system)
	endif()
	foreach(unit ${units})
		cmake_path(GET unit FILENAME name)
		file(READ ${unit} text)
		string(REPLACE "/usr/bin/reed" "${CMAKE_INSTALL_FULL_BINDIR}/reed" text "${text}")
		file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/units/${name} CONTENT "${text}" @ONLY)
		install(FILES ${PROJECT_BINARY_DIR}/units/${name} DESTINATION ${folder}
		        COMPONENT program)
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${unit})
	endforeach()
	foreach(kind sysusers tmpfiles)
		install(FILES ${PROJECT_SOURCE_DIR}/contrib/systemd/reed.${kind} RENAME reed.conf
		        DESTINATION lib/${kind}.d COMPONENT program)
	endforeach()
endfunction()

# reed_compressed(FROM TO): as gzip -9n does, so that the same is the same to the byte.
function(reed_compressed from to)
	add_custom_command(OUTPUT ${to} DEPENDS ${from} VERBATIM
		COMMAND sh -c "gzip -9nc \"$0\" >\"$1\"" ${from} ${to})
endfunction()

# The documents that every package has.
function(reed_install_documents)
	set(folder ${PROJECT_BINARY_DIR}/debian)
	file(MAKE_DIRECTORY ${folder})
	reed_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${folder}/changelog.gz)
	reed_compressed(${folder}/changelog ${folder}/changelog.Debian.gz)
	file(CONFIGURE OUTPUT ${folder}/changelog @ONLY CONTENT
"reed (@PROJECT_VERSION@-1) unstable; urgency=medium

  * What is new stands in changelog.gz.

 -- @REED_MAINTAINER@  Thu, 01 Jan 2026 00:00:00 +0000
")
	file(READ ${PROJECT_SOURCE_DIR}/LICENSE license)
	string(REGEX REPLACE "\n\n" "\n.\n" license "${license}")
	string(REGEX REPLACE "\n" "\n " license "${license}")
	string(STRIP "${license}" license)
	file(CONFIGURE OUTPUT ${folder}/copyright @ONLY CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Reed

Files: *
Copyright: 2026 The Reed developers
License: MIT
 @license@
")
	add_custom_target(reed-documents ALL
		DEPENDS ${folder}/changelog.gz ${folder}/changelog.Debian.gz)
	set(adapters "")
	get_property(names GLOBAL PROPERTY REED_ADAPTERS)
	foreach(name ${names})
		reed_components(${name} component development)
		list(APPEND adapters ${component}:libreed-${name}${REED_SOVERSION})
	endforeach()
	foreach(package library:libreed${REED_SOVERSION} development:libreed-dev program:reed
	        python:python3-reed adapters_development:libreed-adapters-dev ${adapters})
		string(REPLACE ":" ";" package ${package})
		list(GET package 0 component)
		list(GET package 1 name)
		install(FILES ${folder}/changelog.gz ${folder}/changelog.Debian.gz ${folder}/copyright
		        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
	endforeach()
endfunction()

# What a package with libraries tells dpkg: who has which, and that the list of them is to be renewed.
function(reed_write_library_control folder package)
	set(shlibs "")
	foreach(name ${ARGN})
		reed_target(${name} self)
		string(APPEND shlibs "lib${self} ${REED_SOVERSION} ${package} (>= ${PROJECT_VERSION})\n")
	endforeach()
	file(CONFIGURE OUTPUT ${folder}/shlibs CONTENT "${shlibs}" @ONLY)
	file(CONFIGURE OUTPUT ${folder}/triggers CONTENT "activate-noawait ldconfig\n" @ONLY)
endfunction()

# The development files that ours need in turn: what builds Reed.
function(reed_needed_development out)
	file(STRINGS ${PROJECT_SOURCE_DIR}/contrib/packages/debian-12.txt lines)
	set(needed "")
	foreach(line ${lines})
		if(line MATCHES "^\\[(.*)\\]$")
			set(section ${CMAKE_MATCH_1})
		elseif(section STREQUAL "build" AND line MATCHES "-dev$")
			list(APPEND needed ${line})
		endif()
	endforeach()
	list(JOIN needed ", " needed)
	set(${out} ${needed} PARENT_SCOPE)
endfunction()

# After all pages are there.
function(reed_compress_pages)
	install(CODE [[
		file(GLOB pages "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/man/man*/*.[0-9]")
		execute_process(COMMAND gzip -9nf ${pages} COMMAND_ERROR_IS_FATAL ANY)
	]] COMPONENT program)
endfunction()

# One of its own, so that nobody has to install a loop that is not wanted.  For reed_package().
macro(reed_package_adapter name)
	set(package libreed-${name}${REED_SOVERSION})
	set(control ${PROJECT_BINARY_DIR}/debian/${name})
	reed_components(${name} component unused)
	string(TOUPPER ${component} upper)
	reed_write_library_control(${control} ${package} ${name})
	# One may call nothing but Reed and its loop.
	file(CONFIGURE OUTPUT ${control}/overrides @ONLY CONTENT
		"@package@: library-not-linked-against-libc *\n")
	install(FILES ${control}/overrides RENAME ${package}
	        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
	list(APPEND CPACK_COMPONENTS_ALL ${component})
	list(APPEND runtimes "${package} (= ${PROJECT_VERSION}-1)")
	set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
	set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION libs)
	set(CPACK_DEBIAN_${upper}_DESCRIPTION
"Reed is a small reactor kernel, protocol modules that plug into it, and
servers made of those. This package lets it share a thread with ${name}.")
	set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS ON)
	set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${library} (= ${PROJECT_VERSION}-1)")
	set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${control}/shlibs ${control}/triggers)
endmacro()

function(reed_package)
	reed_install_units()
	if(NOT REED_DEBIAN)
		return()
	endif()
	set(scripts ${PROJECT_SOURCE_DIR}/contrib/debian)
	set(library libreed${REED_SOVERSION})
	reed_needed_development(needed)
	reed_install_documents()
	get_property(libraries GLOBAL PROPERTY REED_LIBRARIES)
	get_property(adapters GLOBAL PROPERTY REED_ADAPTERS)
	list(REMOVE_ITEM libraries ${adapters})
	reed_write_library_control(${PROJECT_BINARY_DIR}/debian ${library} ${libraries})
	cmake_language(DEFER CALL reed_compress_pages)
	install(FILES ${scripts}/overrides RENAME reed
	        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT program)

	set(CPACK_GENERATOR DEB)
	set(CPACK_PACKAGE_NAME reed)
	set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "networking toolkit: kernel, protocols, servers")
	set(CPACK_PACKAGE_CONTACT ${REED_MAINTAINER})
	set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
	set(CPACK_COMPONENTS_ALL library development program python adapters_development)
	set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
	set(CPACK_STRIP_FILES ON)
	set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
	    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

	set(CPACK_DEB_COMPONENT_INSTALL ON)
	set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
	set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
	set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
	set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)

	set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
	set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
	set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"Reed is a small reactor kernel, protocol modules that plug into it, and
servers made of those. This package has what a program made with it needs.")
	set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
	set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
	    ${PROJECT_BINARY_DIR}/debian/shlibs ${PROJECT_BINARY_DIR}/debian/triggers)

	set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libreed-dev)
	set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
	set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"Reed is a small reactor kernel, protocol modules that plug into it, and
servers made of those. This package has what building programs with it takes.")
	set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${library} (= ${PROJECT_VERSION}-1), ${needed}")

	set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME reed)
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
	set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"One program whose commands are servers: a chat server for IRC, a name server,
a web server, and what else its modules bring. Each is told what to do by one
file, writes its own certificate, and confines itself to what it needs.")
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
	set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "${library} (= ${PROJECT_VERSION}-1), adduser")
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_STRICT_PERMISSION ON)
	set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
	    ${scripts}/conffiles ${scripts}/postinst ${scripts}/prerm ${scripts}/postrm)

	set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-reed)
	set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
	set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
	set(CPACK_DEBIAN_PYTHON_DESCRIPTION
"Reed is a small reactor kernel, protocol modules that plug into it, and
servers made of those. This package has its endpoints, streams and IRC client
in the loop of asyncio.")
	set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS
	    "${library} (>= ${PROJECT_VERSION}), python3 (>= 3.11)")
	set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_STRICT_PERMISSION ON)
	set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA
	    ${scripts}/python/postinst ${scripts}/python/prerm)
	set(runtimes "")
	foreach(name ${adapters})
		reed_package_adapter(${name})
	endforeach()
	list(JOIN runtimes ", " runtimes)

	# Qt's headers refuse to be compiled without it, as its libraries look at no copies of their data.
	file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/debian/adapters-development-overrides @ONLY CONTENT
		"libreed-adapters-dev: pkg-config-bad-directive -fPIC *reed-qt6.pc*\n")
	install(FILES ${PROJECT_BINARY_DIR}/debian/adapters-development-overrides
	        RENAME libreed-adapters-dev
	        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT adapters_development)
	set(CPACK_DEBIAN_ADAPTERS_DEVELOPMENT_PACKAGE_NAME libreed-adapters-dev)
	set(CPACK_DEBIAN_ADAPTERS_DEVELOPMENT_PACKAGE_SECTION libdevel)
	set(CPACK_DEBIAN_ADAPTERS_DEVELOPMENT_DESCRIPTION
"Reed is a small reactor kernel, protocol modules that plug into it, and
servers made of those. This package has what building programs takes in which
it shares a thread with another loop: GLib, libuv, libevent, libev, sd-event
or Qt 6.")
	set(CPACK_DEBIAN_ADAPTERS_DEVELOPMENT_PACKAGE_DEPENDS
	    "libreed-dev (= ${PROJECT_VERSION}-1), ${runtimes}")
	set(CPACK_DEBIAN_ADAPTERS_DEVELOPMENT_PACKAGE_SUGGESTS
	    "libglib2.0-dev, libuv1-dev, libevent-dev, libev-dev, libsystemd-dev, qt6-base-dev")
	include(CPack)
endfunction()
