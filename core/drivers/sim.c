/*
 * The driver of a simulated host: the clock is the simulation's, entropy comes
 * from the seed, sockets are those of sim_socket.c.  It waits for no system,
 * and a descriptor may be watched but is never ready.
 */

#include "../sim_private.h"

static struct sim_host *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct sim_host, driver);
}

static void sim_driver_close(struct reed_driver *d)
{
	reed_sim_loop_gone(self_of(d));
}

static enum reed_err sim_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	(void)d;
	(void)w;
	(void)events;
	return REED_OK;
}

/* A thousand turns of news in no time are a loop; on a real host time would pass with them. */
static void count_spins(struct sim_host *h)
{
	int64_t now = h->sim->now;

	h->spins = h->spins_at == now ? h->spins + 1 : 0;
	h->spins_at = now;
	if (h->spins > 0 && h->spins % SIM_SPINS == 0)
		reed_sim_event_set(h->sim, &h->rested, now + REED_MS(1), SIM_HARD);
}

/*
 * Of ns > 0 somebody outside waits in this one loop: then the rest of the
 * world goes on, until there is something for it.  Each of the news is told
 * once; it stays among them until it is none any more.
 */
static int sim_wait(struct reed_driver *d, int64_t ns, struct reed_event *events, int room)
{
	struct sim_host *h = self_of(d);
	struct reed_list now, *link;

	(void)events;
	(void)room;
	if (ns > 0)
		reed_sim_pass(h, ns);
	h->loop->now = h->sim->now;
	if (!reed_list_empty(&h->news))
		count_spins(h);
	reed_list_init(&now);
	reed_list_splice(&now, &h->news);
	while ((link = reed_list_take(&now))) {
		struct sim_news *news = reed_container_of(link, struct sim_news, link);

		reed_list_append(&h->news, link);
		h->loop->stats.events++;
		news->tell(news);
	}
	return 0;
}

static void sim_wake(struct reed_driver *d)
{
	atomic_store(&self_of(d)->sim->woken, true);
}

static int sim_host(struct reed_driver *d, int64_t at)
{
	reed_sim_set_deadline(self_of(d), at);
	return (int)REED_ENOTSUP;
}

static int64_t sim_now(struct reed_driver *d)
{
	return self_of(d)->sim->now;
}

static int64_t sim_wall(struct reed_driver *d)
{
	struct sim_host *h = self_of(d);

	return h->sim->options.start + reed_sim_now(h->sim) + h->wall_step;
}

static void sim_random(struct reed_driver *d, void *into, size_t n)
{
	reed_sim_random_bytes(&self_of(d)->entropy, into, n);
}

static const struct reed_driver_ops sim_ops = {
	.name = "sim",
	.close = sim_driver_close,
	.arm = sim_arm,
	.wait = sim_wait,
	.wake = sim_wake,
	.host = sim_host,
	.now = sim_now,
	.wall = sim_wall,
	.random = sim_random,
};

void reed_sim_driver_init(struct sim_host *h)
{
	h->driver = (struct reed_driver){ .ops = &sim_ops, .net = &reed_sim_net };
}

bool reed_sim_job_takes(struct reed_loop *loop, int64_t *ns)
{
	struct sim_host *h = reed_sim_host_of(loop);

	if (!h || !h->sim->options.job_mean)
		return false;
	if (ns)
		*ns = reed_sim_exponential(&h->io, h->sim->options.job_mean / 2);
	return true;
}

struct sim_host *reed_sim_host_of(const struct reed_loop *loop)
{
	return loop->driver->ops == &sim_ops ? self_of(loop->driver) : NULL;
}
