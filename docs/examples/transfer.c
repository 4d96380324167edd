/*
 * A ledger, and a bug that only an unlucky schedule shows.
 *
 *	transfer           a thousand schedules, and the account is never overdrawn
 *	transfer hasty     the same with an await in the wrong place
 *
 * Three people pay from one account, at about the same time.  What has been
 * checked must not change before it is acted on; whether it can is visible,
 * since nothing else runs but at an await.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <reed/co.h>
#include <reed/random.h>
#include <reed/sim.h>

enum { PEOPLE = 3, PRICE = 7000 };

struct bank {
	int64_t account, shop; /* cents */
	bool hasty;
};

struct transfer {
	struct reed_co co;
	struct bank *bank;
};

static bool has_funds(const struct bank *bank)
{
	return bank->account >= PRICE;
}

static void move(struct bank *bank)
{
	bank->account -= PRICE;
	bank->shop += PRICE;
}

/* A line in a log, a row in a database: it takes its time, and others go on. */
static struct reed_future *write_down(struct reed_loop *loop, const char *what)
{
	reed_sim_note(reed_sim_of(loop), "%s", what);
	return reed_sleep_ns(loop, (int64_t)reed_random_below(loop, REED_MS(2)));
}

/* At about the same time. */
static struct reed_future *go_shopping(struct reed_loop *loop)
{
	return reed_sleep(loop, (int64_t)reed_random_below(loop, 20));
}

static void transfer_run(struct reed_co *co)
{
	struct bank *bank = reed_frame(co, struct transfer)->bank;

	reed_coroutine (co) {
		reed_try(co, go_shopping(co->loop));
		reed_no_await {
			if (!has_funds(bank))
				reed_return(co, REED_OK);
			move(bank);
		}
		reed_try(co, write_down(co->loop, "paid 70.00"));
		reed_try(co, write_down(co->loop, "told the customer"));
	}
}

static void hasty_run(struct reed_co *co)
{
	struct bank *bank = reed_frame(co, struct transfer)->bank;

	reed_coroutine (co) {
		reed_try(co, go_shopping(co->loop));
		if (!has_funds(bank))
			reed_return(co, REED_OK);
		reed_try(co, write_down(co->loop, "has the funds"));
		move(bank);
		reed_try(co, write_down(co->loop, "paid 70.00"));
	}
}

static const struct reed_co_kind transfer_kind = {
	.name = "transfer",
	.size = sizeof(struct transfer),
	.run = transfer_run,
};

static const struct reed_co_kind hasty_kind = {
	.name = "hasty transfer",
	.size = sizeof(struct transfer),
	.run = hasty_run,
};

static struct reed_future *transfer(struct reed_loop *loop, struct bank *bank)
{
	struct transfer *self = reed_co_new(loop, bank->hasty ? &hasty_kind : &transfer_kind);

	self->bank = bank;
	return reed_start(&self->co);
}

/* One run: the seed says how long everything takes, and who goes first. */
static enum reed_err pay(void *arg, struct reed_sim *sim)
{
	struct bank bank = { .account = 10000, .hasty = *(bool *)arg };
	struct reed_loop *loop = reed_sim_host(sim, "bank");
	enum reed_err err;

	for (int i = 0; i < PEOPLE; i++)
		reed_sim_add(sim, transfer(loop, &bank));
	err = reed_sim_run(sim);
	if (bank.account < 0)
		reed_sim_fail(sim, "the account is overdrawn: %" PRId64 " cents", bank.account);
	if (bank.account + bank.shop != 10000)
		reed_sim_fail(sim, "money was made or lost");
	return err;
}

int main(int argc, char **argv)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	bool hasty = argc > 1 && strcmp(argv[1], "hasty") == 0;
	uint64_t done;

	options.runs = 1000;
	options.out = stdout;
	options.done = &done;
	if (reed_sim_explore(pay, &hasty, &options))
		return 1;
	printf("%" PRIu64 " schedules, and the account is never overdrawn\n", done);
	return 0;
}
