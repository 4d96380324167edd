/* A command that shows positions: what its files share. */

#ifndef REED_APPS_POSITION_H
#define REED_APPS_POSITION_H

#include "reed/positioning.h"
#include "reed/settings.h"

struct position_flags {
	bool json, strict;
	int count, pace;
};

extern const struct reed_settings_program reed_position_tool;

int reed_position_main(int argc, char **argv);

/* ---- run.c ---- */

/* Shows fixes of the endpoint until it ends, or as many as were wanted. */
struct reed_future *position_run(struct reed_loop *loop, const struct position_flags *flags,
                                 const char *endpoint);

/* ---- show.c: a line each ---- */

void position_show(const struct reed_fix *fix, struct reed_buf *out);
void position_show_json(const struct reed_fix *fix, struct reed_buf *out);

#endif
