/* anonymous: lets everybody in as nobody in particular. */

#include "auth_schemes.h"
#include "auth_value.h"
#include "reed/alloc.h"

static struct reed_future *verify(struct reed_checker *self,
                                  const struct reed_credential *credential,
                                  const struct reed_peer *from, struct reed_principal *out)
{
	static const struct reed_principal nobody = { .anonymous = true };

	(void)from;
	if (credential->kind != REED_CREDENTIAL_ANONYMOUS)
		return reed_ready(self->loop, REED_ENOENT);
	return reed_value(self->loop, &nobody, sizeof(nobody), out);
}

static void anonymous_free(struct reed_checker *self)
{
	reed_free(self);
}

static const struct reed_checker_ops anonymous_ops = {
	.name = "anonymous",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_ANONYMOUS),
	.verify = verify,
	.free = anonymous_free,
};

static enum reed_err anonymous_probe(struct reed_slice argument,
                                     const struct reed_checker_options *options,
                                     struct reed_fault **fault)
{
	(void)options;
	if (argument.n == 0)
		return REED_OK;
	*fault = reed_fault(REED_EINVAL, NULL, "anonymous: nothing comes after the colon");
	return REED_EINVAL;
}

static struct reed_future *anonymous_open(struct reed_loop *loop, struct reed_slice argument,
                                          const struct reed_checker_options *options,
                                          struct reed_checker **out)
{
	struct reed_fault *fault = NULL;
	struct reed_checker *self;

	if (anonymous_probe(argument, options, &fault))
		return reed_failed_with(loop, fault);
	self = reed_alloc(sizeof(*self));
	*self = (struct reed_checker){ .ops = &anonymous_ops, .loop = loop };
	return reed_value_owned(loop, self, 0, out, NULL);
}

struct reed_checker_scheme reed_anonymous_scheme = {
	.name = "anonymous",
	.form = "anonymous:",
	.help = "Everybody may come in, as nobody in particular.\n",
	.open = anonymous_open,
	.probe = anonymous_probe,
};
