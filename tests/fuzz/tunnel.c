/*
 * What a proxy may answer.  The first byte chooses the protocol, and whether
 * we have a password; what follows is heard as it would come, piece by piece.
 */

#include "check.h"
#include "core/tunnel_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct reed_talk_ops *const kinds[] = { &reed_socks5_talk, &reed_socks4a_talk,
	                                             &reed_connect_talk };

/* How much of in was taken until it was through, has failed or wants more. */
static enum reed_err talk(struct reed_talk *t, struct reed_slice in, size_t step)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = t->ops->begin(t, &fault);
	size_t here = 0, n;

	while (!err && !t->done) {
		reed_buf_clear(&t->out);
		n = 0;
		err = t->ops->hear(t, reed_slice_first(in, here), &n, &fault);
		check((fault != NULL) == (err && err != REED_EAGAIN));
		if (!err) {
			check(n > 0 && n <= here);
			in = reed_slice_from(in, n);
			here -= n;
		} else if (err == REED_EAGAIN && here < in.n) {
			check(here < REED_TUNNEL_ANSWER);
			here = here + step < in.n ? here + step : in.n;
			err = REED_OK;
		}
	}
	check(!fault || !t->password || !strstr(fault->sentence, t->password));
	reed_fault_free(fault);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;
	struct reed_slice in = { (const char *)data, size };
	struct reed_fault *fault = NULL;
	enum reed_err whole, pieces;
	struct reed_talk t;
	int kind, choice;

	if (size < 1)
		return 0;
	choice = data[0] % 6;
	kind = choice % 3;
	in = reed_slice_from(in, 1);
	o.host = "example.org";
	o.port = 443;
	o.user = choice >= 3 ? "alice" : NULL;
	o.password = choice >= 3 && kind != 1 ? "sesame" : NULL;
	check_int(reed_talk_init(&t, kinds[kind], &o, &fault), REED_OK);
	whole = talk(&t, in, in.n + 1);
	reed_talk_finish(&t);
	check_int(reed_talk_init(&t, kinds[kind], &o, &fault), REED_OK);
	pieces = talk(&t, in, 1);
	reed_talk_finish(&t);
	check_int(whole, pieces);
	return 0;
}
