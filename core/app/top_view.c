/* What reed top shows: from the figures to the characters of a screen. */

#include "top.h"

#include <stdlib.h>
#include <string.h>

#include "reed/alloc.h"

enum { PLAIN_COLUMNS = 120, PLAIN_ROWS = 1000, SERVICES = 6, MODULES = 8, MODULE = 32 };

/* ---- a screen, row by row ---- */

struct screen {
	const struct top_view *view;
	struct reed_buf *out;
	int row; /* the next one, from 0 */
};

static int rows_left(const struct screen *s)
{
	return s->view->rows - s->row;
}

/* As many characters as there are columns; what is none would spoil the screen. */
static struct reed_slice clipped(struct reed_slice text, int columns)
{
	size_t n = 0;

	for (; n < text.n && columns > 0; columns--)
		for (n++; n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80;)
			n++;
	return reed_slice_first(text, n);
}

static void row(struct screen *s, const char *style, struct reed_buf *text)
{
	struct reed_slice shown = clipped(reed_buf_slice(text), s->view->columns);

	if (rows_left(s) > 0 && s->view->plain)
		reed_buf_printf(s->out, REED_FMT "\n", REED_ARG(shown));
	else if (rows_left(s) > 0)
		reed_buf_printf(s->out, "\033[%d;1H\033[0;%sm" REED_FMT "\033[K", s->row + 1, style,
		                REED_ARG(shown));
	s->row++;
	reed_buf_finish(text);
}

/* Whatever is not valid text there is made harmless here. */
static void add(struct reed_buf *out, const char *text, int width)
{
	bool good = reed_slice_is_utf8(reed_slice_of(text));
	int n = 0;

	for (; *text && (width == 0 || n < width); text++) {
		unsigned char c = (unsigned char)*text;

		reed_buf_add_char(out, c < 0x20 || c == 0x7f || (c >= 0x80 && !good) ? '?' : *text);
		n += (c & 0xc0) != 0x80;
		while (good && ((unsigned char)text[1] & 0xc0) == 0x80)
			reed_buf_add_char(out, *++text);
	}
	for (; n < width; n++)
		reed_buf_add_char(out, ' ');
	if (width > 0)
		reed_buf_add_char(out, ' ');
}

/* "999", "12.3K", "4.5G" */
static void add_size(struct reed_buf *out, double x, const char *unit, int width)
{
	static const char signs[] = " KMGT";
	char text[32];
	size_t i = 0;

	while (x >= 1000 && i < 4) {
		x /= 1024;
		i++;
	}
	if (i == 0)
		snprintf(text, sizeof(text), "%.0f%s", x, unit);
	else
		snprintf(text, sizeof(text), "%.1f%c%s", x, signs[i], unit);
	reed_buf_printf(out, "%*s ", width, text);
}

static void add_age(struct reed_buf *out, double seconds, int width)
{
	char text[32];

	if (seconds >= 86400)
		snprintf(text, sizeof(text), "%dd%02dh", (int)(seconds / 86400),
		         (int)((int64_t)seconds % 86400 / 3600));
	else if (seconds >= 3600)
		snprintf(text, sizeof(text), "%dh%02d", (int)seconds / 3600,
		         (int)seconds % 3600 / 60);
	else if (seconds >= 60)
		snprintf(text, sizeof(text), "%dm%02d", (int)seconds / 60, (int)seconds % 60);
	else
		snprintf(text, sizeof(text), "%ds", (int)seconds);
	reed_buf_printf(out, "%*s ", width, text);
}

/* ---- how fast ---- */

static double span(const struct top_view *v)
{
	int64_t ns = v->before.count ? v->now.at - v->before.at : 0;

	return ns > 0 ? (double)ns / 1e9 : 0;
}

/* By how much a field has risen each second since the figures before. */
static double rate(const struct top_view *v, const struct top_line *l, unsigned key, unsigned field)
{
	const struct top_line *before = top_figures_same(&v->before, l, key);
	uint64_t now = top_number(l->f[field]), then = before ? top_number(before->f[field]) : 0;

	if (span(v) == 0 || now < then || (!before && key != 1))
		return 0;
	return (double)(now - then) / span(v);
}

/* ---- the head ---- */

static void draw_trouble(struct screen *s)
{
	struct reed_buf text = { 0 };

	add(&text, s->view->trouble ? s->view->trouble : "waiting for figures", 0);
	row(s, "31", &text);
}

static void draw_head(struct screen *s)
{
	const struct top_view *v = s->view;
	const struct top_line *p = top_figures_line(&v->now, "process", 0);
	struct reed_buf first = { 0 }, second = { 0 };

	if (!p || v->trouble)
		draw_trouble(s);
	if (!p)
		return;
	reed_buf_add_str(&first, "reed top: ");
	add(&first, p->f[1], 0);
	reed_buf_printf(&first, "  pid %s  up ", p->f[2]);
	add_age(&first, atof(p->f[3]), 3);
	reed_buf_add_str(&first, v->paused ? " PAUSED" : "");
	if (!v->trouble)
		row(s, "1", &first);
	reed_buf_finish(&first);
	reed_buf_printf(&second, "cpu %.1f%%  mem ", rate(v, p, 2, 4) / 1e7);
	add_size(&second, (double)top_number(p->f[5]), "", 1);
	reed_buf_add_str(&second, " turns ");
	add_size(&second, rate(v, p, 2, 6), "/s", 1);
	reed_buf_printf(&second, " tasks %s  in ", p->f[8]);
	add_size(&second, rate(v, p, 2, 9), "/s", 1);
	reed_buf_add_str(&second, " out ");
	add_size(&second, rate(v, p, 2, 10), "/s", 1);
	reed_buf_printf(&second,
	                " log %.0f/s"
	                "%s%s%s",
	                rate(v, p, 2, 11), *p->f[12] == '0' ? "" : ", ",
	                *p->f[12] == '0' ? "" : p->f[12], *p->f[12] == '0' ? "" : " lost");
	row(s, "0", &second);
}

/* ---- services ---- */

static void draw_services(struct screen *s)
{
	const struct top_line *l;
	struct reed_buf text = { 0 };

	reed_buf_add_str(&text, "SERVICE          STATE         SINCE STATUS");
	row(s, "7", &text);
	for (size_t n = 0; n < SERVICES && (l = top_figures_line(&s->view->now, "service", n));
	     n++) {
		char name[40];

		snprintf(name, sizeof(name), "%*s%s", 2 * atoi(l->f[1]), "", l->f[2]);
		add(&text, name, 16);
		add(&text, l->f[3], 10);
		add_age(&text, atof(l->f[4]), 8);
		add(&text, l->f[5], 0);
		row(s, "0", &text);
	}
}

/* ---- connections ---- */

struct conn {
	const struct top_line *line;
	double rate;
	enum top_sort sort;
};

static bool passes(const struct top_view *v, const struct top_line *l)
{
	for (unsigned i = 2; i < TOP_FIELDS; i++)
		if (strstr(l->f[i], v->filter))
			return true;
	return v->filter_n == 0;
}

static int compare(double a, double b)
{
	return a > b ? -1 : a < b;
}

static int by_sort(const void *a, const void *b)
{
	const struct conn *x = a, *y = b;
	const struct top_line *l = x->line, *m = y->line;
	int way = 0;

	if (x->sort == TOP_RATE)
		way = compare(x->rate, y->rate);
	else if (x->sort == TOP_IN)
		way = compare((double)top_number(l->f[7]), (double)top_number(m->f[7]));
	else if (x->sort == TOP_OUT)
		way = compare((double)top_number(l->f[8]), (double)top_number(m->f[8]));
	else if (x->sort == TOP_AGE)
		way = compare(atof(l->f[6]), atof(m->f[6]));
	else
		way = strcmp(l->f[4], m->f[4]);
	return way ? way : compare((double)top_number(m->f[1]), (double)top_number(l->f[1]));
}

static size_t conns_of(const struct top_view *v, struct conn *conns)
{
	size_t n = 0;

	for (size_t i = 0; i < v->now.count; i++) {
		const struct top_line *l = &v->now.lines[i];

		if (strcmp(l->f[0], "conn") != 0 || !passes(v, l))
			continue;
		conns[n++] = (struct conn){ l, rate(v, l, 1, 7) + rate(v, l, 1, 8), v->sort };
	}
	qsort(conns, n, sizeof(*conns), by_sort);
	return n;
}

static void draw_conn(struct screen *s, const struct conn *c)
{
	const struct top_line *l = c->line;
	struct reed_buf text = { 0 };

	add(&text, l->f[1], 6);
	add(&text, l->f[3], 5);
	add(&text, l->f[4], 21);
	add_size(&text, c->rate, "/s", 8);
	add_size(&text, (double)top_number(l->f[7]), "", 7);
	add_size(&text, (double)top_number(l->f[8]), "", 7);
	add_age(&text, atof(l->f[6]), 6);
	add(&text, l->f[9], *l->f[9] ? 8 : 0);
	add(&text, l->f[10], 0);
	row(s, "0", &text);
}

static void draw_conns(struct screen *s, int most)
{
	const struct top_view *v = s->view;
	struct conn *conns = reed_alloc((v->now.count + 1) * sizeof(*conns));
	size_t n = conns_of(v, conns);
	struct reed_buf text = { 0 };

	reed_buf_printf(&text, "%-6s %-5s %-21s %8s %7s %7s %6s %s", "CONN", "DOOR", "PEER", "RATE",
	                "IN", "OUT", "AGE", "WHO");
	row(s, "7", &text);
	for (int i = 0; i < most && (size_t)i < n; i++)
		draw_conn(s, &conns[i]);
	reed_free(conns);
}

/* ---- blame ---- */

struct module {
	char name[MODULE];
	double share;
};

/* "protocols/irc/session.c:12" is of protocols/irc; the rest, of its first folder. */
static void module_of(const struct top_line *l, char name[MODULE])
{
	const char *place = l->f[5], *slash = strchr(place, '/');

	if (slash && strncmp(place, "core/", 5) != 0 && strchr(slash + 1, '/'))
		slash = strchr(slash + 1, '/');
	if (slash)
		snprintf(name, MODULE, "%.*s", (int)(slash - place), place);
	else
		snprintf(name, MODULE, "kernel");
}

static void add_share(struct module *modules, const char *name, double share)
{
	for (size_t i = 0; i < MODULES; i++) {
		if (modules[i].name[0] && strcmp(modules[i].name, name) != 0)
			continue;
		snprintf(modules[i].name, MODULE, "%s", name);
		modules[i].share += share;
		return;
	}
}

static int by_share(const void *a, const void *b)
{
	return compare(((const struct module *)a)->share, ((const struct module *)b)->share);
}

static void draw_modules(struct screen *s)
{
	struct module modules[MODULES] = { 0 };
	const struct top_line *l;
	struct reed_buf text = { 0 };
	char name[MODULE];

	for (size_t n = 0; (l = top_figures_line(&s->view->now, "blame", n)); n++) {
		module_of(l, name);
		add_share(modules, name, rate(s->view, l, 4, 1) / 1e7);
	}
	qsort(modules, MODULES, sizeof(modules[0]), by_share);
	reed_buf_add_str(&text, "LOOP HELD BY    TIMES  LONGEST TASK");
	for (size_t i = 0; i < MODULES && modules[i].name[0]; i++)
		reed_buf_printf(&text, "%s%s %.1f%%", i ? ", " : "     ", modules[i].name,
		                modules[i].share);
	row(s, "7", &text);
}

struct blamed {
	const struct top_line *line;
	double share;
};

static int by_blame(const void *a, const void *b)
{
	const struct blamed *x = a, *y = b;
	int way = compare(x->share, y->share);

	return way ? way
	           : compare((double)top_number(x->line->f[1]), (double)top_number(y->line->f[1]));
}

static void draw_blame(struct screen *s, int most)
{
	struct blamed *all = reed_alloc((s->view->now.count + 1) * sizeof(*all));
	const struct top_line *l;
	struct reed_buf text = { 0 };
	size_t n = 0;

	draw_modules(s);
	for (; (l = top_figures_line(&s->view->now, "blame", n)); n++)
		all[n] = (struct blamed){ l, rate(s->view, l, 4, 1) / 1e7 };
	qsort(all, n, sizeof(*all), by_blame);
	for (int i = 0; i < most && (size_t)i < n; i++) {
		l = all[i].line;
		reed_buf_printf(&text, "%11.1f%% ", all[i].share);
		add_size(&text, rate(s->view, l, 4, 2), "/s", 8);
		reed_buf_printf(&text, "%6.1fms ", (double)top_number(l->f[3]) / 1e6);
		add(&text, l->f[4], 20);
		add(&text, l->f[5], 0);
		row(s, "0", &text);
	}
	reed_free(all);
}

/* ---- the log ---- */

static const char *log_at(const struct top_view *v, size_t back)
{
	const char *line = v->log[(v->log_next + TOP_LOG - back) % TOP_LOG];

	return line && (v->filter_n == 0 || strstr(line, v->filter)) ? line : NULL;
}

static void draw_log(struct screen *s, int most)
{
	const char *lines[TOP_LOG];
	struct reed_buf text = { 0 };
	int n = 0;

	for (size_t back = 1; back <= TOP_LOG && n < most; back++)
		if (log_at(s->view, back))
			lines[n++] = log_at(s->view, back);
	reed_buf_add_str(&text, "LOG");
	row(s, "7", &text);
	while (n-- > 0) {
		add(&text, lines[n], 0);
		row(s, "0", &text);
	}
}

/* ---- all of it ---- */

static void draw_foot(struct screen *s)
{
	static const char *const sorts[] = { "rate", "in", "out", "age", "peer" };
	const struct top_line *all = top_figures_line(&s->view->now, "conns", 0);
	struct reed_buf text = { 0 };

	s->row = s->view->rows - 1;
	if (s->view->typing)
		reed_buf_printf(&text, "filter: %s_", s->view->filter);
	else
		reed_buf_printf(&text, "%s connections  q quit  p pause  s sort: %s  / filter%s%s",
		                all ? all->f[1] : "0", sorts[s->view->sort],
		                s->view->filter_n ? ": " : "", s->view->filter);
	row(s, "2", &text);
}

static void draw_body(struct screen *s)
{
	int left, services = 0;

	while (services < SERVICES && top_figures_line(&s->view->now, "service", (size_t)services))
		services++;
	draw_services(s);
	left = rows_left(s) - 4; /* headings, and the foot */
	draw_conns(s, left * 2 / 5);
	draw_blame(s, left * 3 / 10);
	if (!s->view->plain)
		draw_log(s, rows_left(s) - 2);
}

void top_draw(const struct top_view *given, struct reed_buf *out)
{
	struct top_view view = *given;
	struct screen s = { .view = &view, .out = out };

	if (view.plain) {
		view.rows = PLAIN_ROWS;
		view.columns = PLAIN_COLUMNS;
	}
	draw_head(&s);
	if (view.now.count > 0)
		draw_body(&s);
	if (view.plain)
		return;
	for (; s.row < view.rows - 1; s.row++)
		reed_buf_printf(out, "\033[%d;1H\033[K", s.row + 1);
	draw_foot(&s);
	reed_buf_add_str(out, "\033[0m");
}

/* ---- what changes it ---- */

void top_view_log(struct top_view *view, struct reed_slice line)
{
	reed_free(view->log[view->log_next]);
	view->log[view->log_next] = reed_slice_dup(line);
	view->log_next = (view->log_next + 1) % TOP_LOG;
}

void top_view_finish(struct top_view *view)
{
	top_figures_finish(&view->now);
	top_figures_finish(&view->before);
	for (size_t i = 0; i < TOP_LOG; i++)
		reed_free(view->log[i]);
}

static enum top_key type(struct top_view *view, char key)
{
	if (key == '\r' || key == '\n' || key == 27)
		view->typing = false;
	if (key == 27)
		view->filter_n = 0;
	else if ((key == 127 || key == 8) && view->filter_n > 0)
		view->filter_n--;
	else if ((unsigned char)key >= 0x20 && key != 127 && view->filter_n + 1 < TOP_FILTER)
		view->filter[view->filter_n++] = key;
	view->filter[view->filter_n] = '\0';
	return TOP_CHANGED;
}

enum top_key top_view_key(struct top_view *view, char key)
{
	if (key == 3)
		return TOP_QUIT;
	if (view->typing)
		return type(view, key);
	if (key == 'q' || key == 4)
		return TOP_QUIT;
	if (key == 'p' || key == ' ')
		view->paused = !view->paused;
	else if (key == 's')
		view->sort = (view->sort + 1) % TOP_SORTS;
	else if (key == '/')
		view->typing = true;
	else if (key == 27)
		view->filter[view->filter_n = 0] = '\0';
	else
		return key == 12 ? TOP_CHANGED : TOP_STAYS;
	return TOP_CHANGED;
}
