/*
 * What Linux can beyond termios.  Its own headers for that contradict those of
 * libc, so nothing else is included here that includes <termios.h>.
 */

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <linux/serial.h>
#include <stdbool.h>
#include <stdint.h>

/* <sys/ioctl.h> brings the other ones. */
extern int ioctl(int fd, unsigned long request, ...);
int reed_serial_any_speed(int fd, uint32_t baud);
uint32_t reed_serial_any_speed_now(int fd);
void reed_serial_low_latency(int fd, bool on);

extern const unsigned long reed_serial_stick_parity;
const unsigned long reed_serial_stick_parity = CMSPAR;

int reed_serial_any_speed(int fd, uint32_t baud)
{
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return errno;
	t.c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT);
	t.c_cflag |= BOTHER | BOTHER << IBSHIFT;
	t.c_ispeed = t.c_ospeed = baud;
	return ioctl(fd, TCSETS2, &t) < 0 ? errno : 0;
}

uint32_t reed_serial_any_speed_now(int fd)
{
	struct termios2 t;

	return ioctl(fd, TCGETS2, &t) < 0 ? 0 : t.c_ospeed;
}

void reed_serial_low_latency(int fd, bool on)
{
	struct serial_struct serial;

	if (ioctl(fd, TIOCGSERIAL, &serial) < 0)
		return;
	serial.flags &= ~ASYNC_LOW_LATENCY;
	serial.flags |= on ? ASYNC_LOW_LATENCY : 0;
	ioctl(fd, TIOCSSERIAL, &serial);
}
