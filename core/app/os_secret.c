/* Passwords, from people and from pipes. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "control.h"
#include "reed/alloc.h"

enum { END_OF_TEXT = 3, END_OF_INPUT = 4, ERASE_ALL = 21, ERASE = 0x7f };

static size_t erased(const char *text, size_t n)
{
	return n ? reed_slice_utf8_border(reed_slice(text, n), n - 1) : 0;
}

/* One byte at a time: what stands behind the line is somebody else's. */
static enum reed_err read_line(char into[REED_PASSWORD_ROOM], bool typed)
{
	size_t n = 0;
	ssize_t got;
	char c;

	while ((got = read(STDIN_FILENO, &c, 1)) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		if (c == '\n' || (typed && (c == '\r' || c == END_OF_INPUT)))
			break;
		if (typed && c == END_OF_TEXT)
			return REED_ECANCELED;
		if (typed && c == ERASE_ALL)
			n = 0;
		else if (typed && (c == '\b' || c == ERASE))
			n = erased(into, n);
		else if (n == REED_PASSWORD_ROOM - 1)
			return REED_ETOOBIG;
		else
			into[n++] = c;
	}
	into[n] = '\0';
	return n > 0 && strlen(into) == n ? REED_OK : REED_EEOF;
}

/* The keys that would end the program while the terminal is mute are read here, too. */
static enum reed_err ask(const char *prompt, const char *more, char into[REED_PASSWORD_ROOM])
{
	struct termios was, mute;
	enum reed_err err;

	if (tcgetattr(STDIN_FILENO, &was))
		return REED_EEOF;
	mute = was;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
	fprintf(stderr, "%s%s: ", prompt, more);
	fflush(stderr);
	err = read_line(into, true);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	fputc('\n', stderr);
	return err;
}

static enum reed_err ask_twice(const char *prompt, char into[REED_PASSWORD_ROOM])
{
	char again[REED_PASSWORD_ROOM];
	enum reed_err err = ask(prompt, "", into);

	if (!err)
		err = ask(prompt, " again", again);
	if (!err && strcmp(into, again) != 0)
		err = REED_EINVAL;
	reed_wipe(again, sizeof(again));
	return err;
}

static const char *explain(enum reed_err err)
{
	if (err == REED_ECANCELED)
		return "interrupted";
	if (err == REED_ETOOBIG)
		return "a password has at most 1023 bytes";
	if (err == REED_EINVAL)
		return "the two passwords are not the same";
	return "no password came; it is the first line of standard input";
}

enum reed_err reed_ask_secret(const char *prompt, char into[REED_PASSWORD_ROOM],
                              struct reed_fault **fault)
{
	enum reed_err err = isatty(STDIN_FILENO) ? ask_twice(prompt, into) : read_line(into, false);

	if (err) {
		reed_wipe(into, REED_PASSWORD_ROOM);
		*fault = reed_fault(err, NULL, "%s", explain(err));
	}
	return err;
}
