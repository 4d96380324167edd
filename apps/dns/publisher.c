/*
 * Records about the daemon that this runs in (RFC 2782, 7671, 4255), by dynamic updates: where
 * its TLS doors are, by what keys they are known now and next, and the keys of SSH of the host.
 * They stay when the daemon stops, as others have them in caches.
 */

#include "publisher.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/dns/publish.h"
#include "reed/file.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/publishing.h"

enum {
	FILES = 32,
	FILE_MOST = 1 << 16,
	DOORS = 32,
	MS = 1000000,
	AGAIN_MS = 5000,
	AGAIN_MOST_MS = 600000
};

/* ---- files, read in a thread ---- */

struct files {
	char *paths[FILES];
	struct reed_buf text[FILES];
	size_t n;
};

static void files_finish(struct files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		reed_free(files->paths[i]);
		if (files->text[i].p)
			reed_wipe(files->text[i].p, files->text[i].size);
		reed_buf_finish(&files->text[i]);
	}
	*files = (struct files){ 0 };
}

static void add_file(struct files *files, char *path)
{
	if (files->n < FILES)
		files->paths[files->n++] = path;
	else
		reed_free(path);
}

struct reading {
	struct reed_job job;
	struct files files, *out;
};

/* One that is not there says nothing: the next key, perhaps. */
static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);
	struct reed_file_stamp stamp;

	for (size_t i = 0; i < self->files.n; i++) {
		reed_buf_init(&self->files.text[i], FILE_MOST);
		if (reed_file_read(self->files.paths[i], &self->files.text[i], &stamp))
			reed_buf_clear(&self->files.text[i]);
	}
	return REED_OK;
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->files;
	self->files = (struct files){ 0 };
}

static void reading_end(struct reed_job *job)
{
	files_finish(&reed_job_frame(job, struct reading)->files);
}

static const struct reed_job_kind reading_kind = {
	.name = "publish",
	.size = sizeof(struct reading),
	.run = reading_run,
	.deliver = reading_deliver,
	.end = reading_end,
};

/* ---- doors ---- */

/* What is registered with IANA for who speaks TLS at once. */
static const struct {
	const char *kind, *service;
} services[] = {
	{ "chat", "_ircs-u._tcp" },
	{ "web", "_https._tcp" },
	{ "dns", "_domain-s._tcp" },
};

struct door {
	const char *service; /* NULL: no SRV record */
	uint16_t port;
	size_t files, file_count; /* which tell its keys */
};

struct publisher {
	struct reed_co co;
	struct reed_service *service;
	const struct reed_publishing *settings;
	struct reed_dns_name zone;
	struct reed_dns_key key;
	struct door doors[DOORS];
	size_t door_count, i, ssh;
	struct files files;
	uint64_t known; /* the hash of what was published last; 0: nothing was */
	int64_t again;  /* ms */
	bool failed;
};

static const char *host_of(const struct publisher *self)
{
	return self->settings->host ? self->settings->host : self->service->site->name;
}

/* Certificates that come by themselves: the one of the host, and the key of the next. */
static void add_automatic(struct publisher *self, struct door *door, const char *folder)
{
	add_file(&self->files, reed_sprintf("%s/%s.pem", folder, host_of(self)));
	add_file(&self->files, reed_sprintf("%s/../orders/%s.pem", folder, host_of(self)));
	door->file_count += 2;
}

static void add_door(struct publisher *self, const struct reed_service *service,
                     const struct reed_door *given)
{
	const char *folder = self->service->site->certificates;
	const struct reed_endpoint_part *cert;
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	struct door *door = &self->doors[self->door_count];

	if (!reed_endpoint_parse(reed_slice_of(given->endpoint), &e, &fault) &&
	    reed_slice_is(e.scheme, "tls") && (cert = reed_endpoint_key(&e, "cert")) &&
	    given->count && self->door_count < DOORS) {
		*door = (struct door){ .port = given->addresses[0].port, .files = self->files.n };
		for (size_t i = 0; i < REED_COUNT(services); i++)
			if (strcmp(services[i].kind, service->kind->name) == 0)
				door->service = services[i].service;
		for (size_t i = 0; i < self->door_count; i++) /* the first of a kind has it */
			if (self->doors[i].service == door->service)
				door->service = NULL;
		if (folder && reed_slice_is(cert->value, folder)) {
			add_automatic(self, door, folder);
		} else {
			add_file(&self->files, reed_slice_dup(cert->value));
			door->file_count++;
		}
		for (size_t i = 0; i < self->settings->next.n; i++, door->file_count++)
			add_file(&self->files, reed_strdup(self->settings->next.items[i]));
		self->door_count++;
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

static struct reed_future *look(struct publisher *self)
{
	struct reading *reading = reed_job_new(self->co.loop, &reading_kind);
	struct reed_door door = REED_DOOR;
	struct reed_service *service;

	self->door_count = 0;
	for (size_t n = 0; (service = reed_service_child(self->service->parent, n)); n++)
		for (size_t i = 0; reed_service_door(service, i, &door); i++)
			add_door(self, service, &door);
	self->ssh = self->files.n;
	for (size_t i = 0; i < self->settings->ssh.n; i++)
		add_file(&self->files, reed_strdup(self->settings->ssh.items[i]));
	reading->files = self->files;
	reading->out = &self->files;
	self->files = (struct files){ 0 };
	return reed_offload(&reading->job);
}

static uint64_t hash_of(const struct publisher *self)
{
	uint64_t hash = 1;

	for (size_t i = 0; i < self->door_count; i++)
		hash = hash * 31 + self->doors[i].port;
	for (size_t i = 0; i < self->files.n; i++)
		hash = reed_slice_hash(reed_buf_slice(&self->files.text[i]), hash);
	return hash ? hash : 1;
}

/* ---- telling ---- */

static size_t keys_of(const struct publisher *self, const struct door *door,
                      struct reed_slice keys[FILES])
{
	size_t n = 0;

	for (size_t i = door->files; i < door->files + door->file_count && i < self->files.n; i++)
		if (reed_buf_held(&self->files.text[i]))
			keys[n++] = reed_buf_slice(&self->files.text[i]);
	return n;
}

static size_t ssh_keys_of(struct publisher *self, const char *keys[FILES])
{
	size_t n = 0;

	for (size_t i = self->ssh; i < self->files.n; i++) {
		struct reed_buf *text = &self->files.text[i];

		if (!reed_buf_held(text))
			continue;
		reed_buf_add_char(text, '\0');
		text->end--;
		keys[n++] = text->p + text->begin;
	}
	return n;
}

/* What has to be said of the i-th door; those of SSH with the first, or alone. */
static struct reed_future *tell(struct publisher *self)
{
	const struct door *door = self->i < self->door_count ? &self->doors[self->i] : NULL;
	struct reed_dns_updater to = { REED_DNS_UPDATER, .endpoint = self->settings->server,
		                       .zone = &self->zone,
		                       .key = self->settings->key.id ? &self->key : NULL };
	struct reed_dns_service s = { REED_DNS_SERVICE, .host = host_of(self) };
	struct reed_slice keys[FILES];
	const char *ssh[FILES];

	if (door) {
		s.service = door->service;
		s.domain = door->service ? self->settings->zone : NULL;
		s.port = door->port;
		s.keys = keys;
		s.key_count = keys_of(self, door, keys);
	}
	s.ttl = (uint32_t)(self->settings->ttl / (1000 * INT64_C(1000000)));
	s.ssh_keys = ssh;
	s.ssh_key_count = self->i == 0 ? ssh_keys_of(self, ssh) : 0;
	if (!s.domain && !s.key_count && !s.ssh_key_count)
		return reed_ready(self->co.loop, REED_OK);
	return reed_dns_announce_to(self->co.loop, &to, &s);
}

static void settle(struct publisher *self, uint64_t hash)
{
	struct reed_co *co = &self->co;

	self->failed = co->err != REED_OK;
	if (self->failed) {
		self->again = self->again ? 2 * self->again : AGAIN_MS;
		self->again = self->again < AGAIN_MOST_MS ? self->again : AGAIN_MOST_MS;
		reed_log(co->loop, REED_LOG_WARN, "records were not published server=%s why=%s",
		         self->settings->server, reed_co_why(co));
		return;
	}
	self->again = 0;
	self->known = hash;
	reed_log(co->loop, REED_LOG_INFO, "records are published host=%s server=%s doors=%zu",
	         host_of(self), self->settings->server, self->door_count);
}

/* A sibling that has failed has no doors, and is no reason not to tell of the others. */
static struct reed_future *wait_for_sibling(struct publisher *self)
{
	struct reed_service *service = reed_service_child(self->service->parent, self->i);

	return service == self->service ? reed_ready(self->co.loop, REED_OK)
	                                : reed_service_wait(service);
}

static void publisher_run(struct reed_co *co)
{
	struct publisher *self = reed_frame(co, struct publisher);

	reed_coroutine (co) {
		reed_service_ready(self->service);
		for (self->i = 0; reed_service_child(self->service->parent, self->i); self->i++) {
			reed_await(co, wait_for_sibling(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
		}
		for (;;) {
			files_finish(&self->files);
			reed_try(co, look(self));
			self->failed = false;
			for (self->i = 0; hash_of(self) != self->known && !self->failed &&
			                  (self->i < self->door_count || !self->i);
			     self->i++) {
				reed_await(co, tell(self));
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				if (co->err || self->i + 1 >= self->door_count) {
					settle(self, hash_of(self));
					break;
				}
			}
			reed_try(co,
			         reed_sleep(co->loop, self->failed ? self->again
			                                           : self->settings->every / MS));
		}
	}
}

static void publisher_end(struct reed_co *co)
{
	struct publisher *self = reed_frame(co, struct publisher);

	files_finish(&self->files);
	reed_wipe(&self->key, sizeof(self->key));
}

static const struct reed_co_kind publisher_kind = {
	.name = "publish",
	.size = sizeof(struct publisher),
	.run = publisher_run,
	.end = publisher_end,
};

static struct reed_future *publisher_start(struct reed_service *service)
{
	const struct reed_publishing *s = service->settings;
	struct publisher *self = reed_co_new(service->loop, &publisher_kind);
	struct reed_fault *fault = NULL;

	self->service = service;
	self->settings = s;
	if (!s->zone || reed_dns_name_parse(reed_slice_of(s->zone), NULL, &self->zone))
		fault = reed_fault(REED_EINVAL, NULL,
		                   "publish.zone: %s is no name of a zone; write "
		                   "one as in example.org",
		                   s->zone ? s->zone : "nothing");
	else if (s->key.id)
		reed_dns_key_parse(s->key.id, (enum reed_dns_hmac)s->key.algorithm,
		                   reed_slice_of(s->key.secret ? s->key.secret : ""), &self->key,
		                   &fault);
	if (!fault)
		return reed_start(&self->co);
	reed_drop(&self->co.future);
	return reed_failed_with(service->loop, fault);
}

const struct reed_service_kind reed_dns_publisher =
	REED_SERVICE_KIND(.name = "publish", .summary = "Records about this daemon in DNS.",
                          .start = publisher_start);
