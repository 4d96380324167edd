/* What dialling a program promises. */

#include <sys/wait.h>

#include "reed/endpoint.h"
#include "reed/offload.h"
#include "tests/core/process_kit.h"

static struct reed_stream *s;

static enum reed_err dial(const char *endpoint)
{
	s = NULL;
	return outcome(reed_dial(loop, endpoint, &s));
}

static void a_program_is_a_peer(void)
{
	check_int(dial("exec:cat"), REED_OK);
	reed_write_str(s, "hello\n");
	check_slice(line_of(s), "hello");
	reed_write_str(s, "goodbye");
	reed_shutdown(s);
	check_str(all_of(s), "goodbye");
}

static void quotes_hold_words_with_blanks(void)
{
	check_int(dial("exec:printf  '<%s>' one  'two words' \"it's\" '' a\\:b"), REED_OK);
	check_str(all_of(s), "<one><two words><it's><><a:b>");
}

static void where_it_starts_and_what_it_says_aside_are_keys(void)
{
	check_int(dial("exec:sh -c 'pwd; echo oops >&2':directory=/usr:stderr=output"), REED_OK);
	check_str(all_of(s), "/usr\noops\n");
	check_int(dial("exec:sh -c 'echo oops >&2':stderr=null"), REED_OK);
	check_str(all_of(s), "");
}

static void the_close_of_the_stream_is_the_end_of_the_program(void)
{
	check_int(dial("exec:sh -c 'echo ready; exec sleep 1000'"), REED_OK);
	check_slice(line_of(s), "ready");
	reed_abort(s);
	all_gone();
	check_int(dial("exec:sh -c 'echo ready; exec sleep 1000'"), REED_OK);
	s->limits = &(struct reed_stream_limits){
		sizeof(struct reed_stream_limits), 1000, 1000, 100, 10, 50
	};
	reed_close(s);
}

static void a_file_is_read_to_its_end(void)
{
	char path[] = "/tmp/reed-file-XXXXXX", endpoint[64];
	int fd = mkstemp(path);

	check_int(dprintf(fd, "one\ntwo"), 7);
	close(fd);
	snprintf(endpoint, sizeof(endpoint), "file:%s", path);
	check_int(dial(endpoint), REED_OK);
	check_str(all_of(s), "one\ntwo");
	unlink(path);
	check_int(dial(endpoint), REED_ENOENT);
	check_int(dial("file:/"), REED_EISDIR);
	check_int(dial("file:"), REED_ESYNTAX);
}

static void a_file_is_opened_and_read_where_it_may_block(void)
{
	char path[] = "/tmp/reed-file-XXXXXX", endpoint[64];
	struct reed_offload_stats before = { .size = sizeof(before) }, after = before;
	int fd = mkstemp(path);
	size_t got = 0;

	check_int(ftruncate(fd, 300000), 0);
	close(fd);
	snprintf(endpoint, sizeof(endpoint), "file:%s", path);
	reed_offload_stats(loop, &before);
	check_int(dial(endpoint), REED_OK);
	while (outcome(reed_more(s)) == REED_OK) {
		got += reed_peek(s).n;
		reed_skip(s, reed_peek(s).n);
	}
	reed_offload_stats(loop, &after);
	check_int(got, 300000);
	check_int(after.jobs - before.jobs, 1 + 5 + 1); /* its end is looked for too */
	reed_write_str(s, "x");
	check_int(outcome(reed_flush(s)), REED_ENOTSUP);
	reed_close(s);
	unlink(path);
}

/* With a piece here, or on its way. */
static void a_file_may_be_left_at_any_time(void)
{
	for (int after = 0; after < 6; after++) {
		struct owner o;

		s = NULL;
		own(&o, reed_dial(loop, "file:/etc/passwd", &s));
		turns(after);
		disown(&o);
		if (!s)
			continue;
		own(&o, reed_more(s));
		turns(after);
		disown(&o);
		reed_abort(s);
	}
	until(idle());
}

static void a_dropped_dial_leaves_nothing(void)
{
	for (int after = 0; after < 4; after++) {
		struct owner o;

		s = NULL;
		own(&o, reed_dial(loop, "exec:sleep 1000", &s));
		turns(after);
		disown(&o);
		reed_abort(s);
		all_gone();
	}
}

static void what_is_wrong_is_told(void)
{
	check_int(dial("exec:/no/such/program"), REED_ENOENT);
	check(why_is("cannot run /no/such/program: No such file or directory"));
	check_int(dial("exec:"), REED_ESYNTAX);
	check_int(dial("exec:   "), REED_ESYNTAX);
	check_int(dial("exec:echo 'a b"), REED_ESYNTAX);
	check(why_is("\"exec:echo 'a b\", column 11: this quote is never closed"));
	check_int(dial("exec:echo:stderr=there"), REED_ESYNTAX);
	check(why_is("\"exec:echo:stderr=there\", column 18: inherit, output or null must stand "
	             "here"));
	check_int(
		dial("exec:a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j "
	             "k l m n o p q r s t u v w x y z a b c d e f g h i j k l m"),
		REED_ESYNTAX);
	check_int(outcome(reed_listen(loop, "exec:cat", &(struct reed_listener *){ NULL })),
	          REED_ESYNTAX);
	check(why_is("\"exec:cat\": exec cannot be listened on"));
}

int main(void)
{
	setenv("PATH", "/bin:/usr/bin", 1);
	kit_open();
	RUN_CLEAN(a_program_is_a_peer);
	RUN_CLEAN(quotes_hold_words_with_blanks);
	RUN_CLEAN(where_it_starts_and_what_it_says_aside_are_keys);
	RUN_CLEAN(the_close_of_the_stream_is_the_end_of_the_program);
	RUN_CLEAN(a_file_is_read_to_its_end);
	RUN_CLEAN(a_file_is_opened_and_read_where_it_may_block);
	RUN_CLEAN(a_file_may_be_left_at_any_time);
	RUN_CLEAN(a_dropped_dial_leaves_nothing);
	RUN_CLEAN(what_is_wrong_is_told);
	kit_close();
	return 0;
}
