/* The bounds of the history in memory. */

#include "door.h"

static struct reed_history *history;

static void append(const char *where, unsigned n, size_t size)
{
	static char text[4096];
	struct reed_message m = { .kind = REED_EVENT_MESSAGE, .time = REED_S(n) };

	memset(text, 'x', sizeof(text));
	snprintf(m.id.s, sizeof(m.id.s), "0000000000000000000000%04u", n % 10000);
	m.text = reed_slice(text, size);
	reed_history_append(history, reed_slice_of(where), &m);
}

/* "7 8 9": the times of those that are left. */
static void left(const char *where, const char *wanted)
{
	struct reed_history_query q = REED_HISTORY_QUERY;
	struct reed_history_page page = { 0 };
	struct reed_buf b = { 0 };

	q.where = reed_slice_of(where);
	check_int(reed_loop_run_until(loop, reed_history_query(history, &q, &page), NULL), REED_OK);
	for (size_t i = 0; i < page.count; i++)
		reed_buf_printf(&b, i ? " %d" : "%d", (int)(page.messages[i].time / REED_S(1)));
	check_slice(reed_buf_slice(&b), wanted);
	reed_buf_finish(&b);
	reed_history_page_finish(&page);
}

static void make(uint32_t messages, uint32_t conversations, size_t bytes)
{
	struct reed_history_ring_options options = REED_HISTORY_RING_OPTIONS;

	options.messages = messages;
	options.conversations = conversations;
	options.bytes = bytes;
	history = reed_history_ring_new(loop, &options);
}

static void a_conversation_keeps_its_last_messages(void)
{
	make(3, 0, 0);
	for (unsigned n = 1; n <= 10; n++) {
		append("a", n, 10);
		if (n == 2)
			left("a", "1 2");
	}
	append("b", 1, 10);
	left("a", "8 9 10");
	left("b", "1");
	reed_history_free(history);
}

static void the_conversation_silent_for_longest_goes_first(void)
{
	make(0, 2, 0);
	append("a", 1, 10);
	append("b", 2, 10);
	append("a", 3, 10);
	append("c", 4, 10);
	left("a", "1 3");
	left("b", "");
	left("c", "4");
	reed_history_free(history);
}

static void when_all_is_too_large_the_most_silent_lose_their_oldest(void)
{
	make(0, 0,
	     10 * (4096 + 600)); /* ten messages of that size, with what they are wrapped in */
	for (unsigned n = 1; n <= 5; n++)
		append("a", n, 4096);
	for (unsigned n = 6; n <= 12; n++)
		append("b", n, 4096);
	left("a", "3 4 5");
	left("b", "6 7 8 9 10 11 12");
	for (unsigned n = 13; n <= 30; n++)
		append("b", n, 4096);
	left("a", "");
	left("b", "21 22 23 24 25 26 27 28 29 30");
	reed_history_free(history);
}

static void one_message_larger_than_all_is_not_kept(void)
{
	make(0, 0, 1000);
	append("a", 1, 4000);
	left("a", "");
	append("a", 2, 10);
	left("a", "2");
	reed_history_free(history);
}

static void a_page_is_bounded_too(void)
{
	struct reed_history_query q = REED_HISTORY_QUERY;
	struct reed_history_page page = { 0 };

	make(3000, 0, 0);
	for (unsigned n = 1; n <= 2000; n++)
		append("a", n, 10);
	q.where = REED_STR("a");
	q.limit = 5000;
	check_int(reed_loop_run_until(loop, reed_history_query(history, &q, &page), NULL), REED_OK);
	check_int(page.count, REED_HISTORY_PAGE);
	check(page.more);
	reed_history_page_finish(&page);
	reed_history_free(history);
}

int main(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	RUN(a_conversation_keeps_its_last_messages);
	RUN(the_conversation_silent_for_longest_goes_first);
	RUN(when_all_is_too_large_the_most_silent_lose_their_oldest);
	RUN(one_message_larger_than_all_is_not_kept);
	RUN(a_page_is_bounded_too);
	reed_loop_free(loop);
	return 0;
}
