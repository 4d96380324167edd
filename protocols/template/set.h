/*
 * A template that was read from a folder, together with all that it includes:
 * they come and go as one.  It goes when nobody holds it any more, the loader or
 * who writes it; templates that were parsed by hand are held by nobody.
 */

#ifndef REED_TEMPLATE_SET_H
#define REED_TEMPLATE_SET_H

#include "private.h"

enum {
	TEMPLATE_FILES = 64, /* of one set */
	TEMPLATE_CHAIN = 16, /* that include one another */
};

struct template_set {
	struct reed_template *files[TEMPLATE_FILES]; /* the last is what was asked for */
	unsigned count;
	unsigned holds; /* of the loop's thread */
};

/* Blocks, and touches nothing of a loop: for threads.  Nobody holds it yet. */
enum reed_err template_set_read(const char *folder, const char *name,
                                const struct reed_template_options *options,
                                struct template_set **out, struct reed_fault **fault);

const struct reed_template *template_set_asked(const struct template_set *set);
bool template_set_has(const struct template_set *set, struct reed_slice name);

/* May be NULL; one that nobody has held yet goes, too. */
void template_set_release(struct template_set *set);

#endif
