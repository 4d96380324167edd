/* What must not compile: one of the cases is defined, and an error is expected. */

#include "reed/buf.h"
#include "reed/co.h"
#include "reed/loop.h"
#include "reed/stream.h"

struct frame {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	int balance;
};

void refused_run(struct reed_co *co);

void refused_run(struct reed_co *co)
{
	struct frame *self = reed_frame(co, struct frame);

	reed_coroutine (co) {
		reed_no_await { /* all cases off: this is fine */
			self->balance++;
			self->balance--;
		}
		reed_try(co, reed_sleep(co->loop, 1));
		if (self->balance) {
			int half = self->balance / 2; /* as is a local between two awaits */

			self->balance = half;
		}
#ifdef AWAIT_IN_NO_AWAIT
		reed_no_await {
			self->balance--;
			reed_await(co, reed_sleep(co->loop, 1));
			self->balance++;
		}
#endif
#ifdef TRY_IN_NO_AWAIT
		reed_no_await {
			reed_try(co, reed_sleep(co->loop, 1));
		}
#endif
#ifdef LOCAL_ACROSS_AWAIT
		int balance = self->balance;

		reed_try(co, reed_sleep(co->loop, 1));
		self->balance = balance + 1;
#endif
#ifdef LOOP_VARIABLE_ACROSS_AWAIT
		for (int i = 0; i < 3; i++)
			reed_try(co, reed_sleep(co->loop, i));
#endif
#ifdef TWO_AWAITS_ON_A_LINE
		/* clang-format off */
		reed_try(co, reed_sleep(co->loop, 1)); reed_try(co, reed_sleep(co->loop, 1));
		/* clang-format on */
#endif
#ifdef FRAME_OF_ANOTHER_TYPE
		self = reed_frame(&self->balance, struct frame);
#endif
#ifdef LINE_INTO_NO_SLICE
		reed_try(co, reed_read_line(self->stream, &self->balance));
#endif
#ifdef STRING_WITHOUT_LITERAL
		self->line = REED_STR(co->file);
#endif
#ifdef FORMAT_THAT_DOES_NOT_FIT
		reed_printf(self->stream, "%s", self->balance);
#endif
#ifdef FORMAT_OF_A_REASON_THAT_DOES_NOT_FIT
		reed_return(co, reed_because(co, REED_EIO, "%d", self->line.p));
#endif
#ifdef KIND_THAT_CHANGES
		self->stream->ops->read = NULL;
#endif
	}
}
