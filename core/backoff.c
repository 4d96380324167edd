#include "reed/backoff.h"

#include "reed/random.h"

int64_t reed_backoff_ms(struct reed_loop *loop, const struct reed_backoff *backoff,
                        uint64_t failures)
{
	unsigned jitter = backoff->jitter < 100 ? backoff->jitter : 100;
	double ms = (double)backoff->first_ms, longest = (double)backoff->longest_ms;
	int64_t most;

	if (backoff->growth > 100)
		for (uint64_t i = 1; i < failures && ms > 0 && ms < longest; i++)
			ms *= backoff->growth / 100.0;
	most = ms < longest ? (int64_t)ms : backoff->longest_ms;
	if (most <= 0)
		return 0;
	return most -
	       (int64_t)reed_random_below(loop, (uint64_t)most / 100 * jitter +
	                                                (uint64_t)most % 100 * jitter / 100 + 1);
}
