/* Name servers in a simulated world. */

#include "world.h"

#include "check.h"
#include "reed/alloc.h"
#include "reed/endpoint.h"

/* ---- those that say what they like ---- */

struct telling {
	struct reed_co co;
	struct teller *teller;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	struct asked asked;
};

static void hear(struct telling *self)
{
	struct asked *a = &self->asked;

	a->dgram = self->dgram;
	a->in = &self->in;
	if (reed_dns_message_parse(self->in.data, &a->m) || reed_dns_message_question(&a->m, &a->q))
		return;
	a->n = self->teller->asked++;
	self->teller->fn(self->teller->arg, a);
}

static void telling_run(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);

	reed_coroutine (co) {
		reed_try(co, reed_dgram_listen(co->loop, "udp:53", &self->dgram));
		for (;;) {
			reed_await(co, reed_dgram_receive(self->dgram, &self->in));
			if (!co->err)
				hear(self);
		}
	}
}

static void telling_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct telling)->dgram);
}

static const struct reed_co_kind telling_kind = {
	.name = "teller",
	.size = sizeof(struct telling),
	.run = telling_run,
	.end = telling_end,
};

static struct reed_future *telling(void *arg, struct reed_loop *loop)
{
	struct telling *self = reed_co_new(loop, &telling_kind);

	self->teller = arg;
	return reed_start(&self->co);
}

void teller_boot(struct reed_sim *sim, const char *host, struct teller *teller)
{
	reed_sim_boot(sim, host, telling, teller);
}

void tell_begin(struct asked *a, unsigned flags)
{
	reed_dns_build(&a->b, a->room, sizeof(a->room));
	reed_dns_build_header(&a->b, a->m.id, (uint16_t)(REED_DNS_QR | flags));
	reed_dns_build_question(&a->b, &a->q.name, a->q.type, a->q.klass);
}

void tell_record(struct asked *a, enum reed_dns_section section, const char *owner, uint16_t type,
                 uint32_t ttl, const char *text)
{
	struct reed_dns_name name = *owner ? name_of(owner) : a->q.name;
	uint8_t into[512];
	struct reed_slice rdata;

	check_int(reed_dns_rdata_parse(type, reed_slice_of(text), NULL, into, sizeof(into), &rdata,
	                               NULL),
	          REED_OK);
	reed_dns_build_record(&a->b, section, &name, type, REED_DNS_CLASS_IN, ttl, rdata);
}

void tell_end(struct asked *a)
{
	struct reed_slice message;

	check_int(reed_dns_build_end(&a->b, &message), REED_OK);
	reed_dgram_reply(a->dgram, a->in, message);
}

/* ---- those that serve a zone ---- */

struct serving {
	struct reed_co co;
	const struct zone_host *zone;
	struct reed_dns_server *server;
	struct reed_dgram *dgram;
	struct reed_future *one, *two;
};

static void serve_zone(struct serving *self)
{
	struct reed_dns_name name = name_of(self->zone->origin ? self->zone->origin : ".");
	struct reed_fault *fault = NULL;
	struct reed_dns_zone *zone;

	self->server = reed_dns_server_new(self->co.loop, NULL);
	if (self->zone->fill) {
		self->zone->fill(self->server);
		return;
	}
	if (reed_dns_zone_parse(reed_slice_of(self->zone->text), "zone", &name, &zone, &fault))
		fprintf(stderr, "%s\n", fault->sentence);
	check(!fault);
	reed_dns_server_put(self->server, zone, NULL);
}

static void serving_run(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);
	struct reed_future *udp, *tcp;

	reed_coroutine (co) {
		serve_zone(self);
		reed_try(co, reed_dgram_listen(co->loop, "udp:53", &self->dgram));
		udp = reed_dns_serve(self->server, self->dgram);
		self->dgram = NULL;
		tcp = reed_listen_and_serve(co->loop, "tcp:53", reed_dns_session, self->server,
		                            NULL);
		reed_try(co, reed_any(NULL, udp, tcp));
	}
}

static void serving_end(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);

	reed_dgram_close(self->dgram);
	reed_dns_server_free(self->server);
}

static const struct reed_co_kind serving_kind = {
	.name = "zone",
	.size = sizeof(struct serving),
	.run = serving_run,
	.end = serving_end,
};

static struct reed_future *serving(void *arg, struct reed_loop *loop)
{
	struct serving *self = reed_co_new(loop, &serving_kind);

	self->zone = arg;
	return reed_start(&self->co);
}

void zone_boot(struct reed_sim *sim, const char *host, const struct zone_host *zone)
{
	reed_sim_boot(sim, host, serving, (void *)(uintptr_t)zone);
}
