/* What the files about completions share. */

#ifndef REED_SETTINGS_COMPLETE_H
#define REED_SETTINGS_COMPLETE_H

#include "settings_private.h"

/* What may follow a flag. */
enum value { VALUE_NONE, VALUE_ANY, VALUE_FILE, VALUE_WORDS };

/* own: what may stand in front of a command; NULL: nothing.  A program without commands has one. */
struct completed {
	const char *program;
	const struct reed_settings *own;
	const struct reed_settings *const *commands;
	size_t count;
	bool single; /* one without commands */
};

enum value reed_complete_value(const struct reed_setting *s);
bool reed_complete_has_negative(const struct slot *slot);

/* The next slot with a flag; NULL when there are no more.  *i begins at 0. */
const struct slot *reed_complete_next(const struct reed_settings *self, size_t *i);

void reed_complete_words(struct reed_buf *out, const struct reed_setting *s);
void reed_complete_verbs(struct reed_buf *out, const struct reed_settings *self);

/* Inside single quotes; what is in special gets a backslash too. */
void reed_complete_quoted(struct reed_buf *out, const char *text, const char *special);

/* "_reed_chat"; a shell's function takes letters, digits and "_".  command may be NULL. */
void reed_complete_function(struct reed_buf *out, const char *program, const char *command);

void reed_complete_bash(const struct completed *all, struct reed_buf *out);
void reed_complete_zsh(const struct completed *all, struct reed_buf *out);
void reed_complete_fish(const struct completed *all, struct reed_buf *out);

#endif
