#include "reed/sqlite_checker.h"

#include "reed/module.h"

static struct reed_checker_scheme *const checkers[] = { &reed_sqlite_checker_scheme, NULL };

REED_MODULE(sqlite, .summary = "Accounts in a database.", .checkers = checkers);
