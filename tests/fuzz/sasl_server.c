/*
 * A client that says what it likes: the mechanism, then its messages, a line
 * each ("\" for none at all).  A '@' is the nonce of the server.  Nobody comes
 * in by SCRAM, as nobody knows the password.
 */

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/sasl.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- a checker that derives nothing, so that it is quick ---- */

static struct reed_future *find(struct reed_checker *self, const struct reed_lookup *what,
                                struct reed_principal *out)
{
	static const uint8_t key[REED_KEY_BYTES];

	if (what->by != REED_BY_NAME || strcmp(what->name, "alice") != 0)
		return reed_ready(self->loop, REED_ENOENT);
	*out = (struct reed_principal){ .name = "alice", .has_password = true };
	reed_verifier_fake(key, REED_STR("alice"), REED_ITERATIONS, &out->verifier);
	return reed_ready(self->loop, REED_OK);
}

static struct reed_future *verify(struct reed_checker *self, const struct reed_credential *c,
                                  const struct reed_peer *from, struct reed_principal *out)
{
	(void)from;
	*out = (struct reed_principal){ .name = "alice" };
	if (c->kind == REED_CREDENTIAL_PASSWORD && !reed_slice_is(c->secret, "secret"))
		return reed_ready(self->loop, REED_EAUTH);
	return reed_ready(self->loop, REED_OK);
}

static void checker_free(struct reed_checker *self)
{
	reed_free(self);
}

static const struct reed_checker_ops records = {
	.name = "records",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM),
	.find = find,
	.free = checker_free,
};

static const struct reed_checker_ops others = {
	.name = "others",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_CERTIFICATE) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_ANONYMOUS),
	.verify = verify,
	.free = checker_free,
};

static void add(struct reed_portal *portal, struct reed_loop *loop,
                const struct reed_checker_ops *ops)
{
	struct reed_checker *checker = reed_alloc(sizeof(*checker));

	*checker = (struct reed_checker){ .ops = ops, .loop = loop };
	reed_portal_add(portal, checker);
}

/* Made once; the fuzzer's process is where they end. */
static struct reed_loop *loop;
static struct reed_portal *portal;

static void open_house(void)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;

	if (loop)
		return;
	o.limits.none = true;
	o.rules = &reed_auth_rules_unicode;
	check(!reed_loop_new(NULL, &loop));
	portal = reed_portal_new(loop, &o);
	add(portal, loop, &records);
	add(portal, loop, &others);
}

/* ---- the dialogue ---- */

/* The server's last words, in which its nonce is. */
static void keep_nonce(char nonce[REED_SASL_MESSAGE], struct reed_slice said)
{
	struct reed_slice rest = reed_slice_from(said, 2);

	if (reed_slice_starts(said, REED_STR("r=")))
		reed_slice_copy(nonce, REED_SASL_MESSAGE, reed_slice_cut(&rest, ','));
}

static void put_nonce(struct reed_buf *out, struct reed_slice line, const char *nonce)
{
	reed_buf_clear(out);
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '@')
			reed_buf_add_str(out, nonce);
		else
			reed_buf_add_char(out, line.p[i]);
	}
}

static void talk(struct reed_sasl *server, struct reed_slice rest, bool scram)
{
	struct reed_sasl_reply reply = { 0 };
	char nonce[REED_SASL_MESSAGE] = "";
	enum reed_err err = REED_OK;
	struct reed_buf line;

	reed_buf_init(&line, 0);
	while (!err && !reply.done && rest.n > 0) {
		struct reed_slice said = reed_slice_cut(&rest, '\n'), in;

		put_nonce(&line, said, nonce);
		in = reed_slice_is(said, "\\") ? REED_SASL_NOTHING : reed_buf_slice(&line);
		err = reed_loop_run_until(loop, reed_sasl_step(server, in, &reply), NULL);
		check(err == REED_OK || err == REED_EPROTO || err == REED_EAUTH);
		if (!err && reply.has_data)
			keep_nonce(nonce, reply.data);
	}
	check(!reply.done == !reply.avatar);
	check(!scram || !reply.done);
	reed_avatar_logout(reply.avatar);
	reed_buf_finish(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reed_certificate certificate;
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_slice rest = reed_slice(data, size), mechanism = reed_slice_cut(&rest, '\n');
	struct reed_sasl *server;

	open_house();
	o.portal = portal;
	o.interface = "chat";
	o.host = "example.org";
	o.certificate = &certificate;
	o.channel = (struct reed_sasl_channel){ .secure = true, .exporter = REED_STR("binding") };
	if (reed_sasl_new(&o, mechanism, &server))
		return 0;
	talk(server, rest,
	     reed_slice_starts(mechanism, REED_STR("S")) ||
	             reed_slice_starts(mechanism, REED_STR("s")));
	reed_sasl_free(server);
	return 0;
}
