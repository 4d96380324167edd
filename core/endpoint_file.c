/* The scheme file: what is in one, as if somebody had sent it. */

#include "endpoint_private.h"
#include "os.h"
#include "reed/alloc.h"

static enum reed_err path_of(const struct reed_endpoint *e, char **path, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, 0);

	*path = NULL;
	if (part->value.n == 0) {
		*fault = reed_endpoint_fault(e, part, "the path of a file must stand here");
		return REED_ESYNTAX;
	}
	*path = reed_slice_dup(part->value);
	return REED_OK;
}

static struct reed_future *file_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                     struct reed_stream **out)
{
	struct reed_fault *fault = NULL;
	struct reed_future *f;
	char *path;

	if (path_of(e, &path, &fault))
		return reed_failed_with(loop, fault);
	f = reed_file_dial(loop, path, out);
	reed_free(path);
	return f;
}

static enum reed_err file_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                struct reed_fault **fault)
{
	enum reed_err err;
	char *path;

	(void)use;
	err = path_of(e, &path, fault);
	reed_free(path);
	return err;
}

static void file_needs(const struct reed_endpoint *e, reed_scheme_need_fn *tell, void *arg)
{
	char *path = reed_slice_dup(reed_endpoint_arg(e, 0)->value);

	tell(arg, REED_NEED_READ, path);
	reed_free(path);
}

const struct reed_scheme reed_file_endpoint_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "file",
	.dial_usage = "file:PATH",
	.help = "What is in a file, to its end; nothing can be written.",
	.dial_args = { 1, 1 },
	.dial = file_dial,
	.check = file_check,
	.needs = file_needs,
};
