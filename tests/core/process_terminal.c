/* What a child on a pseudo terminal finds there. */

#include <unistd.h>

#include "tests/core/process_kit.h"

static struct reed_process_options on_terminal(const char *script)
{
	struct reed_process_options options = sh(script);

	options.in.is = options.out.is = options.err.is = REED_CHILD_TERMINAL;
	options.terminal = (struct reed_terminal_size){ 30, 100 };
	return options;
}

static void a_child_on_a_terminal_leads_its_session_there(void)
{
	struct reed_process_options options =
		on_terminal("stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; "
	                    "echo to the screen >/dev/tty; set -- $(cat /proc/$$/stat); "
	                    "[ $1 = $6 ] && [ $1 = $8 ] && echo in front");

	start(&options);
	check_str(said(0), "30 100\r\nall\r\nto the screen\r\nin front\r\n");
	check(!reed_process_stream(process, 1));
	ends();
	check_int(end.status, 0);
}

static void its_size_is_24_by_80_when_nobody_says(void)
{
	struct reed_process_options options = on_terminal("stty size");

	options.terminal = (struct reed_terminal_size){ 0, 0 };
	start(&options);
	check_str(all_of(reed_process_dialogue(process)), "24 80\r\n");
	ends();
}

static void what_is_typed_is_echoed_and_read(void)
{
	struct reed_process_options options = on_terminal("read x; echo got $x");
	struct reed_stream *s;

	start(&options);
	s = reed_process_dialogue(process);
	reed_write_str(s, "words\n");
	check_str(all_of(s), "words\r\ngot words\r\n");
	ends();
}

static void a_typed_interrupt_is_a_signal(void)
{
	struct reed_process_options options = on_terminal("echo ready; exec sleep 1000");
	struct reed_stream *s;

	start(&options);
	s = reed_process_dialogue(process);
	check_slice(line_of(s), "ready");
	reed_write_str(s, "\003");
	check_str(all_of(s), "^C");
	ends();
	check_int(end.signo, reed_signal_number("INT"));
}

static void a_new_size_is_told(void)
{
	struct reed_process_options options = on_terminal(
		"trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done");
	struct reed_stream *s, *in;

	start(&options);
	s = reed_process_dialogue(process);
	check_slice(line_of(s), "ready");
	check_int(reed_terminal_resize(s, (struct reed_terminal_size){ 50, 132 }), REED_OK);
	check_str(all_of(s), "50 132\r\n");
	ends();
	options = sh("cat");
	options.in.is = REED_CHILD_READS;
	start(&options);
	in = reed_process_stream(process, 0);
	check_int(reed_terminal_resize(in, (struct reed_terminal_size){ 50, 132 }), REED_ENOTSUP);
	reed_close(in);
	ends();
}

static void the_close_of_the_terminal_hangs_up(void)
{
	struct reed_process_options options = on_terminal("echo ready; exec sleep 1000");
	struct reed_stream *s;

	start(&options);
	s = reed_process_dialogue(process);
	check_slice(line_of(s), "ready");
	reed_abort(s);
	ends();
	check_int(end.signo, reed_signal_number("HUP"));
}

int main(void)
{
	kit_open();
	RUN_CLEAN(a_child_on_a_terminal_leads_its_session_there);
	RUN_CLEAN(its_size_is_24_by_80_when_nobody_says);
	RUN_CLEAN(what_is_typed_is_echoed_and_read);
	RUN_CLEAN(a_typed_interrupt_is_a_signal);
	RUN_CLEAN(a_new_size_is_told);
	RUN_CLEAN(the_close_of_the_terminal_hangs_up);
	kit_close();
	return 0;
}
