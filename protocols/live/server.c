/* One path of a server, and what is asked for below it. */

#include "private.h"

#include "reed/random.h"

static void fill_in_limits(struct reed_live_limits *l)
{
#define X(name, value, text) l->name = l->name ? l->name : (value);
	REED_LIVE_LIMITS(X)
#undef X
}

struct reed_live *reed_live_new(struct reed_loop *loop, const struct reed_live_options *options)
{
	struct reed_live *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->options = *options;
	self->origins = reed_strdup(options->origins);
	self->options.origins = self->origins;
	self->seed = reed_random(loop);
	fill_in_limits(&self->options.limits);
	for (size_t i = 0; i < LIVE_BUCKETS; i++)
		reed_list_init(&self->buckets[i]);
	return self;
}

void reed_live_free(struct reed_live *self)
{
	if (!self)
		return;
	for (size_t i = 0; i < LIVE_BUCKETS; i++)
		while (!reed_list_empty(&self->buckets[i]))
			live_link_end(reed_container_of(self->buckets[i].next,
			                                struct reed_live_link, bucket),
			              "stopped");
	reed_free(self->origins);
	reed_free(self);
}

size_t reed_live_count(const struct reed_live *live)
{
	return live->count;
}

/* ---- whose page it is ---- */

static bool is_listed(struct reed_slice list, struct reed_slice origin)
{
	struct reed_slice member;

	while (reed_http_list_next(&list, &member))
		if (reed_slice_is(member, "*") || reed_slice_eq_nocase(member, origin))
			return true;
	return false;
}

/*
 * A browser sends an Origin with every POST, and scripts cannot change it (Fetch
 * 3.2).  Programs send none, and have no cookies of others to misuse.
 */
bool live_origin_passes(struct reed_live *live, struct reed_http_request *request)
{
	struct reed_slice origin = reed_http_header(request, "Origin");
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char wanted[300];

	if (!origin.p)
		return true;
	if (live->origins)
		return is_listed(reed_slice_of(live->origins), origin);
	reed_http_facts(request, &facts);
	snprintf(wanted, sizeof(wanted), "http%s://" REED_FMT, facts.secure ? "s" : "",
	         REED_ARG(reed_slice_first(reed_http_head(request)->host, 280)));
	return reed_slice_eq_nocase(origin, reed_slice_of(wanted));
}

/* ---- the script ---- */

const char *reed_live_script(void)
{
	return live_script_hash;
}

static struct reed_future *answer_script(struct reed_http_request *request, bool named)
{
	struct reed_slice etag = reed_slice(live_script_hash + 10, 16);
	struct reed_slice known = reed_http_header(request, "If-None-Match");

	reed_http_addf(request, "ETag", "\"" REED_FMT "\"", REED_ARG(etag));
	reed_http_add(request, "X-Content-Type-Options", REED_STR("nosniff"));
	reed_http_add(request, "Cache-Control",
	              named ? REED_STR("public, max-age=31536000, immutable")
	                    : REED_STR("no-cache"));
	if (known.p && reed_slice_search(known, etag) < known.n)
		reed_http_respond(request, 304, NULL, REED_STR(""));
	else
		reed_http_respond(request, 200, "text/javascript; charset=utf-8",
		                  reed_slice(live_script_text, live_script_n));
	return NULL;
}

/* ---- requests ---- */

static struct reed_slice last_segment(struct reed_http_request *request)
{
	struct reed_slice path = reed_http_path(request);
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return reed_slice_from(path, n);
}

static struct reed_future *refuse(struct reed_http_request *request, unsigned status,
                                  const char *why)
{
	if (status == 405)
		reed_http_add(request, "Allow", REED_STR("POST"));
	reed_http_fail(request, status, why);
	return NULL;
}

struct reed_future *reed_live_handler(void *live, struct reed_http_request *request)
{
	struct reed_slice what = last_segment(request);
	enum reed_http_method method = reed_http_head(request)->method;
	bool reads = method == REED_HTTP_GET || method == REED_HTTP_HEAD;

	if (reads && (reed_slice_is(what, "reed-live.js") || reed_slice_is(what, live_script_hash)))
		return answer_script(request, !reed_slice_is(what, "reed-live.js"));
	if (reed_slice_is(what, "socket"))
		return live_socket(live, request);
	if (!reed_slice_is(what, "stream") && !reed_slice_is(what, "poll") &&
	    !reed_slice_is(what, "send"))
		return refuse(request, 404,
		              "there are reed-live.js, socket, stream, poll and send here");
	if (method != REED_HTTP_POST)
		return refuse(request, 405, "it is asked for by POST");
	if (!live_origin_passes(live, request))
		return refuse(request, 403, "the page is of another host");
	if (!reed_http_header(request, "Reed-Live").p)
		return refuse(request, 403,
		              "the field Reed-Live is missing, which only the page "
		              "itself can send");
	return live_post(live, request, what);
}
