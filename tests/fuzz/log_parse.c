/*
 * Any line, read as a record: what is understood says the same when it is written and read
 * again, and what is not has a reason; neither takes more memory than it may.
 */

#include "check.h"
#include "reed/log.h"
#include "reed/pool.h"

enum { ROOM = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(const struct reed_log_event *event, struct reed_buf *out)
{
	reed_log_render(event, REED_LOG_JSON, false, out);
	for (size_t i = 0; i + 1 < reed_buf_held(out); i++)
		check((unsigned char)reed_buf_slice(out).p[i] >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_pool pool, other = { 0 };
	struct reed_buf once = { 0 }, twice = { 0 };
	struct reed_log_event event;
	const char *why = NULL;

	reed_pool_init(&pool, ROOM);
	if (reed_log_parse(reed_slice(data, size), &pool, &event, &why)) {
		check(why && *why);
	} else {
		render(&event, &once);
		check_int(reed_log_parse(reed_buf_slice(&once), &other, &event, &why), REED_OK);
		render(&event, &twice);
		check(reed_slice_eq(reed_buf_slice(&once), reed_buf_slice(&twice)));
	}
	check(pool.used <= ROOM);
	reed_pool_finish(&pool);
	reed_pool_finish(&other);
	reed_buf_finish(&once);
	reed_buf_finish(&twice);
	return 0;
}
