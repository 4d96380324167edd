/* What the files of reed top share. */

#ifndef REED_TOP_H
#define REED_TOP_H

#include <stdio.h>

#include "reed/buf.h"
#include "reed/loop.h"

enum { TOP_FIELDS = 16, TOP_LOG = 100, TOP_FILTER = 64 };

/* ---- what the server said ---- */

/* "word\tvalue\t...": the first is the word. */
struct top_line {
	const char *f[TOP_FIELDS]; /* those that were not sent are "" */
};

struct top_figures {
	char *text; /* owned; the lines point into it */
	struct top_line *lines;
	size_t count;
	int64_t at; /* reed_now() when it came */
};

/* Takes over the text. */
void top_figures_parse(struct top_figures *self, char *text, int64_t at);
void top_figures_finish(struct top_figures *self);

/* The n-th line with that word; NULL. */
const struct top_line *top_figures_line(const struct top_figures *self, const char *word, size_t n);

/* The one with the same word and the same value of a field; NULL. */
const struct top_line *top_figures_same(const struct top_figures *self, const struct top_line *line,
                                        unsigned field);

uint64_t top_number(const char *text);

/* ---- how it is shown ---- */

enum top_sort { TOP_RATE, TOP_IN, TOP_OUT, TOP_AGE, TOP_PEER, TOP_SORTS };

struct top_view {
	struct top_figures now, before; /* one after the other */
	char *log[TOP_LOG];             /* a ring; owned; NULL: not yet */
	size_t log_next;
	enum top_sort sort;
	bool paused, typing; /* typing: a filter */
	char filter[TOP_FILTER];
	size_t filter_n;
	const char *trouble; /* why there are no new figures; NULL */
	int rows, columns;
	bool plain; /* no escape sequences, as many rows as it takes */
};

void top_draw(const struct top_view *view, struct reed_buf *out);
void top_view_log(struct top_view *view, struct reed_slice line);
void top_view_finish(struct top_view *view);

enum top_key { TOP_STAYS, TOP_CHANGED, TOP_QUIT };
enum top_key top_view_key(struct top_view *view, char key);

/* ---- the terminal ---- */

struct top_terminal;

bool top_terminal_is_there(void);

/* Keys come one by one and unseen; another screen is shown.  NULL: it is no terminal. */
struct top_terminal *top_terminal_enter(void);

/* As it was.  May be NULL. */
void top_terminal_leave(struct top_terminal *self);
void top_terminal_size(int *rows, int *columns);
extern const int top_signal_resized;

#endif
