/*
 * OpenSSL's random numbers, under simulation.
 *
 * Keys, nonces, session tickets: OpenSSL draws them from a generator of its
 * own, and its functions have no argument through which a loop could be
 * passed.  So while there is a simulation the process has a RAND_METHOD of ours,
 * which asks who runs in this thread: a simulated host, and the numbers are of
 * its seed; else what was there before, which is the system's.  Without a
 * simulation there is nothing of this in a process.
 */

#define OPENSSL_SUPPRESS_DEPRECATED /* 3.0 would have providers; they know no threads either */

#include "sim_private.h"

#include <openssl/rand.h>
#include <pthread.h>

static _Thread_local struct sim_rng *present; /* of the host that runs; NULL: none */

static struct {
	pthread_mutex_t lock;
	unsigned simulations;
	const RAND_METHOD *real; /* stays when they are gone: a thread may be in it still */
} openssl = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct sim_rng *reed_sim_enter(struct reed_loop *loop)
{
	struct sim_host *h = reed_sim_host_of(loop); /* NULL: it only has no threads */
	struct sim_rng *outer = present;

	present = h ? &h->secrets : NULL;
	return outer;
}

void reed_sim_leave(struct sim_rng *outer)
{
	present = outer;
}

/* ---- what OpenSSL calls ---- */

static int rand_bytes(unsigned char *into, int n)
{
	if (!present)
		return openssl.real->bytes(into, n);
	reed_sim_random_bytes(present, into, (size_t)n);
	return 1;
}

static int rand_seed(const void *bytes, int n)
{
	return openssl.real->seed ? openssl.real->seed(bytes, n) : 1;
}

static int rand_add(const void *bytes, int n, double entropy)
{
	return openssl.real->add ? openssl.real->add(bytes, n, entropy) : 1;
}

static int rand_status(void)
{
	return present || !openssl.real->status ? 1 : openssl.real->status();
}

static const RAND_METHOD method = {
	.seed = rand_seed,
	.bytes = rand_bytes,
	.add = rand_add,
	.pseudorand = rand_bytes,
	.status = rand_status,
};

void reed_sim_entropy_begin(void)
{
	pthread_mutex_lock(&openssl.lock);
	if (openssl.simulations++ == 0) {
		openssl.real = RAND_get_rand_method();
		RAND_set_rand_method(&method);
	}
	pthread_mutex_unlock(&openssl.lock);
}

/* Whoever has put a method over ours since knows what to do with it. */
void reed_sim_entropy_end(void)
{
	pthread_mutex_lock(&openssl.lock);
	if (--openssl.simulations == 0 && RAND_get_rand_method() == &method)
		RAND_set_rand_method(openssl.real);
	pthread_mutex_unlock(&openssl.lock);
}
