/* Settings of a serial port, from options to termios. */

#include <stdlib.h>
#include <string.h>

#include "os_serial.h"
#include "private.h"

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{ 50, B50 },         { 75, B75 },     { 110, B110 },   { 134, B134 },     { 150, B150 },
	{ 200, B200 },       { 300, B300 },   { 600, B600 },   { 1200, B1200 },   { 1800, B1800 },
	{ 2400, B2400 },     { 4800, B4800 }, { 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 },
#ifdef B57600
	{ 57600, B57600 },
#endif
#ifdef B115200
	{ 115200, B115200 },
#endif
#ifdef B230400
	{ 230400, B230400 },
#endif
};

int reed_serial_speed(int fd, uint32_t baud)
{
	struct termios t;

	for (size_t i = 0; i < REED_COUNT(speeds); i++) {
		if (speeds[i].baud != baud)
			continue;
		if (tcgetattr(fd, &t) < 0 || cfsetispeed(&t, speeds[i].speed) < 0 ||
		    cfsetospeed(&t, speeds[i].speed) < 0 || tcsetattr(fd, TCSANOW, &t) < 0)
			return errno;
		return 0;
	}
	return reed_serial_any_speed(fd, baud);
}

uint32_t reed_serial_speed_now(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return 0;
	for (size_t i = 0; i < REED_COUNT(speeds); i++)
		if (speeds[i].speed == cfgetospeed(&t))
			return speeds[i].baud;
	return reed_serial_any_speed_now(fd);
}

static const tcflag_t data_bits[] = { CS5, CS6, CS7, CS8 };

static void set(tcflag_t *flags, tcflag_t mask, bool on)
{
	*flags = on ? *flags | mask : *flags & ~mask;
}

static void raw(struct termios *t)
{
	t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON |
	                          IXOFF | IXANY | INPCK);
	t->c_oflag &= ~(tcflag_t)OPOST;
	t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

static void from_options(struct termios *t, const struct reed_serial_options *o)
{
	bool sticks = o->parity == REED_PARITY_MARK || o->parity == REED_PARITY_SPACE;

	raw(t);
	t->c_cflag &= ~(tcflag_t)CSIZE;
	t->c_cflag |= CREAD | data_bits[o->data_bits - 5];
	set(&t->c_cflag, CSTOPB, o->stop_bits == 2);
	set(&t->c_cflag, PARENB, o->parity != REED_PARITY_NONE);
	set(&t->c_cflag, PARODD, o->parity == REED_PARITY_ODD || o->parity == REED_PARITY_MARK);
	set(&t->c_cflag, (tcflag_t)reed_serial_stick_parity, sticks);
	set(&t->c_iflag, INPCK, o->parity != REED_PARITY_NONE);
	set(&t->c_iflag, IXON | IXOFF, o->xon_xoff);
	set(&t->c_cflag, CLOCAL, !o->watch_carrier);
	set(&t->c_cflag, HUPCL, o->hang_up);
#ifdef CRTSCTS
	set(&t->c_cflag, CRTSCTS, o->rts_cts);
#endif
}

static enum reed_err nonsense(const struct reed_serial_options *o, struct reed_fault **fault)
{
	if (o->baud == 0)
		*fault = reed_fault(REED_EINVAL, NULL, "a speed of 0 baud");
	else if (o->data_bits < 5 || o->data_bits > 8)
		*fault = reed_fault(REED_EINVAL, NULL, "%u data bits; 5 to 8 there can be",
		                    o->data_bits);
	else if (o->stop_bits != 1 && o->stop_bits != 2)
		*fault = reed_fault(REED_EINVAL, NULL, "%u stop bits; 1 or 2 there can be",
		                    o->stop_bits);
	else if ((unsigned)o->parity > REED_PARITY_SPACE)
		*fault = reed_fault(REED_EINVAL, NULL, "there is no parity %d", (int)o->parity);
	else if (o->parity >= REED_PARITY_MARK && !reed_serial_stick_parity)
		*fault = reed_fault(REED_ENOTSUP, NULL, "no mark or space parity on this system");
#ifndef CRTSCTS
	else if (o->rts_cts)
		*fault = reed_fault(REED_ENOTSUP, NULL, "no RTS/CTS flow control on this system");
#endif
	return *fault ? (*fault)->err : REED_OK;
}

static enum reed_err fail(struct reed_fault **fault, int system_errno)
{
	*fault = reed_fault(reed_err_of(system_errno), NULL, "%s", strerror(system_errno));
	return (*fault)->err;
}

static enum reed_err not_taken(struct reed_fault **fault, const char *what)
{
	*fault = reed_fault(REED_ENOTSUP, NULL, "the port does not take %s", what);
	return REED_ENOTSUP;
}

/* tcsetattr() succeeds when it could do any of what it was asked for. */
static enum reed_err look(int fd, const struct termios *wanted, const struct reed_serial_options *o,
                          struct reed_fault **fault)
{
	struct termios t;
	tcflag_t wrong;

	if (tcgetattr(fd, &t) < 0)
		return fail(fault, errno);
	wrong = t.c_cflag ^ wanted->c_cflag;
	if (wrong & CSIZE)
		return not_taken(fault, "so many data bits");
	if (wrong & CSTOPB)
		return not_taken(fault, "so many stop bits");
	if (wrong & (PARENB | PARODD | (tcflag_t)reed_serial_stick_parity))
		return not_taken(fault, "this parity");
#ifdef CRTSCTS
	if (wrong & CRTSCTS)
		return not_taken(fault, "RTS/CTS flow control");
#endif
	if ((t.c_iflag ^ wanted->c_iflag) & (IXON | IXOFF))
		return not_taken(fault, "XON/XOFF flow control");
	return labs((long)reed_serial_speed_now(fd) - (long)o->baud) > (long)(o->baud / 20)
	               ? not_taken(fault, "this speed")
	               : REED_OK;
}

enum reed_err reed_serial_apply(int fd, const struct reed_serial_options *o,
                                struct reed_fault **fault)
{
	enum reed_err err;
	struct termios t;
	int system;

	*fault = NULL;
	err = nonsense(o, fault);
	if (err)
		return err;
	if (tcgetattr(fd, &t) < 0)
		return errno == ENOTTY ? not_taken(fault, "settings: it is not a serial port")
		                       : fail(fault, errno);
	from_options(&t, o);
	if (tcsetattr(fd, TCSANOW, &t) < 0 && errno != EINVAL) /* that one is looked into */
		return fail(fault, errno);
	system = reed_serial_speed(fd, o->baud);
	if (system == EINVAL)
		return not_taken(fault, "this speed");
	if (system)
		return fail(fault, system);
	reed_serial_low_latency(fd, o->low_latency);
	return look(fd, &t, o, fault);
}
