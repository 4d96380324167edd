/* What serial ports promise, over a pseudo terminal: its other end is the device. */

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include "reed/endpoint.h"
#include "reed/serial.h"
#include "tests/core/tools.h"

static int device;
static char path[64];
static struct reed_stream *s;
static struct reed_slice got;
static struct reed_serial_options options;

/* Its settings as somebody left them. */
static void plug_in(void)
{
	int port;

	check(openpty(&device, &port, path, NULL, NULL) == 0);
	close(port);
	options = (struct reed_serial_options)REED_SERIAL_OPTIONS;
	s = NULL;
}

static void unplug(void)
{
	close(device);
}

static void open_port(void)
{
	if (outcome(reed_serial_open(loop, path, &options, &s)))
		check(why_is(""));
}

static void refused(enum reed_err err, const char *why)
{
	char sentence[128];

	snprintf(sentence, sizeof(sentence), "cannot open %s: %s", path, why);
	check_int(outcome(reed_serial_open(loop, path, &options, &s)), err);
	check(why_is(sentence));
	check(!s);
}

static struct termios settings(void)
{
	struct termios t = { 0 };
	int port = open(path, O_RDWR | O_NOCTTY);

	check(port >= 0 && tcgetattr(port, &t) == 0);
	close(port);
	return t;
}

static const char *device_gets(size_t n)
{
	static char bytes[64];
	struct pollfd p = { .fd = device, .events = POLLIN };
	size_t have = 0;

	while (have < n) {
		until(poll(&p, 1, 0) == 1);
		have += (size_t)read(device, bytes + have, n - have);
	}
	bytes[n] = '\0';
	return bytes;
}

/* ---- bytes ---- */

static void bytes_go_both_ways_as_they_are(void)
{
	plug_in();
	open_port();
	check(write(device, "\x03$GPGGA\r\n\x11\x13\xff", 13) == 13);
	check_int(outcome(reed_read_exactly(s, 13 - 1, &got)), REED_OK);
	check(memcmp(got.p, "\x03$GPGGA\r\n\x11\x13\xff", 12) == 0);
	reed_write(s, reed_slice("\n\x04\r\x7f", 4));
	check_str(device_gets(4), "\n\x04\r\x7f");
	reed_close(s);
	run();
	unplug();
}

static void a_dropped_open_leaves_the_port_to_others(void)
{
	struct owner o;

	plug_in();
	own(&o, reed_serial_open(loop, path, NULL, &s));
	disown(&o);
	check(!s);
	open_port();
	reed_abort(s);
	unplug();
}

static void what_was_written_leaves_before_the_close(void)
{
	plug_in();
	open_port();
	reed_write_str(s, "last words");
	reed_close(s);
	check_str(device_gets(10), "last words");
	run();
	unplug();
}

/* ---- settings ---- */

static void settings_are_set_and_put_back(void)
{
	struct termios before, now;

	plug_in();
	before = settings();
	options.baud = 4800;
	options.stop_bits = 2;
	options.xon_xoff = true;
	options.rts_cts = true;
	options.shared = true;
	open_port();
	now = settings();
	check_int(cfgetospeed(&now), B4800);
	check((now.c_cflag & CSTOPB) && (now.c_cflag & CRTSCTS) && (now.c_cflag & CLOCAL));
	check((now.c_iflag & IXON) && (now.c_iflag & IXOFF) && !(now.c_iflag & ICRNL));
	check(!(now.c_lflag & (ICANON | ECHO | ISIG)));
	options.baud = 115200;
	options.xon_xoff = false;
	check_int(reed_serial_configure(s, &options, NULL), REED_OK);
	now = settings();
	check_int(cfgetospeed(&now), B115200);
	check(!(now.c_iflag & IXON));
	reed_close(s);
	run();
	now = settings();
	check(now.c_cflag == before.c_cflag && now.c_iflag == before.c_iflag);
	check(now.c_lflag == before.c_lflag && now.c_oflag == before.c_oflag);
	unplug();
}

static void any_speed_can_be_set_where_the_system_can(void)
{
	plug_in();
	options.baud = 31250; /* MIDI */
#ifdef REED_POSIX_ONLY
	refused(REED_ENOTSUP, "the port does not take this speed");
#else
	open_port();
	options.baud = 250000; /* DMX */
	check_int(reed_serial_configure(s, &options, NULL), REED_OK);
	reed_abort(s);
#endif
	unplug();
}

/* A pseudo terminal has eight bits and no parity, and says yes to everything. */
static void what_a_port_does_not_take_is_told(void)
{
	struct reed_fault *fault;

	plug_in();
	options.parity = REED_PARITY_EVEN;
	refused(REED_ENOTSUP, "the port does not take this parity");
	options.parity = REED_PARITY_NONE;
	options.data_bits = 7;
	refused(REED_ENOTSUP, "the port does not take so many data bits");
	options.data_bits = 9;
	refused(REED_EINVAL, "9 data bits; 5 to 8 there can be");
	options.data_bits = 8;
	options.stop_bits = 3;
	refused(REED_EINVAL, "3 stop bits; 1 or 2 there can be");
	options.stop_bits = 1;
	options.baud = 0;
	refused(REED_EINVAL, "a speed of 0 baud");
	options.baud = 9600;
	open_port();
	options.data_bits = 7;
	check_int(reed_serial_configure(s, &options, &fault), REED_ENOTSUP);
	check_str(fault->sentence, "the port does not take so many data bits");
	reed_fault_free(fault);
	reed_abort(s);
	unplug();
}

/* ---- what goes wrong ---- */

static void a_port_is_of_one_program_at_a_time(void)
{
	struct reed_stream *first;

	plug_in();
	open_port();
	first = s;
	s = NULL;
	refused(REED_EBUSY, "another program has it");
	reed_abort(first);
	open_port();
	reed_abort(s);
	unplug();
}

static void what_is_no_port_is_refused(void)
{
	options = (struct reed_serial_options)REED_SERIAL_OPTIONS;
	s = NULL;
	strcpy(path, "/dev/null");
	refused(REED_ENOTSUP, "it is not a serial port");
	strcpy(path, "/dev/no-such-port");
	refused(REED_ENOENT, "No such file or directory");
}

static void an_unplugged_device_breaks_the_stream_and_says_so(void)
{
	char sentence[128];
	struct owner o;

	plug_in();
	open_port();
	check(write(device, "half a li", 9) == 9);
	own(&o, reed_read_line(s, &got));
	until(reed_peek(s).n == 9);
	unplug();
	until(o.told);
	check_int(o.err, REED_EIO);
	snprintf(sentence, sizeof(sentence), "%s is gone: unplugged, or its line was hung up",
	         path);
	check_str(reed_stream_why(s), sentence);
	check_slice(reed_peek(s), "half a li");
	reed_write_str(s, "is anybody there?");
	turns(3);
	check_int(reed_serial_lines(s, &(unsigned){ 0 }) < 0, true);
	reed_close(s);
	run();
	check(idle());
}

static void a_pseudo_terminal_has_no_modem_lines(void)
{
	struct reed_stream *a, *b;
	unsigned lines = 0;

	plug_in();
	open_port();
	check_int(reed_serial_lines(s, &lines), REED_ENOTSUP);
	check_int(reed_serial_set_lines(s, REED_SERIAL_DTR, 0), REED_ENOTSUP);
	check_int(reed_serial_set_lines(s, REED_SERIAL_CTS, 0), REED_EINVAL);
	check_int(outcome(reed_serial_lines_change(s, REED_SERIAL_CTS, 0, &lines)), REED_ENOTSUP);
	reed_abort(s);
	unplug();
	reed_stream_pair(loop, 0, &a, &b);
	check_int(reed_serial_lines(a, &lines), REED_EINVAL);
	check_int(reed_serial_configure(a, &options, NULL), REED_EINVAL);
	check_int(reed_serial_discard(a), REED_EINVAL);
	check_int(outcome(reed_serial_break(a, 10)), REED_EINVAL);
	reed_abort(a);
	reed_abort(b);
	turns(2);
}

static void what_waits_on_both_sides_can_be_discarded(void)
{
	plug_in();
	open_port();
	check(write(device, "old", 3) == 3);
	check_int(outcome(reed_more(s)), REED_OK);
	reed_write_str(s, "old too");
	check_int(reed_serial_discard(s), REED_OK);
	check_int(reed_peek(s).n, 0);
	reed_write_str(s, "new");
	check_str(device_gets(3), "new");
	check(write(device, "new", 3) == 3);
	check_int(outcome(reed_read_exactly(s, 3, &got)), REED_OK);
	check_slice(got, "new");
	reed_abort(s);
	unplug();
}

/* ---- the endpoint ---- */

static enum reed_err dial(const char *keys)
{
	char endpoint[160];

	snprintf(endpoint, sizeof(endpoint), "serial:%s%s", path, keys);
	return outcome(reed_dial(loop, endpoint, &s));
}

static void a_port_can_be_dialled(void)
{
	struct termios t;

	plug_in();
	check_int(dial(":baud=4800:bits=8:parity=none:stop=2:flow=xonxoff"), REED_OK);
	check(write(device, "hello\n", 6) == 6);
	check_int(outcome(reed_read_line(s, &got)), REED_OK);
	check_slice(got, "hello");
	check(tcgetattr(device, &t) == 0);
	check_int(cfgetospeed(&t), B4800);
	check((t.c_cflag & CSTOPB) && (t.c_iflag & IXON));
	reed_close(s);
	run();
	strcpy(path, "/x");
	check_int(dial(":parity=strange"), REED_ESYNTAX);
	check(why_is("\"serial:/x:parity=strange\", column 18: none, odd, even, mark or space must "
	             "stand here"));
	check_int(dial(":baud=fast"), REED_ESYNTAX);
	check_int(dial(":flow=1"), REED_ESYNTAX);
	check_int(dial(""), REED_ENOENT);
	unplug();
}

int main(void)
{
	lab_open();
	RUN(bytes_go_both_ways_as_they_are);
	RUN(a_dropped_open_leaves_the_port_to_others);
	RUN(what_was_written_leaves_before_the_close);
	RUN(settings_are_set_and_put_back);
	RUN(any_speed_can_be_set_where_the_system_can);
	RUN(what_a_port_does_not_take_is_told);
	RUN(a_port_is_of_one_program_at_a_time);
	RUN(what_is_no_port_is_refused);
	RUN(an_unplugged_device_breaks_the_stream_and_says_so);
	RUN(a_pseudo_terminal_has_no_modem_lines);
	RUN(what_waits_on_both_sides_can_be_discarded);
	RUN(a_port_can_be_dialled);
	lab_close();
	return 0;
}
