/*
 * A server that says what it likes: the mechanisms it offers, then its messages,
 * a line each.  A '@' is the nonce of the client.  No server is believed, as none
 * knows the password.
 */

#include "reed/sasl.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reed_loop *loop;

static void put_nonce(struct reed_buf *out, struct reed_slice line, struct reed_slice nonce)
{
	reed_buf_clear(out);
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '@')
			reed_buf_add(out, nonce);
		else
			reed_buf_add_char(out, line.p[i]);
	}
}

static void talk(struct reed_sasl_client *client, struct reed_slice rest)
{
	struct reed_sasl_reply reply = { 0 };
	struct reed_slice nonce = REED_STR("");
	char first[256] = "";
	enum reed_err err;
	struct reed_buf line;

	reed_buf_init(&line, 0);
	err = reed_loop_run_until(loop, reed_sasl_client_step(client, REED_SASL_NOTHING, &reply),
	                          NULL);
	check(!err);
	if (reed_slice_copy(first, sizeof(first), reply.data)) {
		nonce = reed_slice_of(first);
		nonce = reed_slice_from(nonce, reed_slice_search(nonce, REED_STR(",r=")) + 3);
	}
	while (!err && rest.n > 0) {
		put_nonce(&line, reed_slice_cut(&rest, '\n'), nonce);
		err = reed_loop_run_until(
			loop, reed_sasl_client_step(client, reed_buf_slice(&line), &reply), NULL);
		check(err == REED_OK || err == REED_EPROTO);
	}
	if (reed_slice_starts(reed_slice_of(reed_sasl_client_mechanism(client)), REED_STR("SCRAM")))
		check(reed_sasl_client_succeed(client, reed_buf_slice(&line)) == REED_EAUTH);
	reed_buf_finish(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_sasl_client_options o = REED_SASL_CLIENT_OPTIONS;
	struct reed_slice rest = reed_slice(data, size), offered = reed_slice_cut(&rest, '\n');
	struct reed_sasl_client *client;

	if (!loop)
		check(!reed_loop_new(NULL, &loop));
	o.user = "alice";
	o.password = "wonderland";
	o.iterations_max = 4096;
	o.channel = (struct reed_sasl_channel){ .secure = true, .exporter = REED_STR("binding") };
	if (reed_sasl_client_new(loop, &o, offered, &client, NULL))
		return 0;
	talk(client, rest);
	reed_sasl_client_free(client);
	return 0;
}
