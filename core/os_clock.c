/* The clocks and the entropy of the system. */

#include "private.h"
#include "reed/random.h"

#include <sys/random.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return REED_S(t.tv_sec) + t.tv_nsec;
}

int64_t reed_system_now(struct reed_driver *d)
{
	(void)d;
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t reed_system_wall(struct reed_driver *d)
{
	(void)d;
	return clock_ns(CLOCK_REALTIME);
}

int64_t reed_system_second(void)
{
	return time(NULL);
}

void reed_system_random(struct reed_driver *d, void *into, size_t n)
{
	char *p = into;

	(void)d;
	while (n > 0) {
		size_t part = n < 256 ? n : 256; /* more may be cut short */

		if (getentropy(p, part) < 0) {
			perror("reed: no entropy");
			abort();
		}
		p += part;
		n -= part;
	}
}

const char *reed_wall_text(int64_t wall, char text[REED_WALL_TEXT])
{
	time_t seconds = (time_t)(wall / REED_S(1));
	struct tm tm;

	if (wall < 0 || !gmtime_r(&seconds, &tm) ||
	    !strftime(text, REED_WALL_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
		text[0] = '\0';
	return text;
}
