/* Lines of a log, read again: what was written is understood field by field. */

#include "reed/log.h"

#include <limits.h>

#include "check.h"
#include "reed/pool.h"
#include "reed/random.h"

struct read {
	struct reed_log_tap tap;
	size_t count;
};

static void is_same(const struct reed_log_event *a, const struct reed_log_event *b)
{
	check_int(a->level, b->level);
	check_int(a->wall / 1000, b->wall / 1000);
	check(reed_slice_eq(a->message, b->message));
	check_int(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		check_str(a->fields[i].key, b->fields[i].key);
		check(reed_slice_eq(a->fields[i].value, b->fields[i].value));
		check_int(a->fields[i].number, b->fields[i].number);
	}
	check_str(a->file, b->file);
	check_int(a->line, b->line);
}

static void read_again(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct read *self = reed_container_of(tap, struct read, tap);
	struct reed_buf line = { 0 }, again = { 0 };
	struct reed_pool pool = { 0 };
	struct reed_log_event parsed;
	const char *why;

	reed_log_render(event, REED_LOG_JSON, false, &line);
	check_int(reed_log_parse(reed_buf_slice(&line), &pool, &parsed, &why), REED_OK);
	is_same(&parsed, event);
	reed_log_render(&parsed, REED_LOG_JSON, false, &again);
	check(reed_slice_eq(reed_buf_slice(&line), reed_buf_slice(&again)));
	reed_buf_finish(&line);
	reed_buf_finish(&again);
	reed_pool_finish(&pool);
	self->count++;
}

static void what_was_written_is_understood_field_by_field(void)
{
	struct read r = { .tap.hear = read_again };
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	reed_log_tap(reed_log_of(loop), &r.tap);
	reed_log(loop, REED_LOG_DEBUG, "nothing else");
	reed_log(loop, REED_LOG_WARN, "numbers a=%d b=%llu c=%.3f d=%g e=%d", INT_MIN, ULLONG_MAX,
	         1.5, 1e-9, 0);
	reed_log(loop, REED_LOG_ERROR, "texts a=%s b=%s c=%s d=%s e=%s", "", " a \"b\" \\ c=d ",
	         "\n\t\r\x1b[31m\x7f", "ä€😀", "\xe2\x80\xa8");
	reed_log(loop, REED_LOG_CRITICAL, "both a=%dms message=%s level=%d", 3, "x", 5);
	reed_log(loop, REED_LOG_INFO, "a \"quoted\" sentence\nof two lines");
	check_int(r.count, 5);
	reed_log_untap(reed_log_of(loop), &r.tap);
	reed_loop_free(loop);
}

#define HEAD "{\"time\":\"2026-11-22T10:36:01.250000Z\",\"level\":\"info\","

static enum reed_err parse(const char *line, size_t limit, struct reed_log_event *event,
                           const char **why)
{
	static struct reed_pool pool;
	enum reed_err err;

	reed_pool_finish(&pool);
	reed_pool_init(&pool, limit);
	err = reed_log_parse(reed_slice_of(line), &pool, event, why);
	if (err)
		reed_pool_finish(&pool);
	return err;
}

static void json_of_others_is_read_too(void)
{
	struct reed_log_event e;
	const char *why;

	check_int(
		parse(" { \"message\" : \"\\u00e4\\ud83d\\ude00\\/\\b\\f\\t\" , \"level\":\"WARN\","
	              "\"n\":-1.5E+3, \"time\":\"1970-01-01T00:00:01Z\" } \r\n",
	              0, &e, &why),
		REED_OK);
	check_slice(e.message, "ä😀/\b\f\t");
	check_int(e.level, REED_LOG_WARN);
	check_int(e.wall, REED_S(1));
	check_slice(reed_log_value(&e, "n"), "-1.5E+3");
	check(e.fields[0].number && !e.file);
	check_int(parse(HEAD "\"message\":\"x\",\"repeated\":3,\"at\":\"a:b.c:12\"}", 0, &e, &why),
	          REED_OK);
	check_int(e.wall % REED_S(60), REED_MS(1250));
	check_str(e.file, "a:b.c");
	check_int(e.line, 12);
	check_slice(reed_log_value(&e, "repeated"), "3");
	parse("", 0, &e, &why);
}

static void what_is_no_record_is_explained(void)
{
	static const struct {
		const char *line, *why;
	} wrong[] = {
		{ "", "no object" },
		{ "2026-11-22 10:36:01.250 info  text", "no object" },
		{ "[1]", "no object" },
		{ "{}", "a key" },
		{ "{\"message\":\"x\"}", "a time, a level and a message" },
		{ HEAD "\"message\":\"x\"", "no end" },
		{ HEAD "\"message\":\"x", "text has no end" },
		{ HEAD "\"message\":\"x\\", "text has no end" },
		{ HEAD "\"message\":\"x\",}", "a key" },
		{ HEAD "\"message\" \"x\"}", "a value" },
		{ HEAD "\"message\":\"x\"} {", "follows" },
		{ HEAD "\"message\":\"x\\q\"}", "backslash" },
		{ HEAD "\"message\":\"\\ud800\"}", "backslash" },
		{ HEAD "\"message\":\"\\udc00\\ud800\"}", "backslash" },
		{ HEAD "\"message\":\"\\u12\"}", "backslash" },
		{ HEAD "\"message\":\"a\x01z\"}", "control character" },
		{ HEAD "\"message\":\"\xff\"}", "UTF-8" },
		{ HEAD "\"message\":\"x\",\"a\":[1]}", "neither" },
		{ HEAD "\"message\":\"x\",\"a\":true}", "neither" },
		{ HEAD "\"message\":\"x\",\"a\":01}", "neither" },
		{ HEAD "\"message\":\"x\",\"a\":1.}", "neither" },
		{ HEAD "\"message\":\"x\",\"a\":1e}", "neither" },
		{ HEAD "\"message\":\"x\",\"a\":-}", "neither" },
		{ HEAD "\"message\":\"x\",\"A\":1}", "key" },
		{ HEAD "\"message\":\"x\",\"\\u001b[2J\":1}", "key" },
		{ HEAD "\"message\":\"x\",\"at\":\"x\"}", "at" },
		{ HEAD "\"message\":\"x\",\"at\":\":3\"}", "at" },
		{ "{\"time\":\"2026-02-29T10:36:01Z\"}", "time" },
		{ "{\"time\":\"2026-11-22T10:36:61Z\"}", "time" },
		{ "{\"time\":\"2026-11-22T10:36:01.Z\"}", "time" },
		{ "{\"time\":\"2026-11-22T10:36:01.2x0Z\"}", "time" },
		{ "{\"time\":\"2026-11-22T10:36:01\"}", "time" },
		{ "{\"time\":\" 026-11-22T10:36:01Z\"}", "time" },
		{ "{\"level\":\"loud\"}", "level" },
	};
	struct reed_log_event e;
	const char *why = "";

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(parse(wrong[i].line, 0, &e, &why), REED_ESYNTAX);
		check(strstr(why, wrong[i].why));
	}
}

static void a_record_takes_no_more_than_the_pool_may(void)
{
	struct reed_buf line = { 0 };
	struct reed_log_event e;
	const char *why;

	reed_buf_add_str(&line, HEAD "\"message\":\"x\"");
	for (int i = 0; i < 1000; i++)
		reed_buf_printf(&line, ",\"k%d\":%d", i, i);
	reed_buf_add_str(&line, "}");
	reed_buf_add_char(&line, '\0');
	check_int(parse(reed_buf_slice(&line).p, 0, &e, &why), REED_ETOOBIG);
	check(strstr(why, "too many"));
	check_int(parse(reed_buf_slice(&line).p, 200, &e, &why), REED_ETOOBIG);
	check(strstr(why, "too long"));
	reed_buf_finish(&line);
}

int main(void)
{
	RUN(what_was_written_is_understood_field_by_field);
	RUN(json_of_others_is_read_too);
	RUN(what_is_no_record_is_explained);
	RUN(a_record_takes_no_more_than_the_pool_may);
	return 0;
}
