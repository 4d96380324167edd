/* Small files in memory, and larger ones open: by path and codings, the least used go first. */

#include "files.h"

static struct kept **find(struct reed_http_files *files, const char *path, unsigned codings,
                          uint64_t *hash)
{
	struct kept **at;

	*hash = reed_slice_hash(reed_slice_of(path), codings);
	at = &files->buckets[*hash % FILES_BUCKETS];
	while (*at && ((*at)->hash != *hash || (*at)->codings != codings ||
	               strcmp((*at)->path, path) != 0))
		at = &(*at)->next;
	return at;
}

static void drop(struct reed_http_files *files, struct kept **at)
{
	struct kept *kept = *at;

	*at = kept->next;
	reed_list_remove(&kept->link);
	if (kept->found.blob)
		files->bytes -= kept->found.blob->n;
	else
		files->open--;
	found_finish(&kept->found);
	reed_free(kept->path);
	reed_free(kept);
}

static void drop_last(struct reed_http_files *files)
{
	struct kept *last = reed_container_of(files->used.prev, struct kept, link);
	uint64_t hash;

	drop(files, find(files, last->path, last->codings, &hash));
}

/* What nobody asks for any more must not hold on to a file that was deleted. */
static void drop_forgotten(struct reed_http_files *files)
{
	int64_t since = reed_now(files->loop) - REED_S(60);

	while (!reed_list_empty(&files->used) &&
	       reed_container_of(files->used.prev, struct kept, link)->checked < since)
		drop_last(files);
}

static void count(struct reed_http_files *files, const struct found *found)
{
	if (found->blob) {
		reed_blob_share(found->blob);
		files->bytes += found->blob->n;
	} else {
		reed_source_share(found->source);
		files->open++;
	}
}

struct found *files_kept(struct reed_http_files *files, const char *path, unsigned codings)
{
	uint64_t hash;
	struct kept *kept = *find(files, path, codings, &hash);

	if (!kept ||
	    reed_now(files->loop) - kept->checked > REED_MS((int64_t)files->options.fresh_ms))
		return NULL;
	reed_list_remove(&kept->link);
	reed_list_prepend(&files->used, &kept->link);
	return &kept->found;
}

void files_keep(struct reed_http_files *files, const char *path, unsigned codings,
                const struct found *found)
{
	uint64_t hash;
	struct kept **at = find(files, path, codings, &hash), *kept;

	if (*at)
		drop(files, at);
	if (found->kind != FOUND_FILE)
		return;
	kept = reed_alloc(sizeof(*kept));
	kept->hash = hash;
	kept->codings = codings;
	kept->path = reed_strdup(path);
	kept->found = *found;
	kept->checked = reed_now(files->loop);
	count(files, &kept->found);
	kept->next = files->buckets[hash % FILES_BUCKETS];
	files->buckets[hash % FILES_BUCKETS] = kept;
	reed_list_prepend(&files->used, &kept->link);
	while (files->bytes > files->options.kept || files->open > FILES_OPEN)
		drop_last(files);
	drop_forgotten(files);
}

void files_forget(struct reed_http_files *files)
{
	while (!reed_list_empty(&files->used))
		drop_last(files);
}
