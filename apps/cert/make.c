/* reed cert new, ca, request, sign. */

#include "cert.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/file.h"

/* What is made is several PEM texts; each that held a key is wiped. */
struct made {
	struct reed_buf key, cert, request, ca;
	struct reed_fault *fault;
	enum reed_err err;
};

static void wipe(struct reed_buf *b)
{
	if (b->p)
		reed_wipe(b->p, b->size);
	reed_buf_finish(b);
}

static int finish(struct made *m)
{
	wipe(&m->key);
	wipe(&m->ca);
	wipe(&m->cert);
	wipe(&m->request);
	return m->err ? reed_cert_failed(m->fault, m->err) : 0;
}

static struct reed_cert_options options_of(const struct cert_order *order)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;

	o.wall = order->wall;
	o.days = order->days;
	o.names = order->names;
	return o;
}

/* "*.example.org" is no good beginning of a file's name. */
static char *path_for(const char *out, const char *name, const char *suffix)
{
	if (out)
		return reed_strdup(out);
	if (strncmp(name, "*.", 2) == 0)
		name += 2;
	return reed_sprintf("%s%s", name, suffix);
}

/* A key that is overwritten is lost. */
static enum reed_err is_free(const char *path, struct reed_fault **fault)
{
	struct reed_file_stamp stamp;

	if (reed_file_look(path, &stamp) == REED_ENOENT)
		return REED_OK;
	*fault = reed_fault(REED_EEXIST, NULL,
	                    "%s exists already: remove it first, or name another "
	                    "file with --out",
	                    path);
	return REED_EEXIST;
}

static void put(struct made *m, const char *path, struct reed_slice pem, bool secret)
{
	if (!m->err)
		m->err = reed_cert_write(path, pem, secret, &m->fault);
	if (!m->err)
		printf("%s written%s\n", path, secret ? ", for nobody but you to read" : "");
}

static void describe(const struct made *m, int64_t wall)
{
	struct reed_slice none = { NULL, 0 };
	struct reed_buf words = { .limit = 0 };
	struct reed_cert *cert;

	if (m->err || reed_cert_read(reed_buf_slice(&m->cert), none, wall, &cert, NULL))
		return;
	reed_cert_print(cert, wall, &words);
	printf(REED_FMT, REED_ARG(reed_buf_slice(&words)));
	reed_buf_finish(&words);
	reed_cert_free(cert);
}

/* By way of a request, as for anybody else. */
static void sign_by_ca(struct made *m, const struct cert_order *order,
                       const struct reed_cert_options *o)
{
	m->err = reed_cert_load(order->ca, &m->ca, &m->fault);
	if (!m->err)
		m->err = reed_cert_request(reed_buf_slice(&m->key), o, &m->request, &m->fault);
	if (!m->err)
		m->err = reed_cert_sign(reed_buf_slice(&m->ca), reed_buf_slice(&m->ca),
		                        reed_buf_slice(&m->request), o, &m->cert, &m->fault);
}

int reed_cert_new(struct cert_order *order)
{
	struct reed_cert_options o = options_of(order);
	struct made m = { .err = REED_OK };
	char *path = path_for(order->out, order->names[0], ".pem");

	m.err = is_free(path, &m.fault);
	if (!m.err)
		m.err = reed_cert_make_key(order->kind, &m.key);
	if (!m.err && order->ca)
		sign_by_ca(&m, order, &o);
	else if (!m.err)
		m.err = reed_cert_self_sign(reed_buf_slice(&m.key), &o, &m.cert, &m.fault);
	if (!m.err)
		reed_buf_add(&m.cert, reed_buf_slice(&m.key));
	put(&m, path, reed_buf_slice(&m.cert), true);
	describe(&m, order->wall);
	reed_free(path);
	return finish(&m);
}

/* "ca.crt" beside "ca.pem". */
static char *public_path(const char *path)
{
	struct reed_slice s = reed_slice_of(path);

	if (reed_slice_ends(s, REED_STR(".pem")))
		s.n -= 4;
	return reed_sprintf(REED_FMT ".crt", REED_ARG(s));
}

int reed_cert_ca(struct cert_order *order)
{
	struct reed_cert_options o = options_of(order);
	struct made m = { .err = REED_OK };
	const char *path = order->out ? order->out : "ca.pem";
	char *crt = public_path(path);

	o.ca = true;
	o.names = NULL;
	o.common_name = order->count > 0 ? order->names[0] : "CA of our own";
	m.err = is_free(path, &m.fault);
	if (!m.err)
		m.err = is_free(crt, &m.fault);
	if (!m.err)
		m.err = reed_cert_make_key(order->kind, &m.key);
	if (!m.err)
		m.err = reed_cert_self_sign(reed_buf_slice(&m.key), &o, &m.cert, &m.fault);
	put(&m, crt, reed_buf_slice(&m.cert), false);
	if (!m.err)
		reed_buf_add(&m.cert, reed_buf_slice(&m.key));
	put(&m, path, reed_buf_slice(&m.cert), true);
	describe(&m, order->wall);
	reed_free(crt);
	return finish(&m);
}

int reed_cert_ask(struct cert_order *order)
{
	struct reed_cert_options o = options_of(order);
	struct made m = { .err = REED_OK };
	char *path = path_for(order->out, order->names[0], ".csr");
	char *key = path_for(NULL, order->names[0], ".key");

	m.err = is_free(path, &m.fault);
	if (!m.err)
		m.err = is_free(key, &m.fault);
	if (!m.err)
		m.err = reed_cert_make_key(order->kind, &m.key);
	if (!m.err)
		m.err = reed_cert_request(reed_buf_slice(&m.key), &o, &m.request, &m.fault);
	put(&m, key, reed_buf_slice(&m.key), true);
	put(&m, path, reed_buf_slice(&m.request), false);
	reed_free(path);
	reed_free(key);
	return finish(&m);
}

int reed_cert_grant(struct cert_order *order)
{
	struct reed_cert_options o = options_of(order);
	struct made m = { .err = REED_OK };
	struct reed_slice request = reed_slice_of(order->names[0]);
	char *path;

	if (!order->ca) {
		fputs("reed cert: sign wants --ca FILE, which `reed cert ca` has made\n", stderr);
		return 2;
	}
	if (!order->out && reed_slice_ends(request, REED_STR(".csr")))
		request.n -= 4;
	path = order->out ? reed_strdup(order->out)
	                  : reed_sprintf(REED_FMT ".crt", REED_ARG(request));
	o.names = order->names + 1;
	m.err = is_free(path, &m.fault);
	if (!m.err)
		m.err = reed_cert_load(order->names[0], &m.request, &m.fault);
	if (!m.err)
		m.err = reed_cert_load(order->ca, &m.ca, &m.fault);
	if (!m.err)
		m.err = reed_cert_sign(reed_buf_slice(&m.ca), reed_buf_slice(&m.ca),
		                       reed_buf_slice(&m.request), &o, &m.cert, &m.fault);
	put(&m, path, reed_buf_slice(&m.cert), false);
	describe(&m, order->wall);
	reed_free(path);
	return finish(&m);
}
