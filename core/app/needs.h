/* Needs as they are kept, and the rules that are made of them. */

#ifndef REED_APP_NEEDS_H
#define REED_APP_NEEDS_H

#include "reed/buf.h"
#include "reed/needs.h"

struct plan;
struct reed_settings;

enum { NEED_LOW_PORTS = 1024 }; /* below it a port takes a right of root */

enum need_kind {
	NEED_READ,
	NEED_WRITE,  /* a folder, with all that can be done in one */
	NEED_APPEND, /* a file that grows, and is moved away and made anew */
	NEED_SOCKET, /* a folder in which a UNIX socket is made */
	NEED_DEVICE,
	NEED_PROGRAM,
	NEED_LISTEN,
	NEED_DIAL,
};

struct need {
	enum need_kind kind;
	char *path; /* owned; NULL of a port */
	uint16_t port;
	bool own; /* of every process: the files of the system */
};

struct reed_needs {
	struct need *items;
	size_t count;
	uint32_t *slots; /* by hash, the number of an item and one; 0: none */
	size_t mask;     /* 0: there are no slots yet */
	uint64_t descriptors;
	bool listens_anywhere, dials_anywhere;
	bool low_udp;
	bool abstract; /* it speaks to UNIX sockets without a file */
	bool rings;    /* it has io_uring for its driver */
	bool everything;
	bool own; /* what is added now is */
};

void reed_needs_append(struct reed_needs *self, const char *file);
void reed_needs_socket(struct reed_needs *self, const char *path);
void reed_needs_finish(struct reed_needs *self);

bool reed_needs_programs(const struct reed_needs *self);

/* It listens where only root may, or may do so. */
bool reed_needs_low_ports(const struct reed_needs *self);

/* The first of what more asks for and self has not; NULL: nothing.  The caller frees it. */
char *reed_needs_beyond(const struct reed_needs *self, const struct reed_needs *more);

/* Of a process with these settings and this state directory. */
void reed_needs_of(const struct plan *plan, const struct reed_settings *settings, const char *state,
                   struct reed_needs *needs);

/* For people: what is allowed with them. */
void reed_needs_print(const struct reed_needs *needs, struct reed_buf *out);

/* ---- rules about files ---- */

/* What may be done below a folder, or with one file. */
struct file_rule {
	enum need_kind kind;
	char *path;
	bool own, alone; /* alone: a file, and not what takes its place */
};

struct file_rules {
	struct file_rule *items;
	size_t count;
};

/*
 * Of what is there: folders, so that a file may be replaced; but the file alone
 * where its folder is one that much else lies in (/etc, /tmp).
 */
void reed_file_rules_of(const struct reed_needs *needs, struct file_rules *rules);
void reed_file_rules_finish(struct file_rules *rules);

#endif
