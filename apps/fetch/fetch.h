/* What the files of `reed fetch` share. */

#ifndef REED_APPS_FETCH_H
#define REED_APPS_FETCH_H

#include "reed/http/client.h"
#include "reed/settings.h"

struct fetch_flags {
	const char *output, *method, *data, *user, *netrc, *cookies, *proxy, *endpoint;
	struct reed_texts header;
	bool resume, head, include, silent, http1, http2, digest;
	int json; /* enum fetch_json */
	unsigned redirects, retries;
	int64_t timeout, connect_timeout;
};

enum fetch_json { FETCH_JSON_AUTO, FETCH_JSON_ALWAYS, FETCH_JSON_NEVER };

extern const struct reed_settings_program reed_fetch_tool;
int reed_fetch_main(int argc, char **argv);

/* ---- request.c: what is asked for, of flags; what it points to lives with it ---- */

struct fetch_request {
	struct reed_http_fetch fetch;
	struct reed_http_client_options options;
	struct reed_http_field fields[64];
	struct reed_buf body, netrc, range;
	struct reed_http_jar *jar; /* NULL: cookies are not kept */
	char *url;
};

/* Reads files, and so blocks.  *why says what is wrong; it is of the request's making. */
enum reed_err fetch_request_make(struct fetch_request *r, const struct fetch_flags *flags,
                                 const char *url, struct reed_fault **fault);
void fetch_request_finish(struct fetch_request *r);

/* cookies.c: both block.  wall is seconds since 1970. */
enum reed_err fetch_cookies_read(struct fetch_request *r, const char *path, int64_t wall,
                                 struct reed_fault **fault);
enum reed_err fetch_cookies_write(const struct fetch_request *r, const char *path, int64_t wall,
                                  struct reed_fault **fault);
/* Of what lies at path there are n bytes already. */
void fetch_request_resume(struct fetch_request *r, uint64_t n);

/* ---- run.c: all of it; its status is what main() returns ---- */
struct reed_future *fetch_run(struct reed_loop *loop, const struct fetch_flags *flags,
                              struct fetch_request *request, int *status);

/* ---- output.c: a file, or standard output ---- */

struct fetch_output {
	struct reed_loop *loop;
	const char *path; /* NULL: standard output */
	struct reed_stream *stdio;
	int fd;
};

/* How much of it is there already: 0 when there is none. */
struct reed_future *fetch_output_look(struct reed_loop *loop, const char *path, uint64_t *size);
struct reed_future *fetch_output_open(struct fetch_output *out, bool anew);
/* bytes are copied where that is needed. */
struct reed_future *fetch_output_write(struct fetch_output *out, struct reed_slice bytes);
void fetch_output_close(struct fetch_output *out);

/* ---- progress.c ---- */

struct fetch_progress {
	bool on;
	int64_t began, shown;
	uint64_t before, size; /* there already; 0: not known */
};

void fetch_progress_show(struct fetch_progress *p, struct reed_loop *loop, uint64_t got);
void fetch_progress_end(struct fetch_progress *p, struct reed_loop *loop, uint64_t got);

/* ---- pretty.c: JSON with lines and indents; what is no JSON goes through as it can ---- */

struct fetch_pretty {
	unsigned depth;
	bool in_string, escaped, fresh, empty;
};

void fetch_pretty_add(struct fetch_pretty *p, struct reed_slice in, struct reed_buf *out);

#endif
