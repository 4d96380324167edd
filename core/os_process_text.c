/* Signals by name, and ends in words. */

#include <signal.h>
#include <string.h>

#include "reed/process.h"

struct name {
	int signo;
	const char *name;
};

#define N(s)          \
	{             \
		s, #s \
	}
static const struct name names[] = {
	N(SIGHUP),   N(SIGINT),  N(SIGQUIT), N(SIGILL),  N(SIGTRAP),   N(SIGABRT), N(SIGBUS),
	N(SIGFPE),   N(SIGKILL), N(SIGUSR1), N(SIGSEGV), N(SIGUSR2),   N(SIGPIPE), N(SIGALRM),
	N(SIGTERM),  N(SIGCHLD), N(SIGCONT), N(SIGSTOP), N(SIGTSTP),   N(SIGTTIN), N(SIGTTOU),
	N(SIGURG),   N(SIGXCPU), N(SIGXFSZ), N(SIGPROF), N(SIGVTALRM), N(SIGSYS),
#ifdef SIGWINCH
	N(SIGWINCH),
#endif
};
#undef N

int reed_signal_number(const char *name)
{
	for (size_t i = 0; i < REED_COUNT(names); i++)
		if (strcmp(names[i].name, name) == 0 || strcmp(names[i].name + 3, name) == 0)
			return names[i].signo;
	return 0;
}

const char *reed_signal_name(int signo)
{
	for (size_t i = 0; i < REED_COUNT(names); i++)
		if (names[i].signo == signo)
			return names[i].name;
	return NULL;
}

const char *reed_exit_text(const struct reed_exit *e, char text[REED_EXIT_TEXT])
{
	const char *name = reed_signal_name(e->signo), *core = e->core ? " (core dumped)" : "";

	if (e->signo == 0)
		snprintf(text, REED_EXIT_TEXT, "exited with status %d", e->status);
	else if (name)
		snprintf(text, REED_EXIT_TEXT, "was killed by %s%s", name, core);
	else
		snprintf(text, REED_EXIT_TEXT, "was killed by signal %d%s", e->signo, core);
	return text;
}
