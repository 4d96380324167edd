/* The clocks and the entropy of the system. */

#include "private.h"
#include "reed/random.h"

#include <sys/random.h>
#include <stdlib.h>
#include <string.h>
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

static bool fraction(struct reed_slice digits, int64_t *ns)
{
	int64_t worth = REED_S(1);

	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		worth /= 10;
		*ns += (digits.p[i] - '0') * worth;
	}
	return digits.n > 0;
}

/* What is no time of any day is written in another way when it is written again. */
enum reed_err reed_wall_parse(struct reed_slice text, int64_t *wall)
{
	enum { WHOLE = 19, LATEST = 2200 };
	char whole[WHOLE + 1], again[REED_WALL_TEXT];
	struct tm tm = { .tm_sec = 0 };
	int64_t ns = 0;

	if (text.n <= WHOLE || text.p[text.n - 1] != 'Z' ||
	    (text.n > WHOLE + 1 &&
	     (text.p[WHOLE] != '.' || text.n > 2 * WHOLE ||
	      !fraction(reed_slice(text.p + WHOLE + 1, text.n - WHOLE - 2), &ns))))
		return REED_ESYNTAX;
	reed_slice_copy(whole, sizeof(whole), reed_slice_first(text, WHOLE));
	if (sscanf(whole, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
	           &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6 ||
	    tm.tm_year < 1970 || tm.tm_year > LATEST)
		return REED_ESYNTAX;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	ns += REED_S((int64_t)timegm(&tm));
	if (memcmp(reed_wall_text(ns, again), whole, WHOLE) != 0)
		return REED_ESYNTAX;
	*wall = ns;
	return REED_OK;
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
