/* Hosts that want TLS (RFC 6797). */

#include "client.h"
#include "reed/address.h"
#include "reed/random.h"

enum { HOSTS = 1000 };

static struct hsts *of(struct reed_list *link)
{
	return reed_container_of(link, struct hsts, link);
}

static void forget(struct reed_http_client *client, struct hsts *h)
{
	reed_list_remove(&h->link);
	client->hsts_count--;
	reed_free(h->host);
	reed_free(h);
}

void hsts_free(struct reed_http_client *client)
{
	while (!reed_list_empty(&client->hsts))
		forget(client, of(client->hsts.next));
}

/* RFC 6797 8.2 */
static bool matches(const struct hsts *h, struct reed_slice host)
{
	struct reed_slice known = reed_slice_of(h->host);

	if (reed_slice_eq_nocase(host, known))
		return true;
	return h->below && host.n > known.n && host.p[host.n - known.n - 1] == '.' &&
	       reed_slice_eq_nocase(reed_slice_from(host, host.n - known.n), known);
}

bool hsts_wants(const struct reed_http_client *client, struct reed_slice host)
{
	int64_t now = reed_wall(client->loop) / REED_S(1);

	reed_list_each (link, &client->hsts)
		if (of(link)->until > now && matches(of(link), host))
			return true;
	return false;
}

/* RFC 6797 6.1; false: it is none. */
static bool parse(struct reed_slice field, uint64_t *age, bool *below)
{
	bool has_age = false;

	*below = false;
	while (field.n > 0) {
		struct reed_slice value = reed_slice_cut(&field, ';');
		struct reed_slice name = reed_slice_trim(reed_slice_cut(&value, '='));

		value = reed_slice_trim(value);
		if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = reed_slice(value.p + 1, value.n - 2);
		if (reed_slice_is_nocase(name, "includeSubDomains"))
			*below = true;
		if (!reed_slice_is_nocase(name, "max-age"))
			continue;
		if (has_age || reed_slice_u64(value, UINT32_MAX, age) == REED_ESYNTAX)
			return false;
		has_age = true;
	}
	return has_age;
}

void hsts_learn(struct reed_http_client *client, const struct url *url, struct reed_slice field)
{
	struct reed_address at;
	struct hsts *h;
	uint64_t age = UINT32_MAX; /* of one out of range */
	bool below;

	if (!url->secure || !field.p || !reed_address_parse(url->host, 0, &at) ||
	    !parse(field, &age, &below))
		return;
	reed_list_each_safe (link, &client->hsts)
		if (reed_slice_eq_nocase(reed_slice_of(of(link)->host), url->host))
			forget(client, of(link));
	if (age == 0)
		return;
	if (client->hsts_count == HOSTS)
		forget(client, of(client->hsts.next));
	h = reed_alloc(sizeof(*h));
	h->host = reed_slice_dup(url->host);
	h->until = reed_wall(client->loop) / REED_S(1) + (int64_t)age;
	h->below = below;
	reed_list_append(&client->hsts, &h->link);
	client->hsts_count++;
}
