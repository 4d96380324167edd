/* What is not in termios is not known here. */

#include "os_serial.h"

const unsigned long reed_serial_stick_parity = 0;

int reed_serial_any_speed(int fd, uint32_t baud)
{
	(void)fd;
	(void)baud;
	return EINVAL;
}

uint32_t reed_serial_any_speed_now(int fd)
{
	(void)fd;
	return 0;
}

void reed_serial_low_latency(int fd, bool on)
{
	(void)fd;
	(void)on;
}
