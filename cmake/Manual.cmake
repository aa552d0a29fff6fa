# SPDX-License-Identifier: MIT
# The man page and the completion come from the program's own tables, so that they cannot disagree
# with it. A program built for another machine cannot tell: then they are left out.
find_program(SCDOC scdoc)
set(manual ${CMAKE_CURRENT_BINARY_DIR}/clipnotes.1)
set(completion ${CMAKE_CURRENT_BINARY_DIR}/clipnotes.bash)

if(NOT CMAKE_CROSSCOMPILING)
  add_custom_command(OUTPUT ${completion}
    COMMAND clipnotes __completion > ${completion} DEPENDS clipnotes VERBATIM)
  add_custom_target(completion ALL DEPENDS ${completion})
  install(FILES ${completion} RENAME clipnotes
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

if(SCDOC AND NOT CMAKE_CROSSCOMPILING)
  add_custom_command(OUTPUT ${manual}
    COMMAND clipnotes __man > ${manual}.scd
    COMMAND ${SCDOC} < ${manual}.scd > ${manual}
    DEPENDS clipnotes VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual})
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
