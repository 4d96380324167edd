/*
 * Contexts: options, and what was last loaded according to them.  A reload
 * puts other material in its place; streams hold what they were made from.
 */

#include "tls_private.h"

#include <string.h>

struct reed_tls_ctx {
	_Atomic size_t holders;
	pthread_mutex_t lock; /* of what is loaded */
	struct reed_tls_material *material;
	bool is_server;
	struct reed_tls_client_ctx_options client;
	struct reed_tls_server_ctx_options server;
	struct reed_pool pool; /* of their strings */
};

/* What is loaded, or what went wrong. */
static enum reed_err load(struct reed_tls_ctx *ctx, int64_t wall, struct reed_tls_material **out,
                          struct reed_fault **fault)
{
	struct reed_tls_client_ctx_options client = ctx->client;
	struct reed_tls_server_ctx_options server = ctx->server;
	struct reed_tls_material *m = reed_alloc(sizeof(*m));
	enum reed_err err;

	client.wall = server.wall = wall;
	err = ctx->is_server ? reed_tls_server_material(m, &server, fault)
	                     : reed_tls_client_material(m, &client, fault);
	if (err)
		reed_tls_material_release(m);
	else
		*out = m;
	return err;
}

/* ---- the options are copied ---- */

static void keep_string(struct reed_tls_ctx *ctx, const char **s)
{
	if (*s)
		*s = reed_pool_strdup(&ctx->pool, reed_slice_of(*s));
}

static void keep_slice(struct reed_tls_ctx *ctx, struct reed_slice *s)
{
	if (s->n)
		*s = reed_pool_copy(&ctx->pool, *s);
}

static void keep_client(struct reed_tls_ctx *ctx)
{
	struct reed_tls_client_ctx_options *o = &ctx->client;

	keep_string(ctx, &o->ca_file);
	keep_string(ctx, &o->ca_dir);
	keep_slice(ctx, &o->ca_pem);
	keep_string(ctx, &o->cert);
	keep_string(ctx, &o->key);
	keep_slice(ctx, &o->cert_pem);
	keep_slice(ctx, &o->key_pem);
	keep_string(ctx, &o->policy.ciphers);
	keep_string(ctx, &o->policy.groups);
}

static void keep_server(struct reed_tls_ctx *ctx)
{
	struct reed_tls_server_ctx_options *o = &ctx->server;

	keep_string(ctx, &o->cert);
	keep_string(ctx, &o->key);
	keep_slice(ctx, &o->cert_pem);
	keep_slice(ctx, &o->key_pem);
	keep_string(ctx, &o->staple);
	keep_string(ctx, &o->client_ca_file);
	keep_string(ctx, &o->client_ca_dir);
	keep_slice(ctx, &o->client_ca_pem);
	keep_string(ctx, &o->policy.ciphers);
	keep_string(ctx, &o->policy.groups);
}

/* ---- contexts ---- */

static struct reed_tls_ctx *ctx_new(bool is_server)
{
	struct reed_tls_ctx *ctx = reed_alloc(sizeof(*ctx));

	ctx->holders = 1;
	ctx->is_server = is_server;
	pthread_mutex_init(&ctx->lock, NULL);
	return ctx;
}

static enum reed_err ctx_load(struct reed_tls_ctx *ctx, int64_t wall, struct reed_tls_ctx **out,
                              struct reed_fault **fault)
{
	enum reed_err err = load(ctx, wall, &ctx->material, fault);

	if (err)
		reed_tls_ctx_release(ctx);
	else
		*out = ctx;
	return err;
}

enum reed_err reed_tls_client_ctx(const struct reed_tls_client_ctx_options *options,
                                  struct reed_tls_ctx **out, struct reed_fault **fault)
{
	struct reed_tls_ctx *ctx = ctx_new(false);

	if (options)
		memcpy(&ctx->client, options,
		       options->size < sizeof(ctx->client) ? options->size : sizeof(ctx->client));
	keep_client(ctx);
	return ctx_load(ctx, ctx->client.wall, out, fault);
}

enum reed_err reed_tls_server_ctx(const struct reed_tls_server_ctx_options *options,
                                  struct reed_tls_ctx **out, struct reed_fault **fault)
{
	struct reed_tls_ctx *ctx = ctx_new(true);

	memcpy(&ctx->server, options,
	       options->size < sizeof(ctx->server) ? options->size : sizeof(ctx->server));
	keep_server(ctx);
	return ctx_load(ctx, ctx->server.wall, out, fault);
}

struct reed_tls_material *reed_tls_ctx_material(struct reed_tls_ctx *ctx)
{
	struct reed_tls_material *m;

	pthread_mutex_lock(&ctx->lock);
	m = ctx->material;
	m->holders++;
	pthread_mutex_unlock(&ctx->lock);
	return m;
}

enum reed_err reed_tls_ctx_reload(struct reed_tls_ctx *ctx, int64_t wall, struct reed_fault **fault)
{
	struct reed_tls_material *fresh, *old;
	enum reed_err err = load(ctx, wall, &fresh, fault);

	if (err)
		return err;
	pthread_mutex_lock(&ctx->lock);
	old = ctx->material;
	ctx->material = fresh;
	pthread_mutex_unlock(&ctx->lock);
	reed_tls_material_release(old);
	return REED_OK;
}

int64_t reed_tls_ctx_expires(struct reed_tls_ctx *ctx)
{
	struct reed_tls_material *m = reed_tls_ctx_material(ctx);
	int64_t expires = m->expires;

	reed_tls_material_release(m);
	return expires;
}

int64_t reed_tls_ctx_staple_until(struct reed_tls_ctx *ctx)
{
	struct reed_tls_material *m = reed_tls_ctx_material(ctx);
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < m->shelf.count; i++)
		if (m->shelf.staples[i].path && m->shelf.staples[i].until < first)
			first = m->shelf.staples[i].until;
	reed_tls_material_release(m);
	return first;
}

void reed_tls_ctx_tell(struct reed_tls_ctx *ctx, struct reed_loop *loop)
{
	struct reed_tls_material *m = reed_tls_ctx_material(ctx);

	for (size_t i = 0; i < m->shelf.count; i++)
		reed_staple_tell(&m->shelf.staples[i], loop);
	reed_tls_material_release(m);
}

struct reed_tls_ctx *reed_tls_ctx_share(struct reed_tls_ctx *ctx)
{
	ctx->holders++;
	return ctx;
}

/* The pool may hold a private key. */
void reed_tls_ctx_release(struct reed_tls_ctx *ctx)
{
	if (!ctx || atomic_fetch_sub(&ctx->holders, 1) > 1)
		return;
	reed_tls_material_release(ctx->material);
	pthread_mutex_destroy(&ctx->lock);
	if (ctx->client.key_pem.n)
		reed_wipe((char *)(uintptr_t)ctx->client.key_pem.p, ctx->client.key_pem.n);
	if (ctx->server.key_pem.n)
		reed_wipe((char *)(uintptr_t)ctx->server.key_pem.p, ctx->server.key_pem.n);
	reed_pool_finish(&ctx->pool);
	reed_free(ctx);
}
