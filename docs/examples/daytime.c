/*
 * A clock on the network (RFC 867), and who asks it, wherever the endpoints say.
 *
 *	daytime serve ENDPOINT
 *	daytime ask ENDPOINT
 *	daytime simulate SERVE ASK      both, on the simulated hosts "clock" and "home"
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/random.h>
#include <reed/sim.h>

/* ---- the clock ---- */

static struct reed_future *tell_time(void *arg, struct reed_stream *stream)
{
	time_t now = (time_t)(reed_wall(stream->loop) / REED_S(1));
	struct tm t;

	(void)arg;
	gmtime_r(&now, &t);
	reed_printf(stream, "%04d-%02d-%02d %02d:%02d\n", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
	            t.tm_hour, t.tm_min);
	reed_close(stream);
	return reed_ready(stream->loop, REED_OK);
}

static struct reed_future *serve(void *endpoint, struct reed_loop *loop)
{
	return reed_listen_and_serve(loop, endpoint, tell_time, NULL, NULL);
}

/* ---- who asks ---- */

struct ask {
	struct reed_co co;
	const char *endpoint;
	struct reed_stream *stream;
	struct reed_slice answer;
};

static void ask_run(struct reed_co *co)
{
	struct ask *self = reed_frame(co, struct ask);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		reed_try(co, reed_read_line(self->stream, &self->answer));
		printf(REED_FMT "\n", REED_ARG(self->answer));
	}
}

static void ask_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct ask)->stream);
}

static const struct reed_co_kind ask_kind = {
	.name = "ask",
	.size = sizeof(struct ask),
	.run = ask_run,
	.end = ask_end,
};

static struct reed_future *ask(struct reed_loop *loop, const char *endpoint)
{
	struct ask *self = reed_co_new(loop, &ask_kind);

	self->endpoint = endpoint;
	return reed_start(&self->co);
}

/* ---- in the world and in a simulated one ---- */

static enum reed_err run(char **argv, struct reed_fault **fault)
{
	bool asks = strcmp(argv[1], "ask") == 0;
	struct reed_loop *loop;
	enum reed_err err = reed_loop_new(NULL, &loop);

	if (err)
		return err;
	err = reed_loop_run_until(loop, asks ? ask(loop, argv[2]) : serve(argv[2], loop), fault);
	reed_loop_free(loop);
	return err;
}

static enum reed_err simulate(char **argv, struct reed_fault **fault)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	enum reed_err err;

	reed_sim_boot(sim, "clock", serve, argv[2]);
	err = reed_sim_run_until(sim, ask(reed_sim_host(sim, "home"), argv[3]), fault);
	reed_sim_free(sim);
	return err;
}

int main(int argc, char **argv)
{
	struct reed_fault *fault = NULL;
	enum reed_err err;

	if (argc < 3 || argc > 4) {
		fputs("daytime serve|ask ENDPOINT, or daytime simulate SERVE ASK\n", stderr);
		return 2;
	}
	err = argc == 4 ? simulate(argv, &fault) : run(argv, &fault);
	if (err)
		fprintf(stderr, "daytime: %s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err != REED_OK;
}
