/* Records: who hears of them. */

#include "reed/log.h"

#include "private.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log_private.h"
#include "reed/cell.h"
#include "reed/random.h"

enum { LEAST_ROOM = 16 << 10, LONGEST_LINE = 64 << 10, KEEP = 5 };

struct reed_log {
	struct reed_loop *loop;
	struct reed_log_writer *writer;
	struct reed_log_style style;
	enum reed_log_level level;  /* of the writer */
	enum reed_log_level heard;  /* the least that a tap wants, */
	enum reed_log_level wanted; /* and anybody */
	bool writes, hearing;
	struct reed_log_modules modules;
	struct reed_log_history history;
	struct reed_list taps;
	struct reed_buf line;
	struct reed_cell moved;
	struct reed_post post; /* that a file was moved, */
	atomic_bool posted;    /* which is under way */
	uint64_t records[REED_LOG_CRITICAL + 1];
	int64_t day_ends; /* of the file, by the wall clock; INT64_MAX: that is all the same */
};

static struct reed_log_tap *tap_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_log_tap, link);
}

/* ---- levels ---- */

static void update_wanted(struct reed_log *log)
{
	log->heard = REED_LOG_CRITICAL + 1;
	reed_list_each (link, &log->taps)
		if (tap_of(link)->level < log->heard)
			log->heard = tap_of(link)->level;
	log->wanted = log->heard;
	if (!log->writes && log->history.room == 0)
		return;
	if (log->level < log->wanted)
		log->wanted = log->level;
	if (log->modules.count > 0 && log->modules.least < log->wanted)
		log->wanted = log->modules.least;
}

bool reed_log_wants(struct reed_loop *loop, enum reed_log_level level)
{
	return level >= reed_log_of(loop)->wanted;
}

void reed_log_set_level(struct reed_log *log, enum reed_log_level level)
{
	log->level = level;
	update_wanted(log);
}

enum reed_log_level reed_log_get_level(const struct reed_log *log)
{
	return log->level;
}

enum reed_err reed_log_set_module(struct reed_log *log, const struct reed_log_module *module)
{
	enum reed_err err = reed_log_modules_set(&log->modules, module);

	update_wanted(log);
	return err;
}

const struct reed_log_module *reed_log_module_at(const struct reed_log *log, size_t n)
{
	return n < log->modules.count ? &log->modules.items[n] : NULL;
}

/* ---- the fields of a task ---- */

static const struct reed_local key = { "log" };

struct context {
	const struct context *outer; /* lives as long, as its task does */
	struct reed_log_field fields[REED_LOG_FIELDS];
	size_t count;
	char bytes[];
};

static struct reed_slice moved(struct reed_slice s, const struct reed_log_text *from, char *to)
{
	return reed_slice(to + (s.p - from->bytes), s.n);
}

static struct context *context_of(const struct reed_log_text *text)
{
	struct context *c = reed_alloc(sizeof(*c) + text->used);

	memcpy(c->bytes, text->bytes, text->used);
	c->count = text->count;
	for (size_t i = 0; i < text->count; i++) {
		c->fields[i] = text->fields[i];
		c->fields[i].key = c->bytes + (text->fields[i].key - text->bytes);
		c->fields[i].value = moved(text->fields[i].value, text, c->bytes);
	}
	return c;
}

void reed_log_with(struct reed_loop *loop, const char *format, ...)
{
	struct reed_log_text text;
	struct context *c;
	va_list args;

	va_start(args, format);
	reed_log_take_apart(&text, format, args);
	va_end(args);
	c = context_of(&text);
	c->outer = reed_local_get(loop, &key);
	reed_local_give(loop, &key, c);
}

static bool has_key(const struct reed_log_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].key, name) == 0)
			return true;
	return false;
}

struct gathered {
	struct reed_log_field fields[2 * REED_LOG_FIELDS];
	size_t count;
};

/* The outermost first. */
static void add_context(struct gathered *all, const struct context *c)
{
	if (!c)
		return;
	add_context(all, c->outer);
	for (size_t i = 0; i < c->count; i++) {
		size_t n = 0;

		while (n < all->count && strcmp(all->fields[n].key, c->fields[i].key) != 0)
			n++;
		if (n == REED_LOG_FIELDS)
			return;
		all->fields[n] = c->fields[i];
		all->count += n == all->count;
	}
}

static void add_own(struct gathered *all, const struct reed_log_text *text)
{
	size_t of_task = all->count, kept = 0;

	for (size_t i = 0; i < of_task; i++)
		if (!has_key(text->fields, text->count, all->fields[i].key))
			all->fields[kept++] = all->fields[i];
	memcpy(all->fields + kept, text->fields, text->count * sizeof(text->fields[0]));
	all->count = kept + text->count;
}

/* ---- records ---- */

static void tell_taps(struct reed_log *log, const struct reed_log_event *event)
{
	if (log->hearing)
		return;
	log->hearing = true;
	reed_list_each_safe (link, &log->taps)
		if (reed_log_tap_wants(tap_of(link), event))
			tap_of(link)->hear(tap_of(link), event);
	log->hearing = false;
}

/* Of that moment, in ns of the wall clock. */
static int64_t end_of_day(int64_t wall, bool local)
{
	int64_t day = 24 * 60 * 60;
	time_t seconds = (time_t)(wall / REED_S(1));
	struct tm tm;

	if (!local || !localtime_r(&seconds, &tm))
		return REED_S(((int64_t)seconds / day + 1) * day);
	tm.tm_mday++;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return REED_S((int64_t)mktime(&tm));
}

/* The clock may be set back, and records of other loops come late: a day ends once. */
static void look_at_day(struct reed_log *log, int64_t wall)
{
	if (wall < log->day_ends)
		return;
	log->day_ends = end_of_day(wall, log->style.local_time);
	reed_log_writer_rotate(log->writer);
}

static void write_line(struct reed_log *log, const struct reed_log_event *event)
{
	size_t stamp;

	if (!log->writes)
		return;
	look_at_day(log, event->wall);
	reed_buf_clear(&log->line);
	reed_log_render_as(event, log->style, &log->line, &stamp);
	reed_log_writer_line(log->writer, reed_now(log->loop), reed_buf_slice(&log->line), stamp);
}

/* Of the writer and of who begins to listen later. */
static bool is_ours(const struct reed_log *log, enum reed_log_level level, const char *file)
{
	return level >= reed_log_modules_level(&log->modules, file, log->level);
}

static void tell(struct reed_log *log, const struct reed_log_event *event)
{
	if (is_ours(log, event->level, event->file)) {
		write_line(log, event);
		reed_log_history_add(&log->history, event);
	}
	tell_taps(log, event);
}

void reed_log_at(struct reed_loop *loop, enum reed_log_level level, const char *file, int line,
                 const char *format, ...)
{
	struct reed_log *log = reed_log_of(loop);
	struct reed_log_event event = { .level = level, .file = file, .line = line };
	struct gathered all = { .count = 0 };
	struct reed_log_text text;
	va_list args;

	if (level < log->heard && !is_ours(log, level, file))
		return;
	va_start(args, format);
	reed_log_take_apart(&text, format, args);
	va_end(args);
	add_context(&all, reed_local_get(loop, &key));
	add_own(&all, &text);
	event.wall = reed_wall(loop);
	event.message = text.message;
	event.fields = all.fields;
	event.count = all.count;
	log->records[level]++;
	tell(log, &event);
}

void reed_log_pass(struct reed_log *log, const struct reed_log_event *event)
{
	tell(log, event);
}

void reed_log_replay(struct reed_log *log, struct reed_log_tap *tap, size_t most)
{
	reed_log_history_tell(&log->history, tap, most);
}

struct reed_slice reed_log_value(const struct reed_log_event *event, const char *name)
{
	for (size_t i = 0; i < event->count; i++)
		if (strcmp(event->fields[i].key, name) == 0)
			return event->fields[i].value;
	return REED_STR("");
}

void reed_log_tap(struct reed_log *log, struct reed_log_tap *tap)
{
	reed_list_append(&log->taps, &tap->link);
	update_wanted(log);
}

void reed_log_untap(struct reed_log *log, struct reed_log_tap *tap)
{
	reed_list_unlink(&tap->link);
	update_wanted(log);
}

/* ---- where it goes ---- */

static struct reed_log_style style_of(const struct reed_log_options *options,
                                      const struct reed_log_target *target)
{
	bool terminal = target->fd >= 0 && !target->journal && reed_log_os_is_terminal(target->fd);
	const char *no_colour = getenv("NO_COLOR");
	struct reed_log_style style = {
		.json = options->format == REED_LOG_JSON ||
		        (options->format == REED_LOG_AUTO && !terminal),
		.local_time = options->local_time,
		.colour = options->format == REED_LOG_COLOURED ||
		          (terminal && !(no_colour && *no_colour)),
		.journal = target->journal != NULL,
	};

	if (options->identity)
		reed_slice_copy(style.identity, sizeof(style.identity),
		                reed_slice_of(options->identity));
	return style;
}

/* Its socket, when standard error goes there anyway. */
static void target_journal(const struct reed_log_options *options, struct reed_log_target *target)
{
	const char *path = options->journal ? options->journal : "/run/systemd/journal/socket";
	int fd;

	if (options->format != REED_LOG_AUTO || !reed_log_os_is_journal(target->fd))
		return;
	fd = reed_log_os_journal(path);
	if (fd < 0)
		return;
	target->fd = fd;
	target->journal = reed_strdup(path);
}

static enum reed_err target_file(const struct reed_log_options *options,
                                 struct reed_log_target *target, struct reed_fault **fault)
{
	if (!options->path || !*options->path) {
		*fault = reed_fault(REED_EINVAL, NULL, "the log file has no name");
		return REED_EINVAL;
	}
	target->fd = reed_log_os_open(options->path);
	if (target->fd < 0) {
		enum reed_err err = reed_err_of(errno);

		*fault = reed_fault(err, NULL, "%s: %s", options->path, strerror(errno));
		return err;
	}
	target->path = reed_strdup(options->path);
	target->rotate = options->rotate;
	target->keep = options->keep ? options->keep : KEEP;
	return REED_OK;
}

static enum reed_err target_of(const struct reed_log_options *options,
                               struct reed_log_target *target, struct reed_fault **fault)
{
	if (options->to == REED_LOG_TO_FILE)
		return target_file(options, target, fault);
	if (options->to == REED_LOG_TO_STDERR) {
		target->fd = 2;
		target_journal(options, target);
	}
	return REED_OK;
}

/* What an earlier process has written yesterday is yesterday's. */
static int64_t first_day_ends(const struct reed_log *log, int fd)
{
	int64_t written = reed_log_os_written(fd);

	return end_of_day(written ? written : reed_wall(log->loop), log->style.local_time);
}

enum reed_err reed_log_open(struct reed_log *log, const struct reed_log_options *given,
                            struct reed_fault **fault)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_log_target target = { .fd = -1 };
	enum reed_err err;

	memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
	err = target_of(&options, &target, fault);
	if (err)
		return err;
	if (options.room)
		target.room = options.room > LEAST_ROOM ? options.room : LEAST_ROOM;
	target.style = log->style = style_of(&options, &target);
	log->day_ends = options.daily ? first_day_ends(log, target.fd) : INT64_MAX;
	reed_log_writer_switch(log->writer, &target);
	log->writes = options.to != REED_LOG_TO_NOBODY;
	log->modules.count = 0;
	for (size_t i = 0; i < options.module_count; i++)
		reed_log_modules_set(&log->modules, &options.modules[i]);
	reed_log_history_limit(&log->history, options.history);
	reed_log_set_level(log, options.level);
	return REED_OK;
}

void reed_log_reopen(struct reed_log *log)
{
	reed_log_writer_reopen(log->writer);
}

/* ---- files that were moved away ---- */

static void hear_of_move(struct reed_post *post)
{
	struct reed_log *log = reed_container_of(post, struct reed_log, post);

	atomic_store(&log->posted, false);
	reed_cell_touch(&log->moved);
}

/* In the writer's thread.  One message is enough, however often it happens until it is read. */
static void post_move(void *arg)
{
	struct reed_log *log = arg;

	if (!atomic_exchange(&log->posted, true))
		reed_post(log->loop, &log->post);
}

struct reed_cell *reed_log_moved(struct reed_log *log)
{
	return &log->moved;
}

void reed_log_packed(struct reed_log *log, const char *packed, struct reed_log_file of)
{
	reed_log_writer_packed(log->writer, packed, of);
}

/* ---- the end of it ---- */

bool reed_log_flush(struct reed_log *log, int64_t ms)
{
	return reed_log_writer_flush(log->writer, ms);
}

void reed_log_stats(const struct reed_log *log, struct reed_log_stats *stats)
{
	struct reed_log_stats all = { .size = stats->size };

	memcpy(all.records, log->records, sizeof(all.records));
	reed_log_writer_stats(log->writer, &all);
	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

/* ---- of a loop ---- */

/* Whoever runs reed_main() is a program for people: text, whatever it is redirected to. */
static struct reed_log *log_new(struct reed_loop *loop)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_log *log = reed_alloc(sizeof(*log));

	log->loop = loop;
	log->writer = reed_log_writer_new(loop->simulated);
	log->post.run = hear_of_move;
	reed_log_writer_tell(log->writer, post_move, log);
	reed_list_init(&log->taps);
	reed_log_history_init(&log->history);
	reed_buf_init(&log->line, LONGEST_LINE);
	options.format = REED_LOG_TEXT;
	reed_log_open(log, &options, NULL);
	return log;
}

struct reed_log *reed_log_of(struct reed_loop *loop)
{
	if (!loop->log)
		loop->log = log_new(loop);
	return loop->log;
}

void reed_log_finish(struct reed_loop *loop)
{
	struct reed_log *log = loop->log;

	if (!log)
		return;
	loop->log = NULL;
	reed_log_writer_free(log->writer);
	reed_log_history_limit(&log->history, 0);
	reed_buf_finish(&log->line);
	reed_free(log);
}
