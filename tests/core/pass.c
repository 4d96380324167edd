/* Streams that let bytes pass: at a rate, and with a record of them. */

#include <sys/stat.h>
#include <unistd.h>

#include "reed/endpoint.h"
#include "reed/policy.h"
#include "reed/traffic.h"
#include "tests/core/tools.h"

static struct reed_stream *us, *them, *others[2];
static struct reed_policy_options options;
static struct reed_policy *policy;

/* ---- throttle ---- */

static void rate(enum reed_policy_level level, uint64_t amount, uint64_t burst)
{
	options.bytes[level] = (struct reed_rate){ .amount = amount, .burst = burst };
}

static void open_throttled(void)
{
	lab_open();
	policy = reed_policy_new(loop, &options);
	reed_stream_pair(loop, 1 << 20, &us, &them);
	us = reed_throttle(us, policy);
	options = (struct reed_policy_options)REED_POLICY_OPTIONS;
}

static void close_throttled(void)
{
	reed_abort(us);
	reed_abort(them);
	reed_policy_release(policy);
	run();
	lab_close();
}

static struct reed_slice bytes(size_t n)
{
	static char all[1 << 18];

	return reed_slice(all, n);
}

/* How many milliseconds it takes for n to have come. */
static int64_t takes(struct reed_stream *s, size_t n)
{
	int64_t start = reed_now(loop);
	struct reed_slice got;

	check_int(outcome(reed_read_exactly(s, n, &got)), REED_OK);
	return (reed_now(loop) - start) / 1000000;
}

static void what_goes_out_has_its_rate(void)
{
	rate(REED_POLICY_CONNECTION, 1000, 500);
	open_throttled();
	reed_write(us, bytes(2500));
	check_int(takes(them, 2500), 2000);
	close_throttled();
}

static void what_comes_in_has_its_own(void)
{
	rate(REED_POLICY_CONNECTION, 1000, 500);
	open_throttled();
	reed_write(us, bytes(1500));
	reed_write(them, bytes(1500));
	check_int(takes(us, 1500), 1000);
	check_int(takes(them, 1500), 0);
	close_throttled();
}

static void a_small_word_goes_at_once_after_a_rest(void)
{
	rate(REED_POLICY_CONNECTION, 100, 100);
	open_throttled();
	reed_write(us, bytes(100));
	check_int(takes(them, 100), 0);
	reed_write(us, bytes(1));
	check_int(takes(them, 1), 10);
	check_int(outcome(reed_sleep(loop, 500)), REED_OK);
	reed_write(us, bytes(50));
	check_int(takes(them, 50), 0);
	close_throttled();
}

static void all_connections_share_what_there_is_for_all(void)
{
	rate(REED_POLICY_CONNECTION, 1000, 1000);
	rate(REED_POLICY_ALL, 1000, 1000);
	open_throttled();
	reed_stream_pair(loop, 1 << 20, &others[0], &others[1]);
	others[0] = reed_throttle(others[0], policy);
	reed_write(us, bytes(2000));
	reed_write(others[0], bytes(2000));
	check(takes(them, 2000) + takes(others[1], 2000) == 3000);
	reed_abort(others[0]);
	reed_abort(others[1]);
	close_throttled();
}

/* Two that share, at 127.0.0.1 and near, and one that does not, at far. */
static void over_addresses(const char *key, const char *near, const char *far)
{
	const char *const from[] = { "127.0.0.1", near, far };
	struct reed_stream *clients[3], *servers[3];
	struct reed_listener *listener;
	struct reed_slice got[3];
	int64_t start;
	char *endpoint;

	lab_open();
	endpoint = reed_sprintf("throttle:[tcp:0:interface=127.0.0.1]:%s=1k", key);
	check_int(outcome(reed_listen(loop, endpoint, &listener)), REED_OK);
	reed_free(endpoint);
	for (int i = 0; i < 3; i++) {
		endpoint =
			reed_sprintf("tcp:127.0.0.1:%u:bind=%s", listener->address.port, from[i]);
		check_int(outcome(reed_dial(loop, endpoint, &clients[i])), REED_OK);
		check_int(outcome(reed_accept(listener, &servers[i])), REED_OK);
		reed_free(endpoint);
	}
	start = reed_now(loop);
	for (int i = 0; i < 3; i++)
		reed_write(servers[i], bytes(2048));
	check(takes(clients[2], 2048) / 20 == 50);
	check_int(outcome(reed_all(reed_read_exactly(clients[0], 2048, &got[0]),
	                           reed_read_exactly(clients[1], 2048, &got[1]))),
	          REED_OK);
	check((reed_now(loop) - start) / 20000000 == 150);
	for (int i = 0; i < 3; i++) {
		reed_abort(clients[i]);
		reed_abort(servers[i]);
	}
	reed_listener_close(listener);
	run();
	lab_close();
}

static void those_of_an_address_share_what_there_is_for_it(void)
{
	over_addresses("rate-address", "127.0.0.1", "127.0.0.2");
}

static void those_of_a_net_share_what_there_is_for_it(void)
{
	over_addresses("rate-net", "127.0.0.2", "127.0.1.1");
}

static void a_throttled_stream_wakes_nobody_when_it_is_idle(void)
{
	rate(REED_POLICY_CONNECTION, 1000, 1000);
	open_throttled();
	reed_write(us, bytes(1000));
	check_int(takes(them, 1000), 0);
	run();
	check(idle());
	close_throttled();
}

static void few_wake_ups_are_enough(void)
{
	uint64_t before;

	rate(REED_POLICY_CONNECTION, 65536, 1);
	options.bytes[REED_POLICY_CONNECTION].burst = 65536;
	open_throttled();
	reed_write(us, bytes(65536));
	check_int(takes(them, 65536), 0);
	before = turns_so_far();
	reed_write(us, bytes(65536));
	check_int(takes(them, 65536), 1000);
	check(turns_so_far() - before < 400);
	close_throttled();
}

static void a_throttled_stream_says_its_last_words_in_time(void)
{
	rate(REED_POLICY_CONNECTION, 1000, 100);
	open_throttled();
	reed_write(us, bytes(1100));
	reed_close(us);
	us = NULL;
	check_int(takes(them, 1100), 1000);
	check_int(outcome(reed_more(them)), REED_EEOF);
	close_throttled();
}

static void wrong_rates_are_told(void)
{
	lab_open();
	check_int(outcome(reed_dial(loop, "throttle:[tcp:localhost:1]:rate=64x", &us)),
	          REED_ESYNTAX);
	check(why_is(
		"\"throttle:[tcp:localhost:1]:rate=64x\", column 33: bytes must stand here, up "
		"to 4096M, such as 800, 64k or 10M"));
	check_int(outcome(reed_dial(loop, "throttle:[tcp:localhost:1]:burst=1k", &us)),
	          REED_ESYNTAX);
	check_int(outcome(reed_dial(loop, "throttle:[tcp:localhost:1]:rate=5000M", &us)),
	          REED_ESYNTAX);
	check_int(outcome(reed_dial(loop, "throttle:[tcp:localhost:1]", &us)), REED_ESYNTAX);
	check(why_is(
		"\"throttle:[tcp:localhost:1]\": a rate is missing; write rate=64k, or another "
		"of those that `reed endpoints` lists"));
	lab_close();
}

/* ---- the log of traffic ---- */

static char path[] = "/tmp/reed-traffic-XXXXXX";
static char text[65536];

static void open_logged(void)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_traffic *traffic;
	int fd;

	lab_open();
	strcpy(path, "/tmp/reed-traffic-XXXXXX");
	fd = mkstemp(path);
	check(fd >= 0);
	close(fd);
	o.path = path;
	check_int(reed_traffic_open(loop, &o, &traffic, &fault), REED_OK);
	reed_stream_pair(loop, 0, &us, &them);
	us = reed_traffic_stream(us, traffic);
}

/* Without the times, which begin each record. */
static const char *logged(void)
{
	FILE *file;
	char line[512];
	size_t n = 0;

	reed_abort(us);
	reed_abort(them);
	lab_close(); /* writes what is queued */
	file = fopen(path, "r");
	check(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		bool is_record = line[0] != ' ';

		check(!is_record || (strlen(line) > 28 && line[26] == 'Z' && line[27] == ' '));
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
		                      line + (is_record ? 28 : 0));
	}
	fclose(file);
	unlink(path);
	return text;
}

static void all_that_goes_is_written_down(void)
{
	open_logged();
	reed_write_str(us, "NICK alice\r\n");
	check_int(takes(them, 12), 0);
	reed_write(them, REED_STR("\0\1\2 and a line of more than sixteen"));
	check_int(outcome(reed_more(us)), REED_OK);
	reed_shutdown(them);
	reed_skip(us, reed_peek(us).n);
	check_int(outcome(reed_more(us)), REED_EEOF);
	check_str(logged(),
	          "1 local + begins\n"
	          "1 local > 12 bytes from 0\n"
	          "  0000  4e 49 43 4b 20 61 6c 69  63 65 0d 0a              NICK alice..\n"
	          "1 local < 35 bytes from 0\n"
	          "  0000  00 01 02 20 61 6e 64 20  61 20 6c 69 6e 65 20 6f  ... and a line o\n"
	          "  0010  66 20 6d 6f 72 65 20 74  68 61 6e 20 73 69 78 74  f more than sixt\n"
	          "  0020  65 65 6e                                          een\n"
	          "1 local . what comes in ended after 35 bytes\n"
	          "1 local ! what goes out ended after 12 bytes: canceled\n");
}

static void equal_words_are_all_written_down(void)
{
	open_logged();
	for (int i = 0; i < 3; i++) {
		reed_write_str(us, "x");
		check_int(takes(them, 1), 0);
	}
	logged();
	check(strstr(text, "from 0\n") && strstr(text, "from 1\n") && strstr(text, "from 2\n"));
	check(!strstr(text, "more"));
}

static void of_a_large_piece_the_beginning_is_written_down(void)
{
	open_logged();
	reed_write(us, bytes(60000));
	check_int(takes(them, 60000), 0);
	logged();
	check(strstr(text, "60000 bytes from 0, of which these are the first\n"));
	check(strstr(text, "  0ff0  00"));
	check(!strstr(text, "  1000  00"));
}

static void the_same_file_is_the_same_log(void)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;
	struct reed_traffic *one, *two;
	struct reed_fault *fault = NULL;

	open_logged();
	o.path = path;
	check_int(reed_traffic_open(loop, &o, &one, &fault), REED_OK);
	check_int(reed_traffic_open(loop, &o, &two, &fault), REED_OK);
	check(one == two);
	logged();
}

static void a_file_that_cannot_be_opened_is_told(void)
{
	struct reed_listener *listener;

	lab_open();
	check_int(outcome(reed_listen(loop, "log:[tcp:0:interface=127.0.0.1]:file=/no/where",
	                              &listener)),
	          REED_ENOENT);
	check(why_is(
		"the log of traffic /no/where cannot be opened: no such file, name or object"));
	lab_close();
}

static void wrappers_stand_in_each_other(void)
{
	struct reed_listener *listener;
	char *endpoint;

	lab_open();
	check_int(outcome(reed_listen(loop,
	                              "throttle:[log:[haproxy:[tcp:0:interface=127.0.0.1]]:"
	                              "file=/dev/null]:rate=1k:limit=3",
	                              &listener)),
	          REED_OK);
	endpoint = reed_sprintf("log:[haproxy:[throttle:[tcp:127.0.0.1:%u]:rate=1M]:"
	                        "source=[192.0.2.1:9]]:file=/dev/null:idle=9",
	                        listener->address.port);
	check_int(outcome(reed_dial(loop, endpoint, &us)), REED_OK);
	check_int(outcome(reed_accept(listener, &them)), REED_OK);
	reed_write(us, bytes(2048));
	check(takes(them, 2048) / 20 == 50); /* to the 50th of a second */
	reed_close(us);
	check_int(outcome(reed_more(them)), REED_EEOF);
	reed_close(them);
	reed_listener_close(listener);
	reed_free(endpoint);
	run();
	lab_close();
}

int main(void)
{
	options = (struct reed_policy_options)REED_POLICY_OPTIONS;
	RUN(what_goes_out_has_its_rate);
	RUN(what_comes_in_has_its_own);
	RUN(a_small_word_goes_at_once_after_a_rest);
	RUN(all_connections_share_what_there_is_for_all);
	RUN(those_of_an_address_share_what_there_is_for_it);
	RUN(those_of_a_net_share_what_there_is_for_it);
	RUN(a_throttled_stream_wakes_nobody_when_it_is_idle);
	RUN(few_wake_ups_are_enough);
	RUN(a_throttled_stream_says_its_last_words_in_time);
	RUN(wrong_rates_are_told);
	RUN(all_that_goes_is_written_down);
	RUN(equal_words_are_all_written_down);
	RUN(of_a_large_piece_the_beginning_is_written_down);
	RUN(the_same_file_is_the_same_log);
	RUN(a_file_that_cannot_be_opened_is_told);
	RUN(wrappers_stand_in_each_other);
	return 0;
}
