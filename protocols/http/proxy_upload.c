/* The body of a request on its way up, while its answer may be coming already. */

#include "relay.h"

struct climb {
	struct reed_co co;
	struct upload *of;
	struct reed_slice piece;
};

/* The answer is waited for on the same stream: whoever does hears of it there. */
static void give_up(struct upload *self, enum reed_err err, const char *why)
{
	self->given_up = true;
	reed_stream_break(self->to, reed_fault_new(err, NULL, __FILE__, __LINE__, "%s", why));
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
			of->touched = true;
			of->manner->piece(of->to, self->piece);
			if (!reed_must_drain(of->to))
				continue;
			reed_await(co, reed_within(of->silent_ms, reed_drain(of->to)));
			if (co->err == REED_ETIMEDOUT)
				give_up(of, REED_ETIMEDOUT, "it takes nothing of the body");
			if (co->err) /* it may have answered before it closed */
				reed_return(co, REED_OK);
		}
		if (of->manner->over)
			of->manner->over(of->to);
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
		if (manner->over && manner != &upload_chunked)
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
