/* The body of a request on its way up, while its answer may be coming already. */

#include "client_h2.h"
#include "relay.h"

struct climb {
	struct reed_co co;
	struct upload *of;
	struct reed_slice piece;
};

/* The answer is waited for on the same way: whoever does hears of it there. */
static void give_up(struct upload *self, enum reed_err err, const char *why)
{
	self->given_up = true;
	if (self->ask)
		ask_break(self->ask, err);
	else
		reed_stream_break(self->to,
		                  reed_fault_new(err, NULL, __FILE__, __LINE__, "%s", why));
}

/* ---- one piece after the other ---- */

static void put(struct upload *self, struct reed_slice bytes)
{
	self->touched = true;
	if (self->ask)
		ask_write(self->ask, bytes);
	else
		self->manner->piece(self->to, bytes);
}

static bool must_drain(const struct upload *self)
{
	return self->ask ? ask_must_drain(self->ask) : reed_must_drain(self->to);
}

static struct reed_future *drain(struct upload *self)
{
	return self->ask ? ask_drain(self->ask) : reed_drain(self->to);
}

static void put_end(struct upload *self)
{
	if (self->ask)
		ask_end(self->ask);
	else if (self->manner->over)
		self->manner->over(self->to);
}

static void climb_run(struct reed_co *co)
{
	struct climb *self = reed_frame(co, struct climb);
	struct upload *of = self->of;

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_http_read(of->request, &self->piece));
			if (co->err) {
				of->err = co->err;
				give_up(of, co->err, "the client's body failed");
				reed_return(co, REED_OK);
			}
			if (self->piece.n == 0)
				break;
			put(of, self->piece);
			if (!must_drain(of))
				continue;
			reed_await(co, reed_within(of->silent_ms, drain(of)));
			if (co->err == REED_ETIMEDOUT)
				give_up(of, REED_ETIMEDOUT, "it takes nothing of the body");
			if (co->err) /* it may have answered before it closed */
				reed_return(co, REED_OK);
		}
		put_end(of);
	}
}

static const struct reed_co_kind climb_kind = { "upload", sizeof(struct climb), climb_run, NULL,
	                                        NULL };

static void ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct upload *self = reed_container_of(w, struct upload, waiter);

	(void)err; /* it says what is wrong in of->err, or to the stream */
	self->ended = reed_now(self->request->loop);
	reed_fault_free(fault);
}

void upload_begin(struct upload *self, const struct upload_manner *manner)
{
	struct climb *climb;

	self->manner = manner;
	self->ended = reed_now(self->request->loop);
	if (self->request->head.framing == REED_HTTP_NO_BODY) {
		if (!self->ask && manner->over && manner != &upload_chunked)
			manner->over(self->to);
		return;
	}
	self->begun = true;
	self->waiter.wake = ended;
	climb = reed_co_new(self->request->loop, &climb_kind);
	climb->of = self;
	reed_wait(reed_start(&climb->co), &self->waiter);
}

void upload_stop(struct upload *self)
{
	if (self->waiter.future)
		reed_unwait(self->request->loop, &self->waiter);
}

bool upload_excuses(const struct upload *self, int64_t first_ms)
{
	if (!self->begun || self->given_up)
		return false;
	return upload_goes_on(self) ||
	       reed_now(self->request->loop) - self->ended < REED_MS(first_ms);
}

/* ---- manners ---- */

void upload_pass(struct reed_stream *to, struct reed_slice bytes)
{
	reed_write(to, bytes);
}

static void chunk(struct reed_stream *to, struct reed_slice bytes)
{
	reed_printf(to, "%zx\r\n", bytes.n);
	reed_write(to, bytes);
	reed_write(to, REED_STR("\r\n"));
}

static void last_chunk(struct reed_stream *to)
{
	reed_write(to, REED_STR("0\r\n\r\n"));
}

const struct upload_manner upload_plain = { .piece = upload_pass };
const struct upload_manner upload_chunked = { .piece = chunk, .over = last_chunk };
