#include "journal.h"

#include "reed/file.h"
#include "reed/folder.h"

#include "serve.h"

static const char magic[8] = "reedjnl1";

enum { HEAD = 24 }; /* sum 8, size 4, split 4, from 4, to 4 */

static uint64_t sum_of(const uint8_t *p, size_t n)
{
	static const uint8_t key[16] = "journal of zones";

	return dns_siphash(key, p, n);
}

/* ---- reading ---- */

static struct dns_delta *read_entry(struct reed_slice *rest)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	struct dns_delta *delta;
	size_t n, split;

	if (rest->n < HEAD)
		return NULL;
	n = dns_get32(p + 8);
	split = dns_get32(p + 12);
	if (n > rest->n - HEAD || split > n)
		return NULL;
	if (sum_of(p + 8, HEAD - 8 + n) != ((uint64_t)dns_get32(p) << 32 | dns_get32(p + 4)))
		return NULL;
	if (dns_delta_make(reed_slice(p + HEAD, split), reed_slice(p + HEAD + split, n - split),
	                   &delta))
		return NULL;
	*rest = reed_slice_from(*rest, HEAD + n);
	return delta;
}

size_t dns_journal_parse(struct reed_slice bytes, struct dns_history *h)
{
	struct reed_slice rest = reed_slice_from(bytes, sizeof(magic));
	struct dns_delta *delta;

	if (!reed_slice_starts(bytes, reed_slice(magic, sizeof(magic))))
		return 0;
	while ((delta = read_entry(&rest)))
		dns_history_add(h, delta);
	return bytes.n - rest.n;
}

/* ---- writing ---- */

static void add_entry(struct reed_buf *b, const struct dns_delta *delta)
{
	uint8_t head[HEAD];
	size_t at = reed_buf_held(b);
	uint64_t sum;

	memset(head, 0, 8);
	dns_put32(head + 8, (uint32_t)delta->n);
	dns_put32(head + 12, (uint32_t)delta->split);
	dns_put32(head + 16, delta->from);
	dns_put32(head + 20, delta->to);
	reed_buf_add(b, reed_slice(head, sizeof(head)));
	reed_buf_add(b, reed_slice(delta->bytes, delta->n));
	sum = sum_of((const uint8_t *)b->p + b->begin + at + 8, HEAD - 8 + delta->n);
	dns_put32((uint8_t *)b->p + b->begin + at, (uint32_t)(sum >> 32));
	dns_put32((uint8_t *)b->p + b->begin + at + 4, (uint32_t)sum);
}

static enum reed_err add(struct dns_journal *j, struct reed_slice bytes)
{
	int fd;
	enum reed_err err = reed_file_open_end(j->path, &fd);

	if (err)
		return err;
	err = reed_file_add(fd, bytes);
	if (!err)
		err = reed_file_sync(fd);
	if (!err)
		j->size += bytes.n;
	else if (reed_file_cut(fd, j->size)) /* nothing may follow what is torn */
		j->is_read = false;
	reed_folder_close(fd);
	return err;
}

enum reed_err dns_journal_append(struct dns_journal *j, const struct dns_history *changes)
{
	struct reed_buf b = { 0 };
	enum reed_err err;

	if (!j->is_read)
		return REED_ECLOSED;
	for (size_t i = 0; i < changes->n; i++)
		add_entry(&b, changes->all[i]);
	err = b.err ? b.err : add(j, reed_buf_slice(&b));
	reed_buf_finish(&b);
	return err;
}

enum reed_err dns_journal_rewrite(struct dns_journal *j, const struct dns_history *h)
{
	struct reed_file_stamp stamp;
	struct reed_buf b = { 0 };
	enum reed_err err;

	reed_buf_add(&b, reed_slice(magic, sizeof(magic)));
	for (size_t i = 0; i < h->n; i++)
		add_entry(&b, h->all[i]);
	err = b.err ? b.err : reed_file_replace(j->path, reed_buf_slice(&b), &stamp);
	if (!err)
		j->size = reed_buf_held(&b);
	reed_buf_finish(&b);
	return err;
}

/* What is behind the good bytes goes. */
static enum reed_err cut(const struct dns_journal *j)
{
	int fd;
	enum reed_err err = reed_file_open_end(j->path, &fd);

	if (!err) {
		err = reed_file_cut(fd, j->size);
		reed_folder_close(fd);
	}
	return err;
}

enum reed_err dns_journal_open(struct dns_journal *j, size_t most, struct dns_history *h,
                               bool *torn)
{
	struct reed_file_stamp stamp;
	struct reed_buf b = { .limit = most };
	enum reed_err err = reed_file_read(j->path, &b, &stamp);

	*torn = false;
	if (!err)
		j->size = dns_journal_parse(reed_buf_slice(&b), h);
	if (err == REED_ENOENT || (!err && j->size == 0)) {
		*torn = !err && reed_buf_held(&b) > 0;
		err = dns_journal_rewrite(j, h);
	} else if (!err) {
		*torn = j->size < reed_buf_held(&b);
		err = *torn ? cut(j) : REED_OK;
	}
	j->is_read = !err;
	reed_buf_finish(&b);
	return err;
}
