/* What a daemon asks of the system beside its state directory. */

#include <signal.h>
#include <sys/resource.h>
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

void reed_daemon_leave(int code)
{
	_exit(code);
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

static int64_t ns_of(struct timeval t)
{
	return REED_S(t.tv_sec) + REED_US(t.tv_usec);
}

int64_t reed_own_cpu(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? ns_of(usage.ru_utime) + ns_of(usage.ru_stime)
	                                           : 0;
}

/* The sandbox has no /proc. */
uint64_t reed_own_memory(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

char **reed_environment(void)
{
	return environ;
}
