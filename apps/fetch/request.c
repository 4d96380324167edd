/* Flags into a request. */

#include "fetch.h"

#include <stdlib.h>

#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/loop.h"

enum { LARGEST = 256 << 20, FIELDS = 60 };

static void add(struct fetch_request *r, const char *name, struct reed_slice value)
{
	r->fields[r->fetch.field_count++] = (struct reed_http_field){ reed_slice_of(name), value };
}

static bool has(const struct fetch_request *r, const char *name)
{
	return reed_http_field(r->fields, r->fetch.field_count, name, 0).p != NULL;
}

/* "Accept: text/html" */
static enum reed_err add_headers(struct fetch_request *r, const struct reed_texts *headers,
                                 struct reed_fault **fault)
{
	for (size_t i = 0; i < headers->n; i++) {
		struct reed_slice value = reed_slice_of(headers->items[i]), all = value;
		struct reed_slice name = reed_slice_cut(&value, ':');

		value = reed_slice_trim(value);
		if (reed_slice_find(all, ':') == all.n || !reed_http_is_token(name) ||
		    !reed_http_is_value(value)) {
			*fault =
				reed_fault(REED_ESYNTAX, NULL, "--header \"%s\": write NAME: VALUE",
			                   headers->items[i]);
			return REED_ESYNTAX;
		}
		if (i == FIELDS) {
			*fault = reed_fault(REED_ETOOBIG, NULL, "--header: %d of them will do",
			                    FIELDS);
			return REED_ETOOBIG;
		}
		r->fields[r->fetch.field_count++] = (struct reed_http_field){ name, value };
	}
	return REED_OK;
}

static enum reed_err read_file(const char *path, struct reed_buf *into, struct reed_fault **fault)
{
	struct reed_file_stamp stamp;
	enum reed_err err;

	reed_buf_init(into, LARGEST);
	err = reed_file_read(path, into, &stamp);
	if (err)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	return err;
}

/* What looks like JSON says so, unless somebody said otherwise. */
static enum reed_err add_data(struct fetch_request *r, const char *data, struct reed_fault **fault)
{
	struct reed_slice body;

	if (!data)
		return REED_OK;
	if (data[0] == '@' && read_file(data + 1, &r->body, fault))
		return (*fault)->err;
	if (data[0] != '@')
		reed_buf_add_str(&r->body, data);
	body = reed_slice_trim(reed_buf_slice(&r->body));
	r->fetch.body = reed_buf_slice(&r->body);
	r->fetch.method = "POST";
	if (!has(r, "Content-Type"))
		add(r, "Content-Type",
		    body.n > 0 && (body.p[0] == '{' || body.p[0] == '[')
		            ? REED_STR("application/json")
		            : REED_STR("application/x-www-form-urlencoded"));
	return REED_OK;
}

/* As everybody names them; HTTP_PROXY is not read, as a CGI's client can set it. */
static const char *environment(const char *small, const char *large)
{
	const char *value = getenv(small);

	return value && *value ? value : large ? getenv(large) : NULL;
}

static void add_proxies(struct reed_http_client_options *o, const char *given)
{
	const char *all = environment("all_proxy", "ALL_PROXY");

	o->http_proxy = environment("http_proxy", NULL);
	o->https_proxy = environment("https_proxy", "HTTPS_PROXY");
	o->no_proxy = environment("no_proxy", "NO_PROXY");
	if (!o->http_proxy)
		o->http_proxy = all;
	if (!o->https_proxy)
		o->https_proxy = all;
	if (given) {
		o->http_proxy = o->https_proxy = strcmp(given, "none") == 0 ? NULL : given;
		o->no_proxy = NULL;
	}
}

static void add_options(struct fetch_request *r, const struct fetch_flags *flags)
{
	struct reed_http_client_options *o = &r->options;

	*o = (struct reed_http_client_options)REED_HTTP_CLIENT_OPTIONS;
	o->agent = "reed";
	o->decode = !flags->resume; /* what lies there is as it was sent */
	o->redirects = flags->redirects;
	o->retries = flags->retries;
	o->total_ms = 0; /* of the whole, which run.c sees to */
	o->connect_ms = (uint32_t)(flags->connect_timeout / REED_MS(1));
	if (flags->http1 || flags->http2)
		o->version = flags->http1 ? REED_HTTP_VERSION_1 : REED_HTTP_VERSION_2;
	add_proxies(o, flags->proxy);
}

enum reed_err fetch_request_make(struct fetch_request *r, const struct fetch_flags *flags,
                                 const char *url, struct reed_fault **fault)
{
	enum reed_err err;

	*r = (struct fetch_request){ .fetch = REED_HTTP_FETCH };
	/* example.org is what people write */
	r->url = reed_sprintf("%s%s", strstr(url, "://") ? "" : "http://", url);
	r->fetch.url = r->url;
	r->fetch.fields = r->fields;
	r->fetch.stream = true;
	r->fetch.endpoint = flags->endpoint;
	add_options(r, flags);
	err = add_headers(r, &flags->header, fault);
	if (!err)
		err = add_data(r, flags->data, fault);
	if (!err && flags->netrc)
		err = read_file(flags->netrc, &r->netrc, fault);
	if (err)
		return err;
	if (flags->netrc) {
		reed_buf_add_char(&r->netrc, '\0');
		r->options.netrc = reed_buf_slice(&r->netrc).p;
	}
	r->fetch.login = flags->user;
	r->fetch.digest = flags->digest;
	if (flags->head)
		r->fetch.method = "HEAD";
	if (flags->method)
		r->fetch.method = flags->method;
	return REED_OK;
}

void fetch_request_resume(struct fetch_request *r, uint64_t n)
{
	reed_buf_printf(&r->range, "bytes=%llu-", (unsigned long long)n);
	add(r, "Range", reed_buf_slice(&r->range));
}

void fetch_request_finish(struct fetch_request *r)
{
	reed_http_jar_free(r->jar);
	reed_buf_finish(&r->body);
	reed_buf_finish(&r->netrc);
	reed_buf_finish(&r->range);
	reed_free(r->url);
}
