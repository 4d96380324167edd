/* A certificate of our own making, until the operator brings a better one. */

#include "reed/own_cert.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/cert.h"
#include "reed/endpoint.h"
#include "reed/file.h"
#include "reed/offload.h"
#include "reed/random.h"
#include "reed/settings.h"

enum { DAYS = 3650 };

struct make {
	struct reed_job job;
	char *path, *name;
	int64_t wall;
};

static enum reed_err write_new(struct make *self, struct reed_buf *pem, struct reed_fault **fault)
{
	const char *names[] = { self->name, "localhost", "127.0.0.1", "::1", NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;
	enum reed_err err;

	options.wall = self->wall;
	options.names = strcmp(self->name, "localhost") == 0 ? names + 1 : names;
	options.days = DAYS;
	err = reed_cert_make_key(REED_CERT_ECDSA, pem);
	if (!err)
		err = reed_cert_self_sign(reed_buf_slice(pem), &options, pem, fault);
	return err ? err : reed_cert_write(self->path, reed_buf_slice(pem), true, fault);
}

static enum reed_err make_run(struct reed_job *job)
{
	struct make *self = reed_job_frame(job, struct make);
	struct reed_fault *fault = NULL;
	struct reed_buf pem = { .limit = 0 };
	struct reed_file_stamp stamp;
	enum reed_err err;

	if (reed_file_look(self->path, &stamp) == REED_OK)
		return REED_OK;
	err = write_new(self, &pem, &fault);
	reed_wipe(pem.p, pem.size);
	reed_buf_finish(&pem);
	if (err)
		err = reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static void make_end(struct reed_job *job)
{
	struct make *self = reed_job_frame(job, struct make);

	reed_free(self->path);
	reed_free(self->name);
}

static const struct reed_job_kind make_kind = {
	.name = "certificate",
	.size = sizeof(struct make),
	.run = make_run,
	.end = make_end,
};

struct reed_future *reed_own_cert(struct reed_loop *loop, const char *path, const char *name)
{
	struct make *self = reed_job_new(loop, &make_kind);

	self->path = reed_strdup(path);
	self->name = reed_strdup(name);
	self->wall = reed_wall(loop);
	return reed_offload(&self->job);
}

char *reed_own_cert_complete(const char *endpoint, const char *path)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	char *quoted, *complete = NULL;

	if (!reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault) &&
	    reed_slice_is(e.scheme, "tls") && !reed_endpoint_key(&e, "cert")) {
		quoted = reed_endpoint_quote(reed_slice_of(path));
		complete = reed_sprintf("%s:cert=%s", endpoint, quoted);
		reed_free(quoted);
	}
	reed_fault_free(fault); /* who listens will find the same and say where it stands */
	reed_endpoint_finish(&e);
	return complete;
}

static bool check(const char *endpoint, enum reed_endpoint_use use, struct reed_buf *why)
{
	char *completed = reed_own_cert_complete(endpoint, "x");
	bool good = reed_setting_endpoint(completed ? completed : endpoint, use, why);

	reed_free(completed);
	return good;
}

bool reed_own_cert_listens(const char *endpoint, struct reed_buf *why)
{
	return check(endpoint, REED_ENDPOINT_LISTEN, why);
}

bool reed_own_cert_awaits(const char *endpoint, struct reed_buf *why)
{
	return check(endpoint, REED_ENDPOINT_ANY, why);
}
