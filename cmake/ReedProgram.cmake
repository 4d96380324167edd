# The program whose commands are modules.
#
#   reed_program(SOURCES file...)
#
# It links the kernel and the application library, and loads the rest; with REED_STATIC all there
# is goes into it.  Once it is built it writes what goes beside it: the indexes of the modules, the
# manual pages of the commands and completions.

function(reed_program)
	cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
	if(NOT ARG_SOURCES)
		return()
	endif()
	add_executable(reed-program ${ARG_SOURCES} ${CMAKE_CURRENT_BINARY_DIR}/modules.c)
	set_target_properties(reed-program PROPERTIES OUTPUT_NAME reed)
	target_include_directories(reed-program PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
	if(REED_STATIC)
		# A loaded module would bring a kernel of its own.
		target_compile_definitions(reed-program PRIVATE REED_STATIC=1)
	else()
		target_link_libraries(reed-program PRIVATE reed-app reed)
	endif()
	install(TARGETS reed-program COMPONENT program)
	set_property(GLOBAL PROPERTY REED_TABLE
		${CMAKE_CURRENT_SOURCE_DIR}/modules.c.in ${CMAKE_CURRENT_BINARY_DIR}/modules.c)
	# When every module and command is known.
	cmake_language(DEFER DIRECTORY ${PROJECT_SOURCE_DIR} CALL reed_fill_program)
endfunction()

function(reed_fill_program)
	get_property(table GLOBAL PROPERTY REED_TABLE)
	get_property(descriptors GLOBAL PROPERTY REED_DESCRIPTORS)
	set(REED_MODULE_DECLARATIONS "")
	set(REED_MODULE_ENTRIES "")
	foreach(descriptor ${descriptors})
		string(APPEND REED_MODULE_DECLARATIONS
			"extern const struct reed_module ${descriptor};\n")
		string(APPEND REED_MODULE_ENTRIES "\t&${descriptor},\n")
	endforeach()
	configure_file(${table} @ONLY)
	if(REED_STATIC)
		reed_link_modules()
	endif()
	reed_write_files()
endfunction()

# All there is goes into the program.
function(reed_link_modules)
	get_property(objects GLOBAL PROPERTY REED_DESCRIPTOR_OBJECTS)
	get_property(libraries GLOBAL PROPERTY REED_LIBRARIES)
	get_property(commands GLOBAL PROPERTY REED_COMMANDS)
	target_sources(reed-program PRIVATE ${objects})
	list(TRANSFORM commands PREPEND command-)
	foreach(name ${commands} ${libraries})
		reed_target(${name} target)
		target_link_libraries(reed-program PRIVATE ${target}-static)
	endforeach()
endfunction()

# reed_written(FILE DEPENDENCY... WORDS word...): what the program says to these words.
function(reed_written file)
	cmake_parse_arguments(ARG "" "" "WORDS" ${ARGN})
	add_custom_command(OUTPUT ${file}
		COMMAND sh -c "f=$1 && shift && \"$0\" \"$@\" >\"$f.new\" && mv \"$f.new\" \"$f\""
		        $<TARGET_FILE:reed-program> ${file} ${ARG_WORDS}
		DEPENDS reed-program ${ARG_UNPARSED_ARGUMENTS} VERBATIM)
endfunction()

# The program itself looks what is in each module.
function(reed_index_modules targets)
	set(indexes "")
	foreach(target ${targets})
		get_target_property(name ${target} OUTPUT_NAME)
		set(index ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/reed/${name}.index)
		reed_written(${index} ${target} WORDS modules --index $<TARGET_FILE:${target}>)
		list(APPEND indexes ${index})
	endforeach()
	if(indexes)
		install(FILES ${indexes} DESTINATION ${CMAKE_INSTALL_LIBDIR}/reed COMPONENT program)
	endif()
	set(indexes ${indexes} PARENT_SCOPE)
endfunction()

# The manual pages of commands and of settings files, and completions, are made of what the commands
# say of themselves; docs/man has those of the program, and of commands of which there is more to say.
function(reed_document_commands depends)
	get_property(commands GLOBAL PROPERTY REED_PAGES)
	get_property(servers GLOBAL PROPERTY REED_SETTINGS_PAGES)
	set(folder ${PROJECT_BINARY_DIR}/share)
	file(MAKE_DIRECTORY ${folder})
	set(pages "")
	foreach(name ${commands} check completions endpoints help log modules)
		reed_written(${folder}/reed-${name}.1 ${depends} WORDS ${name} --print-man)
		list(APPEND pages ${folder}/reed-${name}.1)
	endforeach()
	foreach(name ${servers} run)
		reed_written(${folder}/reed-${name}.5 ${depends} WORDS ${name} --print-man-file)
		list(APPEND settings_pages ${folder}/reed-${name}.5)
	endforeach()
	foreach(shell bash zsh fish)
		reed_written(${folder}/completions.${shell} ${depends} WORDS completions ${shell})
		list(APPEND completions ${folder}/completions.${shell})
	endforeach()
	install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
	install(FILES ${settings_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT program)
	set(share ${CMAKE_INSTALL_DATADIR})
	install(FILES ${folder}/completions.bash RENAME reed
	        DESTINATION ${share}/bash-completion/completions COMPONENT program)
	install(FILES ${folder}/completions.zsh RENAME _reed
	        DESTINATION ${share}/zsh/site-functions COMPONENT program)
	install(FILES ${folder}/completions.fish RENAME reed.fish
	        DESTINATION ${share}/fish/vendor_completions.d COMPONENT program)
	if(REED_DEBIAN)
		foreach(name chat dns web)
			reed_written(${folder}/${name}.yaml ${depends} WORDS ${name} --print-example)
			list(APPEND settings ${folder}/${name}.yaml)
		endforeach()
		install(FILES ${settings} DESTINATION /etc/reed COMPONENT program)
	endif()
	set(documents ${pages} ${settings_pages} ${completions} ${settings} PARENT_SCOPE)
endfunction()

# A program that cannot be run here, because it is for another machine, writes none of this.
# Without an index a module is loaded before it is known what it brings.
function(reed_write_files)
	if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
		return()
	endif()
	get_property(targets GLOBAL PROPERTY REED_LOADABLE)
	reed_index_modules("${targets}")
	reed_document_commands("${targets};${indexes}")
	add_custom_target(reed-files ALL DEPENDS ${indexes} ${documents})
endfunction()
