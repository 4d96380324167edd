/* echo_in.c in Qt's loop; only C++ can. */

#define IN_QT6
#include "echo_in.c"
