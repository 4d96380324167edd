/* The schemes log and throttle, and the keys that every listener has: limits and timeouts. */

#include <string.h>

#include "endpoint_wrap.h"
#include "private.h"
#include "reed/file.h"
#include "reed/policy.h"
#include "reed/traffic.h"

/* ---- log ---- */

struct log_args {
	struct reed_loop *loop;
	char *path;
};

static void log_end(void *arg)
{
	struct log_args *self = arg;

	reed_free(self->path);
	reed_free(self);
}

static enum reed_err open_traffic(struct log_args *self, struct reed_traffic **traffic,
                                  struct reed_fault **fault)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;

	o.path = self->path;
	return reed_traffic_open(self->loop, &o, traffic, fault);
}

static enum reed_err log_listening(void *arg, struct reed_listener **listener,
                                   struct reed_fault **fault)
{
	struct reed_traffic *traffic;
	enum reed_err err = open_traffic(arg, &traffic, fault);

	if (!err)
		*listener = reed_traffic_listener(*listener, traffic);
	return err;
}

static struct reed_future *log_dialled(void *arg, struct reed_stream **stream)
{
	struct reed_fault *fault = NULL;
	struct reed_traffic *traffic;

	if (open_traffic(arg, &traffic, &fault))
		return reed_failed_with((*stream)->loop, fault);
	*stream = reed_traffic_stream(*stream, traffic);
	return NULL;
}

static const struct reed_wrap_ops log_wrap = {
	.listening = log_listening,
	.dialled = log_dialled,
	.end = log_end,
};

static struct log_args *log_args(struct reed_loop *loop, const struct reed_endpoint *e)
{
	struct log_args *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->path = reed_endpoint_text(e, "file");
	return self;
}

static struct reed_future *log_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_listener **out)
{
	return reed_wrap_listen(loop, e, &log_wrap, log_args(loop, e), out);
}

static struct reed_future *log_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **out)
{
	return reed_wrap_dial(loop, e, &log_wrap, log_args(loop, e), out);
}

static enum reed_err log_probe(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	char *path = reed_endpoint_text(e, "file");
	enum reed_err err = path ? reed_file_probe_end(path, fault) : REED_OK;

	(void)use;
	reed_free(path);
	return err;
}

static const struct reed_scheme_key log_keys[] = {
	{ "file", "is added to, for its owner and group only; without it standard error" },
	{ NULL, NULL },
};

const struct reed_scheme reed_log_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "log",
	.listen_usage = "log:[ENDPOINT]:file=FILE",
	.dial_usage = "log:[ENDPOINT]:file=FILE",
	.help = "Another endpoint, with all that goes over it in a file; passwords too.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 1 },
	.dial_host = REED_SCHEME_HOST_INSIDE,
	.keys = log_keys,
	.listen = log_listen,
	.dial = log_dial,
	.check = reed_wrap_check,
	.probe = log_probe,
};

/* ---- throttle ---- */

static void throttle_end(void *arg)
{
	reed_policy_release(arg);
}

static enum reed_err throttle_listening(void *arg, struct reed_listener **listener,
                                        struct reed_fault **fault)
{
	(void)fault;
	*listener = reed_throttle_listener(*listener, arg);
	return REED_OK;
}

static struct reed_future *throttle_dialled(void *arg, struct reed_stream **stream)
{
	*stream = reed_throttle(*stream, arg);
	return NULL;
}

static const struct reed_wrap_ops throttle_wrap = {
	.listening = throttle_listening,
	.dialled = throttle_dialled,
	.end = throttle_end,
};

/* Bytes: "64k", "10M". */
static enum reed_err take_bytes(const struct reed_endpoint *e, const char *key, uint64_t *out,
                                struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);
	struct reed_slice digits;
	unsigned shift = 0;

	if (!part)
		return REED_OK;
	digits = part->value;
	if (reed_slice_ends(digits, REED_STR("k")))
		shift = 10;
	else if (reed_slice_ends(digits, REED_STR("M")))
		shift = 20;
	digits = reed_slice_first(digits, digits.n - (shift > 0));
	if (!reed_slice_u64(digits, ((uint64_t)1 << 32) >> shift, out) && *out > 0) {
		*out <<= shift;
		return REED_OK;
	}
	*fault = reed_endpoint_fault(e, part,
	                             "bytes must stand here, up to 4096M, such as 800, 64k or 10M");
	return REED_ESYNTAX;
}

static enum reed_err take_rates(const struct reed_endpoint *e, struct reed_policy_options *o,
                                struct reed_fault **fault)
{
	static const char *const names[] = { "rate", "rate-address", "rate-net", "rate-all" };
	uint64_t burst = 0;
	enum reed_err err = take_bytes(e, "burst", &burst, fault);
	bool any = false;

	for (int i = 0; i < REED_POLICY_LEVELS && !err; i++) {
		err = take_bytes(e, names[i], &o->bytes[i].amount, fault);
		any = any || o->bytes[i].amount > 0;
	}
	o->bytes[REED_POLICY_CONNECTION].burst = burst;
	if (!err && burst && !o->bytes[REED_POLICY_CONNECTION].amount) {
		*fault = reed_endpoint_fault(e, reed_endpoint_key(e, "burst"),
		                             "a burst needs a rate=BYTES");
		return REED_ESYNTAX;
	}
	if (!err && !any) {
		*fault = reed_endpoint_fault(e, NULL,
		                             "a rate is missing; write rate=64k, or another of "
		                             "those that `reed endpoints` lists");
		return REED_ESYNTAX;
	}
	return err;
}

static struct reed_future *throttle_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                           struct reed_listener **out)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	struct reed_fault *fault = NULL;

	if (take_rates(e, &o, &fault))
		return reed_failed_with(loop, fault);
	return reed_wrap_listen(loop, e, &throttle_wrap, reed_policy_new(loop, &o), out);
}

static struct reed_future *throttle_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                         struct reed_stream **out)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	struct reed_fault *fault = NULL;

	if (take_rates(e, &o, &fault))
		return reed_failed_with(loop, fault);
	return reed_wrap_dial(loop, e, &throttle_wrap, reed_policy_new(loop, &o), out);
}

static enum reed_err throttle_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                    struct reed_fault **fault)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	enum reed_err err = take_rates(e, &o, fault);

	return err ? err : reed_wrap_check(e, use, fault);
}

static const struct reed_scheme_key throttle_keys[] = {
	{ "rate", "bytes a second of each connection, each way for itself: 800, 64k, 10M" },
	{ "burst", "bytes that may go at once after a rest; without it those of a second" },
	{ "rate-address", "bytes a second of all connections from one address; listening" },
	{ "rate-net", "the same for an IPv4 /24 or an IPv6 /64" },
	{ "rate-all", "the same for all connections" },
	{ NULL, NULL },
};

const struct reed_scheme reed_throttle_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "throttle",
	.listen_usage = "throttle:[ENDPOINT]:rate=64k[:rate-address=256k][:rate-all=10M]",
	.dial_usage = "throttle:[ENDPOINT]:rate=64k[:burst=128k]",
	.help = "Another endpoint, no faster than that.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 1 },
	.dial_host = REED_SCHEME_HOST_INSIDE,
	.keys = throttle_keys,
	.listen = throttle_listen,
	.dial = throttle_dial,
	.check = throttle_check,
};
