# What `cmake --install` lays down: libraries, headers, pkg-config files and a CMake package
# whose components are the libraries: find_package(Reed COMPONENTS irc) gives Reed::irc.
#
# Of it all `cmake --install BUILD --component` takes a part, of which ReedPackage.cmake makes a
# package: library (what programs need to run), development (what building them needs), program.

include(CMakePackageConfigHelpers)
set(REED_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/Reed)

# In which components a library and what building with it takes are installed: an adapter needs
# somebody else's loop, which who has no use for it should not have to install.
function(reed_components name library development)
	get_property(adapters GLOBAL PROPERTY REED_ADAPTERS)
	set(${library} library PARENT_SCOPE)
	set(${development} development PARENT_SCOPE)
	if(name IN_LIST adapters)
		string(MAKE_C_IDENTIFIER adapter_${name} component)
		set(${library} ${component} PARENT_SCOPE)
		set(${development} adapters_development PARENT_SCOPE)
	endif()
endfunction()

# Called by reed_library(), whose variables it reads.
function(reed_install_library name)
	reed_components(${name} library development)
	install(TARGETS ${self} EXPORT Reed-${name}
	        LIBRARY COMPONENT ${library} NAMELINK_COMPONENT ${development})
	install(TARGETS ${self}-static ARCHIVE COMPONENT ${development})
	install(EXPORT Reed-${name} FILE Reed-${name}-targets.cmake NAMESPACE Reed::
	        DESTINATION ${REED_CMAKEDIR} COMPONENT ${development})
	if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
		install(DIRECTORY include/ TYPE INCLUDE COMPONENT ${development}
		        FILES_MATCHING PATTERN "*.h")
	endif()

	list(JOIN pc_requires ", " PC_REQUIRES)
	list(JOIN pc_private ", " PC_PRIVATE)
	list(JOIN pc_libs " " PC_LIBS)
	set(PC_NAME ${self})
	# All relative to where the file lies, so that an installation may be moved.
	set(pkgconfigdir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
	cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
	           BASE_DIRECTORY ${pkgconfigdir} OUTPUT_VARIABLE PC_PREFIX)
	cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
	           BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE PC_INCLUDEDIR)
	cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
	           BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE PC_LIBDIR)
	configure_file(${PROJECT_SOURCE_DIR}/cmake/reed.pc.in
	               ${PROJECT_BINARY_DIR}/pkgconfig/${self}.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/${self}.pc
	        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${development})
endfunction()

function(reed_finish_install)
	get_property(libraries GLOBAL PROPERTY REED_LIBRARIES)
	set(REED_COMPONENT_DEPENDS "")
	foreach(name ${libraries})
		reed_target(${name} self)
		get_property(depends GLOBAL PROPERTY REED_DEPENDS_${self})
		string(APPEND REED_COMPONENT_DEPENDS "set(Reed_${name}_DEPENDS ${depends})\n")
	endforeach()
	configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/ReedConfig.cmake.in
		${PROJECT_BINARY_DIR}/ReedConfig.cmake INSTALL_DESTINATION ${REED_CMAKEDIR})
	write_basic_package_version_file(${PROJECT_BINARY_DIR}/ReedConfigVersion.cmake
		COMPATIBILITY SameMajorVersion)
	install(FILES ${PROJECT_BINARY_DIR}/ReedConfig.cmake
	        ${PROJECT_BINARY_DIR}/ReedConfigVersion.cmake
	        DESTINATION ${REED_CMAKEDIR} COMPONENT development)
endfunction()
