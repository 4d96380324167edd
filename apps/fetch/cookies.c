/* Cookies of the fetches before, in a file that curl reads too. */

#include "fetch.h"

#include "reed/file.h"

enum { LARGEST = 16 << 20 };

enum reed_err fetch_cookies_read(struct fetch_request *r, const char *path, int64_t wall,
                                 struct reed_fault **fault)
{
	struct reed_buf text = { .limit = LARGEST };
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(path, &text, &stamp);
	unsigned line = 0;

	r->jar = r->options.jar = reed_http_jar_new();
	if (err == REED_ENOENT)
		err = REED_OK;
	else if (err)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	else if ((err = reed_http_jar_read(r->jar, reed_buf_slice(&text), wall, &line)))
		*fault = reed_fault(
			err, NULL,
			"%s:%u: a cookie is seven words with tabs between: domain, TRUE or "
			"FALSE, path, TRUE or FALSE, seconds, name, value",
			path, line);
	reed_buf_finish(&text);
	return err;
}

enum reed_err fetch_cookies_write(const struct fetch_request *r, const char *path, int64_t wall,
                                  struct reed_fault **fault)
{
	struct reed_buf text = { .limit = 0 };
	struct reed_file_stamp stamp;
	enum reed_err err;

	reed_http_jar_write(r->jar, wall, &text);
	err = reed_file_replace(path, reed_buf_slice(&text), &stamp);
	if (err)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	reed_buf_finish(&text);
	return err;
}
