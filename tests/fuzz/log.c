/*
 * Values of a log as a peer may have chosen them: one record stays one line,
 * without control characters, and JSON stays JSON.  So it is where it is shipped
 * to, in as many bytes as are allowed.
 */

#include "reed/log.h"

#include "check.h"
#include "reed/pool.h"
#include "reed/ship.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_one_clean_line(struct reed_slice line)
{
	check(reed_slice_ends(line, REED_STR("\n")));
	check(reed_slice_is_utf8(line));
	for (size_t i = 0; i + 1 < line.n; i++)
		check((unsigned char)line.p[i] >= 0x20 && line.p[i] != 0x7f);
}

/* After its opening quote; returns what follows the closing one. */
static struct reed_slice end_of_string(struct reed_slice s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	check(i < s.n);
	return reed_slice_from(s, i + 1);
}

static const struct reed_ship_options ships[] = {
	{ .endpoint = "udp:h:514", .format = REED_SHIP_SYSLOG, .id = "reed@32473" },
	{ .endpoint = "udp:h:514", .format = REED_SHIP_SYSLOG },
	{ .endpoint = "unix:/dev/log", .format = REED_SHIP_SYSLOG },
	{ .endpoint = "udp:h:514", .format = REED_SHIP_JSON },
};

static void is_shippable(struct reed_slice record)
{
	check(record.n > 0 && record.n <= REED_SHIP_DATAGRAM);
	check(reed_slice_is_utf8(record));
	for (size_t i = 0; i < record.n; i++)
		check((unsigned char)record.p[i] >= 0x20 && record.p[i] != 0x7f);
}

/* What was replaced in it the first time stays. */
static void is_read_again(struct reed_slice line)
{
	struct reed_pool pool = { 0 };
	struct reed_buf again = { 0 };
	struct reed_log_event event;
	const char *why;

	check_int(reed_log_parse(line, &pool, &event, &why), REED_OK);
	reed_log_render(&event, REED_LOG_JSON, false, &again);
	check(reed_slice_eq(reed_buf_slice(&again), line));
	reed_buf_finish(&again);
	reed_pool_finish(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_log_field field = { "text", reed_slice(data, size), false };
	struct reed_log_event event = { .level = REED_LOG_INFO,
		                        .message = REED_STR("said"),
		                        .fields = &field,
		                        .count = 1 };
	struct reed_buf out = { 0 };
	struct reed_slice line;

	reed_log_render(&event, REED_LOG_TEXT, false, &out);
	is_one_clean_line(reed_buf_slice(&out));
	reed_buf_clear(&out);
	reed_log_render(&event, REED_LOG_JSON, false, &out);
	line = reed_buf_slice(&out);
	is_one_clean_line(line);
	is_read_again(line);
	line = reed_slice_from(line, reed_slice_search(line, REED_STR("\"text\":\"")) + 8);
	check_slice(end_of_string(line), "}\n");
	for (size_t i = 0; i < REED_COUNT(ships); i++) {
		reed_buf_clear(&out);
		reed_ship_render(&event, &ships[i], REED_SHIP_DATAGRAM, &out);
		is_shippable(reed_buf_slice(&out));
	}
	event.message = field.value;
	event.count = 0;
	for (size_t i = 0; i < REED_COUNT(ships); i++) {
		reed_buf_clear(&out);
		reed_ship_render(&event, &ships[i], REED_SHIP_DATAGRAM, &out);
		is_shippable(reed_buf_slice(&out));
	}
	reed_buf_finish(&out);
	return 0;
}
