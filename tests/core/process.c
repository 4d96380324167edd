/* What starting a child promises: its descriptors, its surroundings, what is told when it fails. */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/core/process_kit.h"

static struct reed_process_options options;

/* ---- descriptors ---- */

static void a_child_says_what_it_has_to_say(void)
{
	options = sh("echo hello; echo oops >&2");
	options.err.is = REED_CHILD_WRITES;
	start(&options);
	check(reed_process_pid(process) > 0);
	check_str(said(1), "hello\n");
	check_str(said(2), "oops\n");
	check(!reed_process_stream(process, 1));
	check(!reed_process_stream(process, 0));
	ends();
	check_int(end.status, 0);
	check(reed_exit_well(&end));
}

static void a_dialogue_goes_both_ways_over_pipes_and_sockets(void)
{
	static const enum reed_child_fd_kind kinds[][2] = {
		{ REED_CHILD_READS, REED_CHILD_WRITES },
		{ REED_CHILD_TALKS, REED_CHILD_SAME },
	};

	for (size_t i = 0; i < REED_COUNT(kinds); i++) {
		struct reed_stream *s;

		options = sh("cat");
		options.in.is = kinds[i][0];
		options.out.is = kinds[i][1];
		start(&options);
		s = reed_process_dialogue(process);
		reed_write_str(s, "to and fro\n");
		check_slice(line_of(s), "to and fro");
		reed_write_str(s, "the end");
		reed_shutdown(s);
		check_str(all_of(s), "the end");
		ends();
		check_int(end.status, 0);
	}
}

static void the_close_of_its_input_is_the_end_that_it_reads(void)
{
	struct reed_stream *s;

	options = sh("cat; echo done");
	options.in.is = REED_CHILD_READS;
	start(&options);
	s = reed_process_stream(process, 0);
	reed_write_str(s, "first, ");
	reed_close(s);
	check_str(said(1), "first, done\n");
	ends();
}

static void input_nobody_gives_is_empty(void)
{
	options = sh("cat; echo nothing");
	check_str(output_of(&options), "nothing\n");
}

static void one_descriptor_can_be_the_same_as_another(void)
{
	options = sh("echo one; echo two >&2");
	options.err = (struct reed_child_fd){ .is = REED_CHILD_SAME, .of = 1 };
	check_str(output_of(&options), "one\ntwo\n");
}

/* Those of ours stand where the child's shall be. */
static void descriptors_may_trade_places(void)
{
	struct reed_child_fd more[2];
	int a[2], b[2];
	char bytes[2] = "";

	check(pipe2(a, O_CLOEXEC) == 0 && pipe2(b, O_CLOEXEC) == 0);
	more[0] = (struct reed_child_fd){ REED_CHILD_OURS, a[1], b[1], NULL, REED_OPEN_READ };
	more[1] = (struct reed_child_fd){ REED_CHILD_OURS, b[1], a[1], NULL, REED_OPEN_READ };
	check(a[1] < 10 && b[1] < 20);
	options = sh("eval \"printf a >&$A; printf b >/proc/self/fd/$B\"");
	options.fds = more;
	options.fd_count = 2;
	{
		static char env_a[16], env_b[16];
		static const char *env[] = { env_a, env_b, NULL };

		snprintf(env_a, sizeof(env_a), "A=%d", a[1]);
		snprintf(env_b, sizeof(env_b), "B=%d", b[1]);
		options.env = env;
	}
	check_str(output_of(&options), "");
	check(read(b[0], bytes, 1) == 1 && bytes[0] == 'a');
	check(read(a[0], bytes, 1) == 1 && bytes[0] == 'b');
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void more_descriptors_can_be_pipes_and_files(void)
{
	static const struct reed_child_fd more[] = {
		{ .is = REED_CHILD_WRITES, .fd = 7 },
		{ .is = REED_CHILD_READS, .fd = 5 },
		{ .is = REED_CHILD_FILE, .fd = 9, .path = "/dev/null" },
		{ .is = REED_CHILD_SAME, .fd = 8, .of = 7 },
	};
	struct reed_stream *in;

	options = sh("cat <&5 >&7; echo more >&8; cat <&9");
	options.fds = more;
	options.fd_count = REED_COUNT(more);
	start(&options);
	in = reed_process_stream(process, 5);
	reed_write_str(in, "some, ");
	reed_close(in);
	check_str(said(7), "some, more\n");
	ends();
	check_int(end.status, 0);
}

static void a_file_is_written_or_added_to(void)
{
	char path[] = "/tmp/reed-process-XXXXXX";
	int fd = mkstemp(path);
	char text[32] = "";

	check(fd >= 0 && write(fd, "a long first line", 17) == 17);
	options = sh("echo first");
	options.out = (struct reed_child_fd){ REED_CHILD_FILE, 0, 0, path, REED_OPEN_WRITE };
	start(&options);
	ends();
	options.out.open = REED_OPEN_APPEND;
	start(&options);
	ends();
	check(pread(fd, text, sizeof(text) - 1, 0) == 12);
	check_str(text, "first\nfirst\n");
	unlink(path);
	close(fd);
}

/* Somebody in this program has opened one without O_CLOEXEC; pipes of ours are open too. */
static void no_descriptor_leaks_into_a_child(void)
{
	static const struct reed_child_fd more = { .is = REED_CHILD_NULL, .fd = 9 };
	struct reed_process *other;

	check(dup2(1, 300) == 300 && dup2(1, 5) == 5);
	options = sh("read x");
	options.in.is = REED_CHILD_READS;
	check_int(outcome(reed_spawn(loop, &options, &other)), REED_OK);
	options = sh("i=0; while [ $i -lt 1024 ]; do [ -e /proc/$$/fd/$i ] && printf \"$i \"; "
	             "i=$((i+1)); done");
	options.fds = &more;
	options.fd_count = 1;
	check_str(output_of(&options), "0 1 2 9 ");
	close(300);
	close(5);
	reed_process_close(other);
}

/* ---- surroundings ---- */

static void the_environment_is_added_to_replaced_and_taken_from(void)
{
	static const char *const changes[] = { "REED_A=new", "REED_B", "REED_C=c", "REED_C=d",
		                               NULL };

	setenv("REED_A", "old", 1);
	setenv("REED_B", "old", 1);
	options = sh("echo $REED_A,$REED_B,$REED_C,${HOME:+home}");
	options.env = changes;
	check_str(output_of(&options), "new,,d,home\n");
	options.clean_env = true;
	options.program = "/usr/bin/env";
	start(&options);
	ends(); /* "sh" is its name and "-c" an option it does not know */
	check_int(end.status, 125);
	{
		static const char *const argv[] = { "env", NULL };

		options.argv = argv;
		check_str(output_of(&options), "REED_A=new\nREED_C=d\n");
		options.env = NULL;
		check_str(output_of(&options), "");
	}
}

static void a_program_is_looked_for_in_the_path_of_the_child(void)
{
	static const char *const nowhere[] = { "PATH=/nowhere::/dev", NULL };
	static const char *const somewhere[] = { "PATH=/nowhere:/bin", NULL };

	options = sh("echo $PATH");
	options.env = somewhere;
	check_str(output_of(&options), "/nowhere:/bin\n");
	options.env = nowhere;
	refused(&options, REED_ENOENT, "there is no sh in the PATH (/nowhere::/dev)");
}

static void it_starts_where_it_is_told_to(void)
{
	options = sh("pwd; umask");
	options.directory = "/usr";
	options.umask = 027;
	check_str(output_of(&options), "/usr\n0027\n");
	options.program = "./bin/env";
	options.argv = (const char *const[]){ "env", "pwd", NULL };
	check_str(output_of(&options), "/usr\n");
}

static void signals_are_neither_blocked_nor_ignored(void)
{
	sigset_t usr1, before;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMIN + 1, SIG_IGN);
	options = sh("exec grep -E '^Sig(Blk|Ign)' /proc/self/status");
	check_str(output_of(&options), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGRTMIN + 1, SIG_DFL);
	pthread_sigmask(SIG_BLOCK, NULL, &usr1);
	check(sigismember(&usr1, SIGUSR1));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void limits_are_set(void)
{
	static const struct reed_child_limit limits[] = { { RLIMIT_NOFILE, 40, 50 },
		                                          { RLIMIT_CORE, 0, 0 } };
	static const struct reed_child_limit wrong[] = { { RLIMIT_NOFILE, 50, 40 } };

	options = sh("ulimit -Sn; ulimit -Hn; ulimit -c");
	options.limits = limits;
	options.limit_count = 2;
	check_str(output_of(&options), "40\n50\n0\n");
	options.limits = wrong;
	options.limit_count = 1;
	refused(&options, REED_EINVAL, "limit 7 of sh: Invalid argument");
}

static void it_may_be_somebody_else(void)
{
	static const uint32_t groups[] = { 4711, 4712 };
	static const struct reed_child_user user = { 65533, 65532, groups, 2 };

	options = sh("id -u; id -g; id -G");
	options.user = &user;
	if (geteuid() != 0) {
		refused(&options, REED_EPERM,
		        "sh cannot be given its groups: Operation not permitted");
		return;
	}
	check_str(output_of(&options), "65533\n65532\n65532 4711 4712\n");
	check_int(geteuid(), 0);
}

static void its_group_is_its_own_unless_told_otherwise(void)
{
	/* pid, group, session: of pid (comm) state ppid pgrp session */
	static const char script[] = "set -- $(cat /proc/$$/stat); "
				     "echo $([ $1 = $5 ] && echo leads) $([ $1 = $6 ] && echo all)";

	options = sh(script);
	check_str(output_of(&options), "leads\n");
	options.group = REED_GROUP_SESSION;
	check_str(output_of(&options), "leads all\n");
	options.group = REED_GROUP_OURS;
	check_str(output_of(&options), "\n");
}

/* ---- what goes wrong ---- */

static void a_program_that_cannot_be_run_is_told_of(void)
{
	char path[] = "/tmp/reed-process-XXXXXX", sentence[256];
	int fd = mkstemp(path);

	options = sh("");
	options.program = "/no/such/program";
	refused(&options, REED_ENOENT, "cannot run /no/such/program: No such file or directory");
	options.program = "";
	refused(&options, REED_ENOENT, "there is no program with an empty name in the PATH (/bin)");
	options.program = "/etc/passwd/x";
	refused(&options, REED_ENOTDIR, "cannot run /etc/passwd/x: Not a directory");
	options.program = "/etc/passwd";
	refused(&options, REED_EACCES, "cannot run /etc/passwd: Permission denied");

	check(write(fd, "#!/no/interpreter\n", 18) == 18 && fchmod(fd, 0700) == 0);
	close(fd);
	options.program = path;
	snprintf(sentence, sizeof(sentence),
	         "%s is there, but what shall run it (its #! line, or its loader) is not", path);
	refused(&options, REED_ENOENT, sentence);

	fd = open(path, O_WRONLY | O_TRUNC);
	check(fd >= 0 && write(fd, "echo hello\n", 11) == 11);
	close(fd);
	snprintf(sentence, sizeof(sentence),
	         "%s is no program of this system; a script begins with #! and the path of what "
	         "shall run it",
	         path);
	refused(&options, REED_EINVAL, sentence);
	unlink(path);
}

static void what_its_surroundings_lack_is_told(void)
{
	static const struct reed_child_fd closed = { .is = REED_CHILD_INHERITS, .fd = 777 };
	static const struct reed_child_fd negative = { .is = REED_CHILD_OURS, .fd = 4, .of = -1 };
	static const struct reed_child_fd twice = { .is = REED_CHILD_NULL, .fd = 1 };
	static const struct reed_child_fd high = { .is = REED_CHILD_NULL, .fd = 1024 };
	static const struct reed_child_fd same = { .is = REED_CHILD_SAME, .fd = 4, .of = 6 };

	options = sh("");
	options.directory = "/no/such/folder";
	refused(&options, REED_ENOENT,
	        "sh cannot start in the directory /no/such/folder: No such file or directory");
	options.directory = NULL;
	options.out = (struct reed_child_fd){ .is = REED_CHILD_FILE, .path = "/no/file" };
	refused(&options, REED_ENOENT,
	        "descriptor 1 of sh cannot be the file /no/file: No such file or directory");
	options = sh("");
	options.fd_count = 1;
	options.fds = &closed;
	refused(&options, REED_EINVAL, "descriptor 777 of sh: what it should be is not open");
	options.fds = &negative;
	refused(&options, REED_EIO, "descriptor 4 of sh: Bad file descriptor");
	options.fds = &twice;
	refused(&options, REED_EINVAL, "descriptor 1 of sh is there twice");
	options.fds = &high;
	refused(&options, REED_EINVAL,
	        "descriptor 1024 of sh: a number from 0 to 1023 must stand here");
	options.fds = &same;
	refused(&options, REED_EINVAL,
	        "descriptor 4 of sh cannot be what 6 is: it has none, or that one is the same as "
	        "another itself");
	options.argv = NULL;
	refused(&options, REED_EINVAL, "a process without words in argv");
}

/* None is left open by a spawn that failed, at whichever descriptor that was. */
static void without_descriptors_there_is_an_error_and_no_child(void)
{
	struct rlimit before, few;
	int first = dup(0), failures = 0;

	close(first);
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	options = sh("");
	options.in.is = REED_CHILD_READS;
	options.err.is = REED_CHILD_TALKS;
	for (rlim_t room = 0; room < 12; room++) {
		struct reed_process *p = NULL;

		few.rlim_cur = (rlim_t)first + room;
		check(setrlimit(RLIMIT_NOFILE, &few) == 0);
		if (outcome(reed_spawn(loop, &options, &p))) {
			failures++;
			check(!p);
			check_int(dup(0), room ? first : -1);
			close(first);
			continue;
		}
		check(setrlimit(RLIMIT_NOFILE, &before) == 0);
		process = p;
		ends();
	}
	setrlimit(RLIMIT_NOFILE, &before);
	check(failures >= 6 && failures < 11);
}

int main(void)
{
	setenv("PATH", "/bin", 1);
	kit_open();
	RUN_CLEAN(a_child_says_what_it_has_to_say);
	RUN_CLEAN(a_dialogue_goes_both_ways_over_pipes_and_sockets);
	RUN_CLEAN(the_close_of_its_input_is_the_end_that_it_reads);
	RUN_CLEAN(input_nobody_gives_is_empty);
	RUN_CLEAN(one_descriptor_can_be_the_same_as_another);
	RUN_CLEAN(descriptors_may_trade_places);
	RUN_CLEAN(more_descriptors_can_be_pipes_and_files);
	RUN_CLEAN(a_file_is_written_or_added_to);
	RUN_CLEAN(no_descriptor_leaks_into_a_child);
	RUN_CLEAN(the_environment_is_added_to_replaced_and_taken_from);
	RUN_CLEAN(a_program_is_looked_for_in_the_path_of_the_child);
	RUN_CLEAN(it_starts_where_it_is_told_to);
	RUN_CLEAN(signals_are_neither_blocked_nor_ignored);
	RUN_CLEAN(limits_are_set);
	RUN_CLEAN(it_may_be_somebody_else);
	RUN_CLEAN(its_group_is_its_own_unless_told_otherwise);
	RUN_CLEAN(a_program_that_cannot_be_run_is_told_of);
	RUN_CLEAN(what_its_surroundings_lack_is_told);
	RUN_CLEAN(without_descriptors_there_is_an_error_and_no_child);
	kit_close();
	return 0;
}
