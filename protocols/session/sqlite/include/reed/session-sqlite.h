/*
 * Sessions on disk: they outlive the program.  All of it is done in the thread
 * of the database (reed/sqlite.h).
 *
 *	reed_try(co, reed_web_session_sqlite_open(co->loop, "sessions.db", &options.store));
 */

#ifndef REED_WEB_SESSION_SQLITE_H
#define REED_WEB_SESSION_SQLITE_H

#include "reed/session.h"

REED_BEGIN_DECLS

/* What it fails with stands in reed/sqlite.h.  What is over is taken out now and then. */
REED_API struct reed_future *reed_web_session_sqlite_open(struct reed_loop *loop, const char *path,
                                                          struct reed_web_session_store **store);

REED_END_DECLS

#endif
