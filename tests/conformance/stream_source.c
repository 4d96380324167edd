/* Sending files, over every kind of stream. */

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/source.h"
#include "tests/conformance/stream.h"

/* A file of n bytes of the pattern, which has no name any more. */
static struct reed_source *file_of(size_t n)
{
	char path[] = "/tmp/reed-source-XXXXXX";
	int fd = mkstemp(path);

	check(fd >= 0 && unlink(path) == 0);
	check_int(write(fd, pattern(0, n).p, n), n);
	return reed_source_new(fd);
}

/* Its number may be another's by now, but of no other file. */
static bool is_open(int fd)
{
	struct stat is;

	return fstat(fd, &is) == 0 && S_ISREG(is.st_mode);
}

static void what_is_written_around_a_file_stays_in_order(void)
{
	struct reed_source *file = file_of(10000);
	size_t at = 0;

	say(them, "before\n");
	reed_write_source(them, file, 0, 10000);
	say(them, "between\n");
	reed_write_source(them, file, 100, 900);
	say(them, "after\n");
	check_int(reed_queued(them), 7 + 10000 + 8 + 900 + 6);
	reed_source_release(file);
	hears_line(us, "before");
	hears_pattern(us, 10000, &at);
	hears_line(us, "between");
	at = 100;
	hears_pattern(us, 900, &at);
	hears_line(us, "after");
	check_int(reed_queued(them), 0);
	check_int(them->bytes_out, 7 + 10000 + 8 + 900 + 6);
}

static void no_bytes_of_a_file_are_nothing(void)
{
	struct reed_source *file = file_of(1);

	reed_write_source(them, file, 1, 0);
	check_int(reed_queued(them), 0);
	reed_source_release(file);
}

static void a_large_file_goes_as_fast_as_it_is_read(void)
{
	enum { SIZE = 1 << 20, PIECE = 150000 };
	struct reed_source *file = file_of(SIZE);
	size_t sent = 0, heard = 0;
	struct owner o;

	while (sent < SIZE) {
		size_t n = SIZE - sent < PIECE ? SIZE - sent : PIECE;

		reed_write_source(them, file, sent, n);
		check(reed_must_drain(them) || n < PIECE);
		sent += n;
		own(&o, reed_drain(them));
		while (!o.told) {
			if (reed_peek(us).n == 0)
				check_int(ends_as(reed_more(us)), REED_OK);
			hears_pattern(us, reed_peek(us).n, &heard);
			turn_loop(loop, 0);
		}
		check_int(o.err, REED_OK);
	}
	hears_pattern(us, SIZE - heard, &heard);
	check_int(them->bytes_out, SIZE);
	reed_source_release(file);
}

static void a_file_nobody_reads_stays_queued_and_is_let_go_with_the_stream(void)
{
	struct reed_source *file = file_of(1 << 20);
	int fd = reed_source_fd(file);
	struct owner o;

	do {
		reed_write_source(them, file, 0, 1 << 20);
		quiet();
	} while (!reed_must_drain(them));
	reed_source_release(file);
	own(&o, reed_drain(them));
	quiet();
	check(!o.told && is_open(fd));
	disown(&o);
	cut(&them);
	check(!is_open(fd));
}

static void more_than_the_limit_of_the_queue_breaks_the_stream(void)
{
	struct reed_source *file = file_of(1000);

	them->limits = &small_limits;
	reed_write_source(them, file, 0, 300);
	reed_write_source(them, file, 0, 300);
	check_int(ends_as(reed_flush(them)), REED_ETOOBIG);
	reed_source_release(file);
}

static void a_closed_stream_still_sends_its_file(void)
{
	struct reed_source *file = file_of(20000);
	int fd = reed_source_fd(file);
	size_t at = 0;

	reed_write_source(them, file, 0, 20000);
	reed_source_release(file);
	shut(&them);
	hears_pattern(us, 20000, &at);
	hears_end(us);
	shut(&us);
	until(!is_open(fd));
}

static void a_file_that_became_shorter_breaks_the_stream(void)
{
	struct reed_source *file = file_of(20000);

	reed_write_source(them, file, 0, 20000);
	check_int(ftruncate(reed_source_fd(file), 0), 0);
	reed_source_release(file);
	check_int(ends_as(reed_flush(them)), REED_EIO);
	check(strstr(reed_stream_why(them), "could not be read as far"));
}

/* SIGPIPE would end this program. */
static void a_peer_that_has_gone_is_an_error_and_no_signal(void)
{
	struct reed_source *file = file_of(100000);
	struct owner o = { 0 };

	signal(SIGPIPE, SIG_DFL);
	cut(&us);
	quiet();
	for (int i = 0; i < 1000 && !o.err; i++) {
		reed_write_source(them, file, 0, 100000);
		own(&o, reed_flush(them));
		until(o.told);
	}
	check(o.err < 0);
	reed_source_release(file);
}

static void a_kind_that_sends_no_files_is_given_their_bytes(void)
{
	struct reed_source *file = file_of(150000);
	size_t at = 0;

	count_writes(them);
	if (them->ops->send)
		((struct reed_stream_ops *)(uintptr_t)them->ops)->send = NULL;
	say(them, "x\n");
	reed_write_source(them, file, 0, 150000);
	reed_source_release(file);
	hears_line(us, "x");
	hears_pattern(us, 150000, &at);
	check(writes_counted() >= 2);
}

static void what_has_been_fetched_is_at_hand(void)
{
	struct reed_source *file = file_of(100000);

	check_int(ends_as(reed_source_fetch(loop, file, 0, 100000)), REED_OK);
	check(reed_source_is_at_hand(file, 0, 100000));
	check(reed_source_is_at_hand(file, 100000, 0));
	check_int(ends_as(reed_source_fetch(loop, file, 1, 100000)), REED_EIO);
	reed_drop(reed_source_fetch(loop, file, 0, 100000));
	reed_source_release(file);
	quiet();
}

void stream_source(void)
{
	count_memory();
	RUN_OVER_EACH(what_is_written_around_a_file_stays_in_order);
	RUN_OVER_EACH(no_bytes_of_a_file_are_nothing);
	RUN_OVER_EACH(a_large_file_goes_as_fast_as_it_is_read);
	RUN_OVER_EACH(a_file_nobody_reads_stays_queued_and_is_let_go_with_the_stream);
	RUN_OVER_EACH(more_than_the_limit_of_the_queue_breaks_the_stream);
	RUN_OVER_EACH(a_closed_stream_still_sends_its_file);
	RUN_OVER_EACH(a_file_that_became_shorter_breaks_the_stream);
	RUN_OVER_EACH(a_peer_that_has_gone_is_an_error_and_no_signal);
	RUN_OVER_EACH(a_kind_that_sends_no_files_is_given_their_bytes);
	RUN_OVER_EACH(what_has_been_fetched_is_at_hand);
}
