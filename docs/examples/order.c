/*
 * A shop and a customer on two simulated hosts, tried in three ways.
 *
 *	order script       a partition, by hand; prints when the answer came
 *	order seeds        two hundred worlds full of faults
 *	order everywhere   dropped and interrupted wherever the customer may wait
 *
 * The customer asks until there is an answer; the shop knows an order by its
 * number, so that asking again orders nothing twice.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/sim.h>

enum { PORT = 80, TEN_SECONDS = 10000 };

struct shop {
	bool ordered[100]; /* on disk, so to say: it outlives a crash */
	int count;
};

/* ---- the shop ---- */

struct counter {
	struct reed_protocol protocol;
	struct shop *shop;
};

static size_t counter_data(struct reed_protocol *protocol, struct reed_slice in)
{
	struct counter *self = reed_container_of(protocol, struct counter, protocol);
	size_t n = 0;

	for (; n < in.n; n++) { /* an order is a byte */
		unsigned char order = (unsigned char)in.p[n];

		self->shop->count += !self->shop->ordered[order];
		self->shop->ordered[order] = true;
		reed_write_str(protocol->stream, "thanks\n");
	}
	return n;
}

static void counter_free(struct reed_protocol *protocol)
{
	reed_free(reed_container_of(protocol, struct counter, protocol));
}

static const struct reed_protocol_ops counter_ops = {
	.data = counter_data,
	.free = counter_free,
};

static struct reed_future *counter(void *shop, struct reed_stream *stream)
{
	struct counter *self = reed_alloc(sizeof(*self));

	self->protocol.ops = &counter_ops;
	self->shop = shop;
	return reed_stream_attach(stream, &self->protocol);
}

/* What the host runs, whenever it comes up. */
static struct reed_future *open_shop(void *shop, struct reed_loop *loop)
{
	struct reed_listener *listener;
	enum reed_err err = reed_sim_listen(loop, PORT, &listener);

	return err ? reed_ready(loop, err) : reed_serve(listener, counter, shop, NULL);
}

/* ---- the customer ---- */

struct customer {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice answer;
};

static struct reed_future *dial(struct customer *self)
{
	reed_close(self->stream);
	self->stream = NULL;
	return reed_sim_dial(self->co.loop, "shop", PORT, &self->stream);
}

static struct reed_future *order(struct customer *self)
{
	reed_write_str(self->stream, "\x07");
	return reed_read_line(self->stream, &self->answer);
}

static void customer_run(struct reed_co *co)
{
	struct customer *self = reed_frame(co, struct customer);

	reed_coroutine (co) {
		do {
			reed_await(co, reed_within(TEN_SECONDS, dial(self)));
			if (!co->err)
				reed_await(co, reed_within(TEN_SECONDS, order(self)));
		} while (co->err && co->err != REED_ECANCELED);
		reed_return(co, co->err);
	}
}

static void customer_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct customer)->stream);
}

static const struct reed_co_kind customer_kind = {
	.name = "customer",
	.size = sizeof(struct customer),
	.run = customer_run,
	.end = customer_end,
};

static struct reed_future *customer(struct reed_loop *loop)
{
	struct customer *self = reed_co_new(loop, &customer_kind);

	return reed_start(&self->co);
}

/* ---- by hand ---- */

static int script(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct shop shop = { .count = 0 };
	enum reed_err err;

	reed_sim_boot(sim, "shop", open_shop, &shop);
	reed_sim_add(sim, customer(reed_sim_host(sim, "home")));
	reed_sim_part(sim, "shop", "home");
	reed_sim_run_for(sim, REED_S(60));
	reed_sim_heal(sim, "shop", "home");
	err = reed_sim_run(sim);
	reed_sim_trace(sim, stdout);
	reed_sim_free(sim);
	return err || shop.count != 1;
}

/* ---- over seeds ---- */

static enum reed_err one_order(void *arg, struct reed_sim *sim)
{
	struct shop shop = { .count = 0 };
	enum reed_err err;

	(void)arg;
	reed_sim_boot(sim, "shop", open_shop, &shop);
	reed_sim_add(sim, customer(reed_sim_host(sim, "home")));
	err = reed_sim_run(sim);
	if (shop.count != 1)
		reed_sim_fail(sim, "ordered %d times", shop.count);
	return err;
}

static int seeds(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_link link = REED_SIM_ROUGH;
	uint64_t done;

	faults.crash_every = REED_MS(300);
	faults.down_for = REED_S(2);
	faults.partition_every = REED_S(2);
	faults.partition_for = REED_S(5);
	faults.until = REED_S(60); /* then all must come right */
	world.faults = &faults;
	world.link = &link;
	world.schedule = REED_SIM_SHUFFLED;
	options.sim = &world;
	options.runs = 200;
	options.done = &done;
	if (reed_sim_explore(one_order, NULL, &options))
		return 1;
	printf("%" PRIu64 " worlds, one order in each\n", done);
	return 0;
}

/* ---- at every point ---- */

static struct reed_future *begin(void *shop, struct reed_sim *sim)
{
	memset(shop, 0, sizeof(struct shop));
	reed_sim_boot(sim, "shop", open_shop, shop);
	return customer(reed_sim_host(sim, "home"));
}

static void check(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	struct shop *shop = arg;

	if (shop->count > 1 || (at->err == REED_OK && shop->count == 0))
		reed_sim_fail(sim, "ordered %d times", shop->count);
}

static int everywhere(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	struct shop shop;

	if (reed_sim_each_suspension(begin, check, &shop, &options))
		return 1;
	puts("disturbed wherever it may wait, and nothing was left behind");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "script";

	if (strcmp(what, "seeds") == 0)
		return seeds();
	return strcmp(what, "everywhere") == 0 ? everywhere() : script();
}
