/* The terminal that reed top is shown on. */

#include "top.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "reed/alloc.h"

enum { ROWS = 24, COLUMNS = 80 };

struct top_terminal {
	struct termios before;
};

#ifdef SIGWINCH
const int top_signal_resized = SIGWINCH;
#else
const int top_signal_resized = SIGCONT;
#endif

bool top_terminal_is_there(void)
{
	return isatty(0) && isatty(1);
}

static void say(const char *text)
{
	struct reed_slice rest = reed_slice_of(text);
	ssize_t n;

	while (rest.n > 0 && (n = write(1, rest.p, rest.n)) > 0)
		rest = reed_slice_from(rest, (size_t)n);
}

struct top_terminal *top_terminal_enter(void)
{
	struct top_terminal *self = reed_alloc(sizeof(*self));
	struct termios raw;

	if (tcgetattr(0, &self->before) < 0) {
		reed_free(self);
		return NULL;
	}
	raw = self->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(0, TCSANOW, &raw);
	say("\033[?1049h\033[?25l\033[2J"); /* xterm's other screen, no cursor */
	return self;
}

void top_terminal_leave(struct top_terminal *self)
{
	if (!self)
		return;
	say("\033[0m\033[?25h\033[?1049l");
	tcsetattr(0, TCSADRAIN, &self->before);
	reed_free(self);
}

void top_terminal_size(int *rows, int *columns)
{
	struct winsize size = { 0 };

	ioctl(1, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : ROWS;
	*columns = size.ws_col ? size.ws_col : COLUMNS;
}
