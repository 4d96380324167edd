/* Sending what was found: all of it, one range, or several (RFC 9110 14, 15.3.7). */

#include "files.h"

#include "reed/co.h"
#include "reed/random.h"

enum { PART_HEAD = 256, BOUNDARY = 24 };

struct plan {
	struct reed_http_range ranges[REED_HTTP_RANGES];
	size_t count;    /* 0: all of it */
	uint64_t length; /* of the body */
	char boundary[BOUNDARY + 1];
};

struct send {
	struct reed_co co;
	struct reed_http_request *request;
	struct found found; /* its source is held */
	struct plan plan;
	size_t part;
	uint64_t at, end; /* of the range that is sent */
	struct reed_blob *piece;
};

/* ---- reading, where the wire does not send files ---- */

struct read_piece {
	struct reed_job job;
	struct reed_source *source;
	struct reed_blob *blob;
	uint64_t offset;
	struct reed_blob **out;
};

static enum reed_err read_run(struct reed_job *job)
{
	struct read_piece *self = reed_job_frame(job, struct read_piece);

	return reed_folder_read(reed_source_fd(self->source), self->blob->bytes, self->blob->n,
	                        self->offset);
}

static void read_deliver(struct reed_job *job)
{
	struct read_piece *self = reed_job_frame(job, struct read_piece);

	*self->out = self->blob;
	self->blob = NULL;
}

static void read_end(struct reed_job *job)
{
	struct read_piece *self = reed_job_frame(job, struct read_piece);

	reed_blob_release(self->blob);
	reed_source_release(self->source);
}

static const struct reed_job_kind read_kind = { .name = "read a file",
	                                        .size = sizeof(struct read_piece),
	                                        .run = read_run,
	                                        .deliver = read_deliver,
	                                        .end = read_end };

static size_t next_piece(const struct send *send)
{
	uint64_t left = send->end - send->at;
	bool small = send->request->encoder || !http_sends_sources(send->request);
	uint64_t most = small ? FILES_ENCODED : FILES_PIECE;

	return (size_t)(left < most ? left : most);
}

static struct reed_future *read_piece(struct send *send)
{
	struct read_piece *self = reed_job_new(send->co.loop, &read_kind);

	self->source = reed_source_share(send->found.source);
	self->blob = reed_blob_alloc(next_piece(send));
	self->offset = send->at;
	self->out = &send->piece;
	return reed_offload(&self->job);
}

/* ---- parts ---- */

static size_t part_head(const struct found *found, const struct plan *plan, size_t i, char *into)
{
	int n = snprintf(into, PART_HEAD,
	                 "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes %llu-%llu/%llu"
	                 "\r\n\r\n",
	                 plan->boundary, found->type, (unsigned long long)plan->ranges[i].first,
	                 (unsigned long long)plan->ranges[i].last,
	                 (unsigned long long)found->file.size);

	return (size_t)n;
}

static size_t last_line(const struct plan *plan, char *into)
{
	return (size_t)snprintf(into, PART_HEAD, "\r\n--%s--\r\n", plan->boundary);
}

static void measure(const struct found *found, struct plan *plan)
{
	char line[PART_HEAD];

	plan->length = plan->count == 0 ? (uint64_t)found->file.size : 0;
	for (size_t i = 0; i < plan->count; i++) {
		plan->length += plan->ranges[i].last - plan->ranges[i].first + 1;
		if (plan->count > 1)
			plan->length += part_head(found, plan, i, line);
	}
	if (plan->count > 1)
		plan->length += last_line(plan, line);
}

static void begin_part(struct reed_http_request *r, const struct found *found,
                       const struct plan *plan, size_t i, uint64_t *at, uint64_t *end)
{
	char line[PART_HEAD];

	*at = plan->count == 0 ? 0 : plan->ranges[i].first;
	*end = plan->count == 0 ? (uint64_t)found->file.size : plan->ranges[i].last + 1;
	if (plan->count > 1)
		reed_http_write(r, reed_slice(line, part_head(found, plan, i, line)));
}

static void end_parts(struct reed_http_request *r, const struct plan *plan)
{
	char line[PART_HEAD];

	if (plan->count > 1)
		reed_http_write(r, reed_slice(line, last_line(plan, line)));
	reed_http_end(r);
}

static size_t parts(const struct plan *plan)
{
	return plan->count == 0 ? 1 : plan->count;
}

static void send_blob(struct reed_http_request *r, const struct found *found,
                      const struct plan *plan)
{
	uint64_t at, end;

	for (size_t i = 0; i < parts(plan); i++) {
		begin_part(r, found, plan, i, &at, &end);
		if (at == 0 && end == found->blob->n)
			reed_http_write_blob(r, found->blob);
		else
			reed_http_write(r, reed_slice(found->blob->bytes + at, end - at));
	}
	end_parts(r, plan);
}

/* ---- from a file ---- */

/* So that the system need not wait for a disk when it sends. */
static struct reed_future *get_piece(struct send *self)
{
	const struct found *found = &self->found;

	if (!http_sends_sources(self->request))
		return read_piece(self);
	if (reed_source_is_at_hand(found->source, self->at, next_piece(self)))
		return reed_ready(self->co.loop, REED_OK);
	return reed_source_fetch(self->co.loop, found->source, self->at, next_piece(self));
}

static void put_piece(struct send *self)
{
	size_t n = next_piece(self);

	if (self->piece)
		reed_http_write_blob(self->request, self->piece);
	else
		http_write_source(self->request, self->found.source, self->at, n);
	self->at += n;
	reed_blob_release(self->piece);
	self->piece = NULL;
}

static void send_run(struct reed_co *co)
{
	struct send *self = reed_frame(co, struct send);

	reed_coroutine (co) {
		for (; self->part < parts(&self->plan); self->part++) {
			begin_part(self->request, &self->found, &self->plan, self->part, &self->at,
			           &self->end);
			while (self->at < self->end) {
				reed_try(co, get_piece(self));
				put_piece(self);
				if (reed_http_must_drain(self->request))
					reed_try(co, reed_http_drain(self->request));
			}
		}
		end_parts(self->request, &self->plan);
	}
}

static void send_end(struct reed_co *co)
{
	struct send *self = reed_frame(co, struct send);

	reed_blob_release(self->piece);
	reed_source_release(self->found.source);
}

static const struct reed_co_kind send_kind = { "send a file", sizeof(struct send), send_run, NULL,
	                                       send_end };

static struct reed_future *send_later(struct reed_http_request *r, struct found *found,
                                      const struct plan *plan)
{
	struct send *self = reed_co_new(r->loop, &send_kind);

	self->request = r;
	self->found = *found;
	self->plan = *plan;
	found->source = NULL;
	return reed_start(&self->co);
}

/* One piece that is there already needs nobody to wait for it. */
static bool can_send_now(const struct reed_http_request *r, const struct found *found,
                         const struct plan *plan)
{
	return plan->count == 0 && plan->length <= FILES_PIECE && http_sends_sources(r) &&
	       reed_source_is_at_hand(found->source, 0, (size_t)plan->length);
}

static struct reed_future *send_source(struct reed_http_request *r, struct found *found,
                                       const struct plan *plan)
{
	if (!can_send_now(r, found, plan))
		return send_later(r, found, plan);
	http_write_source(r, found->source, 0, (size_t)plan->length);
	reed_http_end(r);
	return NULL;
}

/* ---- what is sent ---- */

/* If-Range (RFC 9110 13.1.5): only a validator that is the same, and strong. */
static bool range_counts(struct reed_http_request *r, const struct found *found)
{
	struct reed_slice value = reed_http_header(r, "If-Range");
	int64_t date;

	if (!value.p)
		return true;
	if (value.n > 0 && (value.p[0] == '"' || value.p[0] == 'W'))
		return reed_slice_is(value, found->etag);
	return !reed_http_parse_date(value, reed_wall(r->loop) / REED_S(1), &date) &&
	       date == found->file.modified / REED_S(1);
}

static enum reed_err make_plan(struct reed_http_request *r, const struct found *found,
                               struct plan *plan)
{
	struct reed_slice range = reed_http_header(r, "Range");
	enum reed_err err = REED_OK;

	plan->count = 0;
	if (range.p && r->head.method == REED_HTTP_GET && found->kind == FOUND_FILE &&
	    range_counts(r, found))
		err = reed_http_ranges(range, (uint64_t)found->file.size, plan->ranges,
		                       &plan->count);
	if (plan->count > 1)
		reed_random_word(r->loop, plan->boundary, BOUNDARY);
	measure(found, plan);
	return err == REED_ERANGE ? err : REED_OK;
}

static void add_validators(struct reed_http_files *files, struct reed_http_request *r,
                           const struct found *found)
{
	http_add_known(r, REED_STR("Last-Modified"), reed_slice(found->date, sizeof(found->date)));
	http_add_known(r, REED_STR("ETag"), reed_slice_of(found->etag));
	if (files->cache_control)
		http_add_known(r, REED_STR("Cache-Control"), reed_slice_of(files->cache_control));
	if (files->options.precompressed)
		http_add_known(r, REED_STR("Vary"), REED_STR("Accept-Encoding"));
}

/* Returns the type of the answer. */
static const char *add_range(struct reed_http_request *r, const struct found *found,
                             const struct plan *plan)
{
	char *type;

	if (plan->count == 1)
		reed_http_addf(r, "Content-Range", "bytes %llu-%llu/%llu",
		               (unsigned long long)plan->ranges[0].first,
		               (unsigned long long)plan->ranges[0].last,
		               (unsigned long long)found->file.size);
	if (plan->count < 2)
		return found->type;
	type = reed_pool_alloc(&r->pool, 128);
	snprintf(type, 128, "multipart/byteranges; boundary=%s", plan->boundary);
	return type;
}

static struct reed_future *send_file(struct reed_http_files *files, struct reed_http_request *r,
                                     struct found *found, const struct plan *plan)
{
	const char *type = add_range(r, found, plan);

	add_validators(files, r, found);
	http_add_known(r, REED_STR("Accept-Ranges"), REED_STR("bytes"));
	if (found->coding != CODING_NONE)
		http_add_known(r, REED_STR("Content-Encoding"),
		               reed_slice_of(coding_names[found->coding]));
	reed_http_begin(r, plan->count > 0 ? 206 : 200, type, (int64_t)plan->length);
	if (found->blob) {
		send_blob(r, found, plan);
		return NULL;
	}
	if (r->head.method != REED_HTTP_HEAD)
		return send_source(r, found, plan);
	reed_http_end(r);
	return NULL;
}

/* A folder's name ends with a slash, so that what its page links to is found. */
static void send_moved(struct reed_http_request *r)
{
	struct reed_slice path = r->head.path, query = r->head.query;
	char *to = reed_pool_alloc(&r->pool, path.n + query.n + 3);
	int n;

	while (path.n > 1 && path.p[1] == '/') /* two would be another host's */
		path = reed_slice_from(path, 1);
	n = sprintf(to, REED_FMT "/%s" REED_FMT, REED_ARG(path), query.n ? "?" : "",
	            REED_ARG(query));
	reed_http_add(r, "Location", reed_slice(to, (size_t)n));
	reed_http_respond(r, 308, NULL, REED_STR(""));
}

static struct reed_future *send(struct reed_http_files *files, struct reed_http_request *r,
                                struct found *found)
{
	struct plan plan;
	unsigned condition;

	if (found->kind == FOUND_MOVED) {
		send_moved(r);
		return NULL;
	}
	if (found->kind == FOUND_LISTING) {
		reed_http_add(r, "Cache-Control", REED_STR("no-cache"));
		reed_http_add(r, "Content-Security-Policy",
		              REED_STR("default-src 'none'; style-src 'unsafe-inline'"));
		reed_http_respond(r, 200, found->type, reed_blob_slice(found->blob));
		return NULL;
	}
	condition = reed_http_condition(r, reed_slice_of(found->etag),
	                                found->file.modified / REED_S(1));
	if (condition == 304) {
		add_validators(files, r, found);
		reed_http_respond(r, 304, NULL, REED_STR(""));
	} else if (condition) {
		reed_http_fail(r, condition, NULL);
	} else if (make_plan(r, found, &plan)) {
		reed_http_addf(r, "Content-Range", "bytes */%llu",
		               (unsigned long long)found->file.size);
		reed_http_fail(r, 416, NULL);
	} else {
		return send_file(files, r, found, &plan);
	}
	return NULL;
}

struct reed_future *files_send(struct reed_http_files *files, struct reed_http_request *r,
                               struct found *found)
{
	struct reed_future *f = send(files, r, found);

	found_finish(found);
	return f;
}
