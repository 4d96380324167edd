/*
 * Forms, files and JSON sent by a client (reed/http/client.h).
 *
 *	struct reed_form_entry entries[] = {
 *		{ .name = "title", .value = REED_STR("Reeds") },
 *		{ .name = "photo", .path = "/home/ada/reed.jpg", .type = "image/jpeg" },
 *	};
 *
 *	reed_try(co, reed_form_post(client, url, entries, 2, &options, &self->response));
 *
 * Files are read by the offload pool as they are sent, a piece at a time.
 */

#ifndef REED_FORM_CLIENT_H
#define REED_FORM_CLIENT_H

#include "reed/http/client.h"
#include "reed/json.h"

REED_BEGIN_DECLS

struct reed_form_entry {
	const char *name;
	struct reed_slice value; /* or what stands in the file, when path is NULL */
	const char *path;        /* of a file; NULL: none */
	const char *filename;    /* NULL: the last part of path; not NULL: value is a file's */
	const char *type;        /* of a file; NULL: application/octet-stream */
};

struct reed_form_post_options {
	size_t size;        /* of this struct */
	const char *method; /* NULL: POST */
	const struct reed_http_field *fields;
	size_t field_count;
	bool multipart; /* though there is no file */
	/* Each time a piece has gone: bytes so far, and in all. */
	void (*progress)(void *arg, uint64_t sent, uint64_t all);
	void *arg;
};

#define REED_FORM_POST_OPTIONS                                \
	{                                                     \
		.size = sizeof(struct reed_form_post_options) \
	}

/*
 * Without files it is urlencoded, else multipart/form-data, whose length is told.
 * All that is given is copied; options may be NULL.  Fails as reed_http_fetch()
 * does, and as opening and reading files do.
 */
REED_API struct reed_future *reed_form_post(struct reed_http_client *client, const char *url,
                                            const struct reed_form_entry *entries, size_t count,
                                            const struct reed_form_post_options *options,
                                            struct reed_http_response **response);

/*
 * Sends a value, which it takes over (NULL: none), and reads one.  The value that
 * came is the caller's, for json_decref(); NULL when the answer has none, which
 * of a status of 200 to 299 but 204 and 205 is REED_EPROTO.  response may be NULL.
 */
REED_API struct reed_future *reed_json_send(struct reed_http_client *client, const char *method,
                                            const char *url, struct json_t *value,
                                            struct reed_http_response **response,
                                            struct json_t **out);

static inline struct reed_future *reed_json_get(struct reed_http_client *client, const char *url,
                                                struct reed_http_response **response,
                                                struct json_t **out)
{
	return reed_json_send(client, "GET", url, NULL, response, out);
}

static inline struct reed_future *reed_json_post(struct reed_http_client *client, const char *url,
                                                 struct json_t *value,
                                                 struct reed_http_response **response,
                                                 struct json_t **out)
{
	return reed_json_send(client, "POST", url, value, response, out);
}

REED_END_DECLS

#endif
