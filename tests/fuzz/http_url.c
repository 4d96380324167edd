/*
 * URLs of clients, and where an answer sends them from there: what passes is cut
 * into its parts, can be dialled, and passes again.
 */

#include "check.h"
#include "protocols/http/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct reed_slice part, struct reed_slice all)
{
	check(part.n == 0 || (part.p >= all.p && part.p + part.n <= all.p + all.n));
	check(memchr(part.p ? part.p : "", '\n', part.n) == NULL);
}

static void can_be_dialled(const struct url *url)
{
	char *text = url_endpoint(url);
	struct reed_endpoint e;

	check_int(reed_endpoint_parse(reed_slice_of(text), &e, NULL), REED_OK);
	check_slice(e.scheme, url->secure ? "tls" : "tcp");
	check(reed_slice_eq(reed_endpoint_arg(&e, 0)->value, url->host));
	check_int(e.count, 2);
	reed_endpoint_finish(&e);
	reed_free(text);
}

static bool cut_up(struct reed_slice text, struct url *url)
{
	const char *why = NULL;

	if (url_parse(text, url, &why)) {
		check(why);
		return false;
	}
	within(url->authority, text);
	within(url->host, url->authority);
	within(url->target, text);
	check(url->host.n > 0 && url->port > 0);
	can_be_dialled(url);
	return true;
}

/* The first line is a URL, the second a Location. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = reed_slice(data, size), text = reed_slice_cut(&rest, '\n');
	struct url url, next;
	char *there;

	if (!cut_up(text, &url) || url_resolve(&url, rest, &there))
		return 0;
	check(cut_up(reed_slice_of(there), &next));
	reed_free(there);
	return 0;
}
