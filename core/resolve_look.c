/* The files that names come from: looked at in a thread, and read when they have changed. */

#include "reed/offload.h"
#include "resolve_private.h"

enum { HOSTS_MAX = 4 << 20 };

struct look {
	struct reed_job job;
	struct reed_resolver *resolver;                 /* not for the thread */
	struct reed_resolver_options options;           /* the strings are ours */
	struct reed_file_stamp hosts_stamp, conf_stamp; /* of what is known; then of what is */
	bool has_dns;
	struct reed_hosts *hosts;
	struct reed_dns *dns;
	bool hosts_changed, conf_changed;
	enum reed_err hosts_err, conf_err; /* it is there, but cannot be read */
	struct reed_fault *trouble;
};

static struct look *look_of(struct reed_job *job)
{
	return reed_job_frame(job, struct look);
}

/* ---- in a thread ---- */

static void look_at_hosts(struct look *look)
{
	const char *path = look->options.hosts_file ? look->options.hosts_file : "/etc/hosts";
	struct reed_file_stamp stamp;
	struct reed_buf text;
	enum reed_err err = reed_file_look(path, &stamp);

	if (reed_file_same(&stamp, &look->hosts_stamp))
		return;
	look->hosts_changed = true;
	look->hosts_stamp = stamp;
	reed_buf_init(&text, HOSTS_MAX);
	if (!err)
		err = reed_file_read(path, &text, &stamp);
	if (!err)
		look->hosts = reed_hosts_parse(reed_buf_slice(&text));
	else if (err != REED_ENOENT)
		look->hosts_err = err;
	reed_buf_finish(&text);
}

static enum reed_err try_to_read(const char *path)
{
	struct reed_file_stamp stamp;
	struct reed_buf text;
	enum reed_err err;

	reed_buf_init(&text, HOSTS_MAX);
	err = reed_file_read(path, &text, &stamp);
	reed_buf_finish(&text);
	return err == REED_ENOENT ? REED_OK : err;
}

/* c-ares takes one that it cannot read for one that says nothing. */
static void look_at_conf(struct look *look)
{
	const char *path =
		look->options.resolv_conf ? look->options.resolv_conf : "/etc/resolv.conf";
	struct reed_file_stamp stamp;

	reed_file_look(path, &stamp);
	if (look->has_dns && reed_file_same(&stamp, &look->conf_stamp))
		return;
	look->conf_changed = true;
	look->conf_stamp = stamp;
	if (look->has_dns && (look->conf_err = try_to_read(path)) != REED_OK)
		return;
	look->dns = reed_dns_new(look->job.future.loop, &look->options, &look->trouble);
}

static enum reed_err look_run(struct reed_job *job)
{
	struct look *look = look_of(job);

	if (!look->options.hosts_file || look->options.hosts_file[0])
		look_at_hosts(look);
	look_at_conf(look);
	return REED_OK;
}

/* ---- at home ---- */

/* What was known before is better than nothing: a sandbox may hide the new file. */
static void take_hosts(struct reed_resolver *r, struct look *look)
{
	if (!look->hosts_changed)
		return;
	r->hosts_stamp = look->hosts_stamp;
	if (look->hosts_err) {
		reed_unheard(r->loop, "reading the hosts file", look->hosts_err,
		             reed_strerror(look->hosts_err));
		return;
	}
	reed_hosts_free(r->hosts);
	r->hosts = look->hosts;
	look->hosts = NULL;
}

/* Other servers may say other things. */
static void take_dns(struct reed_resolver *r, struct look *look)
{
	if (!look->conf_changed)
		return;
	r->conf_stamp = look->conf_stamp;
	if (look->conf_err) {
		reed_unheard(r->loop, "reading the names of name servers", look->conf_err,
		             reed_strerror(look->conf_err));
		return;
	}
	reed_dns_retire(r->dns, &r->retired);
	reed_fault_free(r->trouble);
	r->dns = look->dns;
	r->trouble = look->trouble;
	look->dns = NULL;
	look->trouble = NULL;
	reed_cache_forget(r);
}

static void look_deliver(struct reed_job *job)
{
	take_hosts(look_of(job)->resolver, look_of(job));
	take_dns(look_of(job)->resolver, look_of(job));
}

static void look_end(struct reed_job *job)
{
	struct look *look = look_of(job);

	reed_hosts_free(look->hosts);
	reed_dns_free(look->dns);
	reed_fault_free(look->trouble);
	reed_resolver_options_finish(&look->options);
}

static const struct reed_job_kind look_kind = {
	.name = "look at resolv.conf",
	.size = sizeof(struct look),
	.run = look_run,
	.deliver = look_deliver,
	.end = look_end,
};

/* No thread: what is known has to do. */
static void looked(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_resolver *r = reed_container_of(w, struct reed_resolver, looker);
	int64_t ms = r->options.look_ms > 1 ? r->options.look_ms : 1;

	if (err && !r->dns && !r->trouble)
		r->trouble = reed_fault(err, NULL, "no DNS: resolv.conf cannot be read: %s",
		                        reed_fault_why(fault, err));
	reed_fault_free(fault);
	r->look_again = reed_now(r->loop) + REED_MS(ms);
	reed_cell_touch(&r->looked);
}

/* The pool must outlive the job, so we are to end before it. */
static void start_look(struct reed_resolver *r)
{
	struct look *look = reed_job_new(r->loop, &look_kind);
	struct reed_future *f;

	r->looks++;
	look->resolver = r;
	look->hosts_stamp = r->hosts_stamp;
	look->conf_stamp = r->conf_stamp;
	look->has_dns = r->dns != NULL;
	reed_resolver_options_copy(&look->options, &r->options);
	r->looker.wake = looked;
	f = reed_offload(&look->job);
	reed_list_unlink(&r->last.link);
	reed_at_loop_end(r->loop, &r->last);
	reed_wait(f, &r->looker);
}

bool reed_must_look(struct reed_resolver *r)
{
	if (!reed_resolver_uses_system(r) || reed_now(r->loop) < r->look_again)
		return false;
	if (!r->looker.future)
		start_look(r);
	return true;
}

static void forget(struct reed_resolver *r)
{
	reed_unwait(r->loop, &r->looker);
	reed_hosts_free(r->hosts);
	reed_fault_free(r->trouble);
	r->hosts = NULL;
	r->trouble = NULL;
	r->hosts_stamp = r->conf_stamp = (struct reed_file_stamp){ .size = 0 };
	r->look_again = 0;
}

/* Those who wait for a look that was under way see a change, and have to have another. */
void reed_look_anew(struct reed_resolver *r)
{
	forget(r);
	reed_dns_retire(r->dns, &r->retired);
	r->dns = NULL;
	reed_cell_touch(&r->looked);
}

void reed_look_finish(struct reed_resolver *r)
{
	forget(r);
	reed_dns_free(r->dns);
	r->dns = NULL;
	reed_dns_free_all(&r->retired);
}
