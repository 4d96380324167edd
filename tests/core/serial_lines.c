/*
 * What serial ports do with parity, modem lines and breaks: on a pseudo terminal that
 * this program dresses up as a UART, by standing in front of libc.
 */

#include <fcntl.h>
#include <pty.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "reed/serial.h"
#include "tests/core/tools.h"

/* ---- the UART ---- */

static struct {
	int lines; /* TIOCM_* */
	int breaks, holding;
	int queued; /* bytes that have not left */
	bool gone;
	tcflag_t cflag; /* what a pseudo terminal would refuse */
} uart;

enum { KEPT = CSIZE | PARENB | PARODD | CMSPAR };

int tcgetattr(int fd, struct termios *t)
{
	if (uart.gone) {
		errno = EIO;
		return -1;
	}
	/* the layout of the system's begins like that of libc */
	memset(t, 0, sizeof(*t));
	if (syscall(SYS_ioctl, fd, TCGETS, t) < 0)
		return -1;
	if (uart.cflag)
		t->c_cflag = (t->c_cflag & ~(tcflag_t)KEPT) | (uart.cflag & KEPT);
	return 0;
}

int tcsetattr(int fd, int when, const struct termios *t)
{
	uart.cflag = t->c_cflag;
	return (int)syscall(SYS_ioctl, fd, TCSETS + when, t);
}

static int modem(unsigned long request, int *bits)
{
	switch (request) {
	case TIOCMGET:
		*bits = uart.lines;
		return 0;
	case TIOCMBIS:
		uart.lines |= *bits;
		return 0;
	case TIOCMBIC:
		uart.lines &= ~*bits;
		return 0;
	case TIOCOUTQ:
		*bits = uart.queued;
		return 0;
	case TIOCSBRK:
		uart.breaks++;
		uart.holding = 1;
		return 0;
	case TIOCCBRK:
		uart.holding = 0;
		return 0;
	default:
		return -1;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (uart.gone) {
		errno = EIO;
		return -1;
	}
	if (modem(request, arg) == 0)
		return 0;
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* ---- tests ---- */

static int device;
static char path[64];
static struct reed_stream *s;
static struct reed_serial_options options;

static void open_port(void)
{
	int port;

	memset(&uart, 0, sizeof(uart));
	uart.lines = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS;
	check(openpty(&device, &port, path, NULL, NULL) == 0);
	close(port);
	if (outcome(reed_serial_open(loop, path, &options, &s)))
		check(why_is(""));
}

static void close_port(void)
{
	reed_close(s);
	run();
	close(device);
	options = (struct reed_serial_options)REED_SERIAL_OPTIONS;
}

static void bits_and_parity_are_what_was_asked_for(void)
{
	static const struct {
		enum reed_serial_parity parity;
		tcflag_t flags;
	} all[] = {
		{ REED_PARITY_NONE, 0 },
		{ REED_PARITY_ODD, PARENB | PARODD },
		{ REED_PARITY_EVEN, PARENB },
#ifndef REED_POSIX_ONLY
		{ REED_PARITY_MARK, PARENB | PARODD | CMSPAR },
		{ REED_PARITY_SPACE, PARENB | CMSPAR },
#endif
	};
	static const tcflag_t bits[] = { CS5, CS6, CS7, CS8 };

	for (size_t i = 0; i < REED_COUNT(all); i++) {
		for (unsigned n = 5; n <= 8; n++) {
			options.parity = all[i].parity;
			options.data_bits = n;
			open_port();
			check_int(uart.cflag & KEPT, all[i].flags | bits[n - 5]);
			close_port();
		}
	}
}

static void modem_lines_are_read_and_set(void)
{
	unsigned lines = 0;

	open_port();
	check_int(reed_serial_lines(s, &lines), REED_OK);
	check_int(lines, REED_SERIAL_DTR | REED_SERIAL_RTS | REED_SERIAL_CTS);
	check_int(reed_serial_set_lines(s, 0, REED_SERIAL_DTR), REED_OK);
	check_int(uart.lines, TIOCM_RTS | TIOCM_CTS);
	check_int(reed_serial_set_lines(s, REED_SERIAL_DTR, REED_SERIAL_RTS), REED_OK);
	check_int(uart.lines, TIOCM_DTR | TIOCM_CTS);
	check_int(reed_serial_set_lines(s, REED_SERIAL_DTR, REED_SERIAL_DTR), REED_EINVAL);
	uart.lines = TIOCM_CAR | TIOCM_RNG | TIOCM_DSR;
	check_int(reed_serial_lines(s, &lines), REED_OK);
	check_int(lines, REED_SERIAL_DCD | REED_SERIAL_RI | REED_SERIAL_DSR);
	close_port();
}

static void a_change_of_the_lines_one_waits_for_is_told(void)
{
	unsigned seen = 0, now = 0;
	struct owner o;

	open_port();
	check_int(reed_serial_lines(s, &seen), REED_OK);
	own(&o, reed_serial_lines_change(s, REED_SERIAL_DCD | REED_SERIAL_CTS, seen, &now));
	for (int i = 0; i < 10; i++)
		step();
	uart.lines |= TIOCM_RNG;
	for (int i = 0; i < 10; i++)
		step();
	check(!o.told);
	uart.lines |= TIOCM_CAR;
	until(o.told);
	check_int(o.err, REED_OK);
	check_int(now, seen | REED_SERIAL_DCD | REED_SERIAL_RI);
	check_int(outcome(reed_serial_lines_change(s, REED_SERIAL_DCD, seen, &now)), REED_OK);
	own(&o, reed_serial_lines_change(s, REED_SERIAL_DCD, now, &now));
	step();
	disown(&o);
	own(&o, reed_serial_lines_change(s, REED_SERIAL_DCD, now, &now));
	step();
	uart.gone = true;
	until(o.told);
	check_int(o.err, REED_EIO);
	uart.gone = false;
	close_port();
}

static void a_break_comes_after_what_was_written_and_ends(void)
{
	int64_t start;
	struct owner o;

	open_port();
	uart.queued = 5;
	own(&o, reed_serial_break(s, 250));
	for (int i = 0; i < 10; i++)
		step();
	check_int(uart.breaks, 0);
	uart.queued = 0;
	start = reed_now(loop);
	until(uart.holding);
	until(!uart.holding);
	check(reed_now(loop) - start >= REED_MS(250));
	check(reed_now(loop) - start < REED_MS(250 + 25));
	check_int(o.err, REED_OK);
	own(&o, reed_serial_break(s, 250));
	until(uart.holding);
	disown(&o);
	check(!uart.holding);
	check_int(uart.breaks, 2);
	close_port();
}

/* A device that holds us up must not hold up the loop, nor the port for ever. */
static void a_closed_port_waits_for_what_has_not_left(void)
{
	int64_t start;

	open_port();
	uart.queued = 5;
	reed_close(s);
	turns(2);
	check(!idle());
	uart.queued = 0;
	run();
	close(device);
	open_port();
	uart.queued = 5;
	start = reed_now(loop);
	reed_close(s);
	run();
	check(reed_now(loop) - start >= REED_S(5));
	check(reed_now(loop) - start < REED_S(6));
	close(device);
}

int main(void)
{
	lab_open();
	options = (struct reed_serial_options)REED_SERIAL_OPTIONS;
	RUN(bits_and_parity_are_what_was_asked_for);
	RUN(modem_lines_are_read_and_set);
	RUN(a_change_of_the_lines_one_waits_for_is_told);
	RUN(a_break_comes_after_what_was_written_and_ends);
	RUN(a_closed_port_waits_for_what_has_not_left);
	lab_close();
	return 0;
}
