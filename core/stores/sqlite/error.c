/* What SQLite says, as an error and a sentence that helps. */

#include "private.h"

static enum reed_err err_of_system(struct reed_sqlite *db, enum reed_err otherwise)
{
	int system = sqlite3_system_errno(db->handle);

	return system ? reed_err_of(system) : otherwise;
}

static enum reed_err err_of(struct reed_sqlite *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return REED_ECORRUPT;
	case SQLITE_FULL:
		return REED_ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return REED_EBUSY;
	case SQLITE_READONLY:
		return REED_EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return REED_EACCES;
	case SQLITE_NOMEM:
		return REED_ENOMEM;
	case SQLITE_TOOBIG:
		return REED_ETOOBIG;
	case SQLITE_CONSTRAINT:
		return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
		               ? REED_EEXIST
		               : REED_EINVAL;
	case SQLITE_CANTOPEN:
		return err_of_system(db, REED_ENOENT);
	case SQLITE_IOERR:
		return err_of_system(db, REED_EIO);
	default:
		return REED_EIO;
	}
}

enum reed_err reed_sqlite_blame(struct reed_sqlite *db, struct reed_job *job, int code)
{
	enum reed_err err = err_of(db, code);
	const char *said = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);

	if (err == REED_ECORRUPT)
		return reed_job_fail(job, err,
		                     "%s is damaged (%s): stop the server, copy the file away, "
		                     "then restore a backup, or save what can be read with "
		                     "\"sqlite3 %s .recover\"",
		                     db->path, said, db->path);
	if (err == REED_ENOSPC)
		return reed_job_fail(job, err,
		                     "%s cannot grow, the disk is full: nothing was changed; "
		                     "make room there, and what is tried next succeeds",
		                     db->path);
	if (err == REED_EBUSY)
		return reed_job_fail(job, err, "%s is being written by another process", db->path);
	return reed_job_fail(job, err, "%s: %s", db->path, said);
}
