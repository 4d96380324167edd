/* A ring as a file: lines of words. */

#include "ring.h"

#include <inttypes.h>

#include "reed/alloc.h"

static const char head[] = "reed dns keys 1";

static void print_key(const struct dns_ring_key *k, struct reed_buf *out)
{
	reed_buf_printf(out, "key %u %u %d %d %" PRId64 " %" PRId64 " %" PRId64 " %d ",
	                k->algorithm, k->roles, (int)k->state, (int)k->ds, k->made, k->since,
	                k->ds_since, k->roll);
	for (size_t i = 0; i < REED_DNS_SEED_SIZE; i++)
		reed_buf_printf(out, "%02x", k->seed[i]);
	reed_buf_add_char(out, '\n');
}

void dns_ring_print(const struct dns_ring *ring, struct reed_buf *out)
{
	const struct reed_file_stamp *s = &ring->source;

	reed_buf_printf(out, "%s\njitter %" PRIu64 "\nttl %u\n", head, ring->seed, ring->ttl_most);
	reed_buf_printf(out,
	                "source %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %u\n",
	                s->device, s->inode, s->size, s->modified, s->changed, s->mode);
	for (size_t i = 0; i < ring->n; i++)
		print_key(&ring->keys[i], out);
	reed_buf_add_str(out, "end\n");
}

/* n numbers, and nothing behind them but what *rest has then. */
static bool numbers(struct reed_slice *rest, uint64_t *into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (reed_slice_u64(reed_slice_cut(rest, ' '), UINT64_MAX, &into[i]))
			return false;
	return true;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_seed(struct reed_slice hex, uint8_t seed[REED_DNS_SEED_SIZE])
{
	if (hex.n != 2 * (size_t)REED_DNS_SEED_SIZE)
		return false;
	for (size_t i = 0; i < REED_DNS_SEED_SIZE; i++) {
		int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		seed[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_key(struct dns_ring *ring, struct reed_slice line)
{
	struct dns_ring_key *k = &ring->keys[ring->n];
	unsigned flags = REED_DNS_KEY_ZONE;
	uint64_t w[8];

	if (ring->n == RING_KEYS || !numbers(&line, w, 8) || !read_seed(line, k->seed) || !w[1] ||
	    w[1] > 3 || w[2] > REED_DNS_KEY_LEAVING || w[3] > REED_DNS_DS_SEEN || w[0] > 255 ||
	    w[4] > INT64_MAX || w[5] > INT64_MAX || w[6] > INT64_MAX)
		return false;
	flags |= w[1] & REED_DNS_ROLE_KSK ? REED_DNS_KEY_SEP : 0;
	k->algorithm = (unsigned)w[0];
	k->roles = (unsigned)w[1];
	k->state = (enum reed_dns_key_state)w[2];
	k->ds = (enum reed_dns_ds_state)w[3];
	k->made = (int64_t)w[4];
	k->since = (int64_t)w[5];
	k->ds_since = (int64_t)w[6];
	k->roll = w[7];
	if (reed_dns_zone_key_make(k->algorithm, flags, k->seed, &k->key))
		return false;
	ring->n++;
	return true;
}

static bool read_source(struct dns_ring *ring, struct reed_slice line)
{
	struct reed_file_stamp *s = &ring->source;
	uint64_t w[6];

	if (!numbers(&line, w, 6))
		return false;
	*s = (struct reed_file_stamp){ .device = w[0],
		                       .inode = w[1],
		                       .size = (int64_t)w[2],
		                       .modified = (int64_t)w[3],
		                       .changed = (int64_t)w[4],
		                       .mode = (uint32_t)w[5] };
	return true;
}

static bool read_line(struct dns_ring *ring, struct reed_slice line)
{
	struct reed_slice word = reed_slice_cut(&line, ' ');
	uint64_t number = 0;

	if (reed_slice_is(word, "key"))
		return read_key(ring, line);
	if (reed_slice_is(word, "source"))
		return read_source(ring, line);
	if (!numbers(&line, &number, 1))
		return false;
	if (reed_slice_is(word, "jitter"))
		ring->seed = number;
	else if (reed_slice_is(word, "ttl"))
		ring->ttl_most = (uint32_t)number;
	else
		return false;
	return true;
}

enum reed_err dns_ring_parse(struct dns_ring *ring, struct reed_slice text)
{
	bool whole = reed_slice_ends(text, REED_STR("\nend\n"));
	struct reed_slice line = reed_slice_cut(&text, '\n');
	bool good = whole && reed_slice_is(line, head);

	*ring = (struct dns_ring){ 0 };
	while (good) {
		line = reed_slice_cut(&text, '\n');
		if (reed_slice_is(line, "end") && !text.n)
			return REED_OK;
		good = read_line(ring, line);
	}
	dns_ring_finish(ring);
	return REED_ECORRUPT;
}
