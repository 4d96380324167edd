/* What is linked into the program of these tests. */

#include "reed.h"

extern const struct reed_module reed_module_echo;

const struct reed_module *const reed_modules[] = { &reed_own_module, &reed_module_echo, NULL };
