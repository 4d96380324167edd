/* What a daemon asks of the system beside its state directory. */

#include <signal.h>
#include <unistd.h>

#include "daemon_private.h"
#include "reed/alloc.h"

extern char **environ;

const int reed_daemon_signals[3] = { SIGTERM, SIGINT, SIGHUP };

const char *reed_daemon_signal_name(int signo)
{
	return signo == SIGTERM ? "SIGTERM" : signo == SIGINT ? "SIGINT" : "SIGHUP";
}

void reed_daemon_ignore_sigpipe(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

void reed_daemon_unblock_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < REED_COUNT(reed_daemon_signals); i++)
		sigaddset(&set, reed_daemon_signals[i]);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

char *reed_host_name(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) < 0 || !name[0])
		return reed_strdup("localhost");
	return reed_strdup(name);
}

unsigned reed_own_uid(void)
{
	return geteuid();
}

int reed_own_pid(void)
{
	return (int)getpid();
}

char **reed_environment(void)
{
	return environ;
}
