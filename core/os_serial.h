/* The settings of a serial port, apart from its stream. */

#ifndef REED_OS_SERIAL_H
#define REED_OS_SERIAL_H

#include <termios.h>

#include "reed/serial.h"

/* All settings; *fault names what is wrong or was not taken. */
enum reed_err reed_serial_apply(int fd, const struct reed_serial_options *options,
                                struct reed_fault **fault);

/* Of a stream that is a serial port, else -1; and whether all that was written is on the line. */
int reed_serial_fd(struct reed_stream *s);
bool reed_serial_has_left(struct reed_stream *s);

/* errno. */
int reed_serial_speed(int fd, uint32_t baud);

/* What it is now; 0: not known. */
uint32_t reed_serial_speed_now(int fd);

/* The same for those that termios has no name for (os_serial_linux.c). */
int reed_serial_any_speed(int fd, uint32_t baud);
uint32_t reed_serial_any_speed_now(int fd);

/* Mark and space; 0 where there is no such thing. */
extern const unsigned long reed_serial_stick_parity;

/* As far as it can. */
void reed_serial_low_latency(int fd, bool on);

#endif
