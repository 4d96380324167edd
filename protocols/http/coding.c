/* Which answers are compressed, and how. */

#include "coding.h"

#include "reed/http/router.h"

static const char *const names[REED_HTTP_CODINGS] = { "identity", "gzip", "br", "zstd" };

const char *reed_http_coding_name(enum reed_http_coding coding)
{
	return names[coding];
}

/* ---- what the client likes (RFC 9110 12.4.2, 12.5.3) ---- */

/* "q=0.5" in thousandths; what is none counts as 0. */
static unsigned thousandths(struct reed_slice q)
{
	unsigned n, scale = 100;

	if (q.n == 0 || q.n > 5 || (q.p[0] != '0' && q.p[0] != '1') || (q.n > 1 && q.p[1] != '.'))
		return 0;
	n = (unsigned)(q.p[0] - '0') * 1000;
	for (size_t i = 2; i < q.n; i++, scale /= 10) {
		if (q.p[i] < '0' || q.p[i] > '9')
			return 0;
		n += (unsigned)(q.p[i] - '0') * scale;
	}
	return n > 1000 ? 0 : n;
}

static unsigned weight_of(struct reed_slice params)
{
	while (params.n > 0) {
		struct reed_slice value = reed_slice_trim(reed_slice_cut(&params, ';'));
		struct reed_slice name = reed_slice_trim(reed_slice_cut(&value, '='));

		if (reed_slice_is_nocase(name, "q"))
			return thousandths(reed_slice_trim(value));
	}
	return 1000;
}

static void weigh(struct reed_slice accept, int weights[REED_HTTP_CODINGS])
{
	struct reed_slice each;
	int any = -1;

	for (int i = 0; i < REED_HTTP_CODINGS; i++)
		weights[i] = -1;
	while (reed_http_list_next(&accept, &each)) {
		struct reed_slice params = each;
		struct reed_slice name = reed_slice_trim(reed_slice_cut(&params, ';'));
		int weight = (int)weight_of(params);

		if (reed_slice_is(name, "*"))
			any = weight;
		for (int i = 0; i < REED_HTTP_CODINGS; i++)
			if (reed_slice_is_nocase(name, names[i]))
				weights[i] = weight;
		if (reed_slice_is_nocase(name, "x-gzip")) /* RFC 9110 8.4.1.3 */
			weights[REED_HTTP_GZIP] = weight;
	}
	for (int i = REED_HTTP_GZIP; i < REED_HTTP_CODINGS; i++)
		if (weights[i] < 0)
			weights[i] = any;
}

enum reed_http_coding reed_http_choose_coding(struct reed_slice accept, unsigned offered)
{
	static const enum reed_http_coding order[] = { REED_HTTP_BR, REED_HTTP_ZSTD,
		                                       REED_HTTP_GZIP };
	enum reed_http_coding best = REED_HTTP_IDENTITY;
	int weights[REED_HTTP_CODINGS], most;

	weigh(accept, weights);
	most = weights[REED_HTTP_IDENTITY] > 0 ? weights[REED_HTTP_IDENTITY] - 1 : 0;
	for (size_t i = 0; i < REED_COUNT(order); i++)
		if (offered & 1u << order[i] && weights[order[i]] > most) {
			best = order[i];
			most = weights[best];
		}
	return best;
}

/* ---- which answers ---- */

static bool is_texty(struct reed_slice type)
{
	static const char *const whole[] = { "application/json",
		                             "application/javascript",
		                             "application/xml",
		                             "application/wasm",
		                             "application/manifest+json",
		                             "image/bmp",
		                             "font/ttf",
		                             "font/otf",
		                             "application/x-ndjson" };
	struct reed_slice name =
		reed_slice_trim(reed_slice_first(type, reed_slice_find(type, ';')));

	if (reed_slice_is_nocase(name, "text/event-stream"))
		return false; /* each event is to arrive at once */
	if (name.n > 5 && reed_slice_is_nocase(reed_slice_first(name, 5), "text/"))
		return true;
	for (size_t i = 0; i < REED_COUNT(whole); i++)
		if (reed_slice_is_nocase(name, whole[i]))
			return true;
	return name.n > 5 && (reed_slice_is_nocase(reed_slice_from(name, name.n - 4), "+xml") ||
	                      reed_slice_is_nocase(reed_slice_from(name, name.n - 5), "+json"));
}

static struct http_out_field *added(struct reed_http_request *r, const char *name)
{
	for (struct http_out_field *f = r->added.first; f; f = f->next)
		if (reed_slice_is_nocase(f->name, name))
			return f;
	return NULL;
}

static bool may_be_compressed(struct reed_http_request *r)
{
	const struct http_out_field *type = added(r, "Content-Type");
	const struct http_out_field *cache = added(r, "Cache-Control");

	if (r->status != 200 && r->status < 400)
		return false; /* of a part nothing can be said, others have no body */
	if (r->length >= 0 && r->length < ENCODED_FROM)
		return false;
	if (added(r, "Content-Encoding") || added(r, "Content-Range"))
		return false;
	if (cache && reed_http_list_has(cache->value, "no-transform"))
		return false; /* RFC 9111 5.2.2.6 */
	return type ? is_texty(type->value) : r->type && is_texty(reed_slice_of(r->type));
}

/* RFC 9110 12.5.5 */
static void vary(struct reed_http_request *r)
{
	const struct http_out_field *f = added(r, "Vary");

	if (!f || !reed_http_list_has(f->value, "Accept-Encoding"))
		http_add_known(r, REED_STR("Vary"), REED_STR("Accept-Encoding"));
}

/* RFC 9110 8.8.3.3: these are not the bytes that a strong one stands for, nor have ranges. */
static void weaken(struct reed_http_request *r)
{
	struct http_out_field *f = added(r, "ETag"), **at = &r->added.first;
	char *weak;

	if (f && f->value.n > 0 && f->value.p[0] == '"') {
		weak = reed_pool_alloc(&r->pool, f->value.n + 2);
		memcpy(weak, "W/", 2);
		memcpy(weak + 2, f->value.p, f->value.n);
		f->value = reed_slice(weak, f->value.n + 2);
	}
	while (*at && !reed_slice_is_nocase((*at)->name, "Accept-Ranges"))
		at = &(*at)->next;
	if (!*at)
		return;
	if (r->added.end == &(*at)->next)
		r->added.end = at;
	*at = (*at)->next;
}

void http_coding_begin(struct reed_http_request *r)
{
	unsigned offered = 1u << REED_HTTP_GZIP | 1u << REED_HTTP_BR | 1u << REED_HTTP_ZSTD;
	enum reed_http_coding coding;

	if (!may_be_compressed(r))
		return;
	vary(r);
	coding = reed_http_choose_coding(reed_http_header(r, "Accept-Encoding"), offered);
	if (coding == REED_HTTP_IDENTITY || r->server->encoders >= ENCODERS)
		return;
	r->encoder = http_encoder_new(coding);
	if (!r->encoder)
		return;
	r->server->encoders++;
	r->flushes = r->length < 0;
	r->length = -1;
	weaken(r);
	http_add_known(r, REED_STR("Content-Encoding"), reed_slice_of(names[coding]));
}

/* ---- the bytes ---- */

static void encoded(void *arg, struct reed_slice bytes)
{
	struct reed_http_request *r = arg;

	r->written += bytes.n;
	if (http_has_body(r))
		r->wire->body(r, bytes, NULL);
}

void http_coding_write(struct reed_http_request *r, struct reed_slice bytes)
{
	if (bytes.n > 0 && !r->broken && http_has_body(r) &&
	    !http_encode(r->encoder, bytes, r->flushes ? HTTP_ENCODE_FLUSH : HTTP_ENCODE_MORE,
	                 encoded, r))
		r->broken = true;
}

void http_coding_end(struct reed_http_request *r)
{
	if (!r->broken && http_has_body(r) &&
	    !http_encode(r->encoder, REED_STR(""), HTTP_ENCODE_END, encoded, r))
		r->broken = true;
	http_coding_drop(r);
}

void http_coding_drop(struct reed_http_request *r)
{
	if (!r->encoder)
		return;
	http_encoder_free(r->encoder);
	r->encoder = NULL;
	r->server->encoders--;
}

/* ---- for handlers ---- */

void reed_http_compress(struct reed_http_request *r)
{
	r->compress = true;
}

struct reed_future *reed_http_compressing(void *unused, struct reed_http_request *r)
{
	(void)unused;
	reed_http_compress(r);
	return reed_http_next(r);
}
