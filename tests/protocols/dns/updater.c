/* What daemons tell a name server of themselves, and name servers that are not as they should be. */

#include "check.h"
#include "names.h"
#include "reed/co.h"
#include "reed/dns/build.h"
#include "reed/dns/publish.h"
#include "reed/endpoint.h"
#include "reed/random.h"
#include "reed/sim.h"

#include "protocols/dns/field.h"

enum manners {
	TAKES,
	REFUSES,
	SIGNS_NOTHING,
	KNOWS_NO_KEY,
	HAS_ANOTHER_ZONE,
	SAYS_SOMETHING,
	CLOSES,
	CUTS,
	SAYS_NOTHING
};

struct world {
	enum manners manners;
	struct reed_dns_key key;
	struct reed_dns_name zone;
	unsigned updates; /* that were signed well */
	uint16_t records; /* of the last */
};

struct session {
	struct reed_co co;
	struct world *world;
	struct reed_stream *stream;
	struct reed_slice bytes;
	struct reed_dns_tsig tsig;
};

static uint64_t seconds(const struct session *self)
{
	return (uint64_t)(reed_wall(self->co.loop) / 1000000000);
}

static void take(struct session *self, struct reed_dns_message *m)
{
	struct world *world = self->world;
	struct reed_dns_keys *keys = reed_dns_keys_new();

	check_int(reed_dns_message_parse(self->bytes, m), REED_OK);
	check_int(reed_dns_opcode(m->flags), REED_DNS_OPCODE_UPDATE);
	if (world->manners != KNOWS_NO_KEY)
		check_int(reed_dns_keys_add(keys, &world->key, false), REED_OK);
	world->updates += !reed_dns_tsig_take(&self->tsig, keys, m, seconds(self));
	world->records = m->counts[REED_DNS_AUTHORITY];
	reed_dns_keys_free(keys);
}

static void answer(struct session *self, const struct reed_dns_message *m)
{
	enum manners manners = self->world->manners;
	unsigned rcode = manners == REFUSES ? REED_DNS_RCODE_REFUSED
	                 : manners == KNOWS_NO_KEY || manners == HAS_ANOTHER_ZONE
	                         ? REED_DNS_RCODE_NOTAUTH
	                         : REED_DNS_RCODE_NOERROR;
	uint16_t id = (uint16_t)(m->id + (manners == SAYS_SOMETHING));
	struct reed_dns_builder b;
	struct reed_slice message;
	uint8_t p[1024];
	size_t n;

	reed_dns_build(&b, p + 2, sizeof(p) - 2);
	reed_dns_build_header(&b, id,
	                      (uint16_t)(REED_DNS_QR | REED_DNS_OPCODE_UPDATE << 11 | rcode));
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	n = message.n;
	if (manners != SIGNS_NOTHING)
		check_int(reed_dns_tsig_sign(&self->tsig, p + 2, &n, sizeof(p) - 2, seconds(self)),
		          REED_OK);
	dns_put16(p, (unsigned)n);
	reed_write(self->stream, reed_slice(p, manners == CUTS ? n : n + 2));
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);
	struct reed_dns_message m;

	reed_coroutine (co) {
		reed_try(co, reed_read_exactly(self->stream, 2, &self->bytes));
		reed_try(co,
		         reed_read_exactly(self->stream, dns_get16((const uint8_t *)self->bytes.p),
		                           &self->bytes));
		take(self, &m);
		if (self->world->manners == SAYS_NOTHING)
			reed_try(co, reed_forever(co->loop));
		if (self->world->manners != CLOSES)
			answer(self, &m);
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_dns_tsig_finish(&self->tsig);
	reed_close(self->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "server",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_loop *server_loop;

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(server_loop, &session_kind);

	self->world = arg;
	self->stream = stream;
	return reed_start(&self->co);
}

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	server_loop = loop;
	return reed_listen_and_serve(loop, "tcp:53", session, arg, NULL);
}

static struct reed_future *announce(struct world *world, struct reed_loop *loop)
{
	static const char *const ssh[] = {
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmMmXIqEYA7HxK2Q9QmXfCZbsq1GVnLkT8wFyWcvIhN"
	};
	struct reed_dns_updater to = { REED_DNS_UPDATER, .endpoint = "tcp:ns:53",
		                       .zone = &world->zone, .key = &world->key };
	struct reed_dns_service service = { REED_DNS_SERVICE,
		                            .domain = "example.org",
		                            .service = "_ircs-u._tcp",
		                            .host = "chat.example.org",
		                            .port = 6697,
		                            .ssh_keys = ssh,
		                            .ssh_key_count = 1 };

	return reed_dns_announce_to(loop, &to, &service);
}

static enum reed_err tell(enum manners manners)
{
	struct world world = { .manners = manners, .zone = name_of("example.org") };
	struct reed_sim *sim = reed_sim_new(NULL);
	enum reed_err err;

	check_int(reed_dns_key_parse("k", REED_DNS_HMAC_SHA256,
	                             REED_STR("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"), &world.key,
	                             NULL),
	          REED_OK);
	reed_sim_boot(sim, "ns", boot, &world);
	err = reed_sim_run_until(sim, announce(&world, reed_sim_host(sim, "chat")), NULL);
	check_int(world.updates, manners != KNOWS_NO_KEY);
	check_int(world.records, 4); /* two that clear, an SRV and an SSHFP */
	check(reed_sim_now(sim) <= REED_S(11));
	reed_sim_free(sim);
	return err;
}

static void a_server_takes_what_is_signed(void)
{
	check_int(tell(TAKES), REED_OK);
}

static void what_is_not_taken_is_told(void)
{
	check_int(tell(REFUSES), REED_EACCES);
	check_int(tell(KNOWS_NO_KEY), REED_EAUTH);
	check_int(tell(HAS_ANOTHER_ZONE), REED_ENOTSUP);
}

static void nobody_else_can_say_that_it_was_taken(void)
{
	check_int(tell(SIGNS_NOTHING), REED_EAUTH);
	check_int(tell(SAYS_SOMETHING), REED_EPROTO);
}

static void a_server_that_goes_or_is_silent_is_not_waited_for(void)
{
	check_int(tell(CLOSES), REED_EEOF);
	check_int(tell(CUTS), REED_EEOF);
	check_int(tell(SAYS_NOTHING), REED_ETIMEDOUT);
}

int main(void)
{
	RUN(a_server_takes_what_is_signed);
	RUN(what_is_not_taken_is_told);
	RUN(nobody_else_can_say_that_it_was_taken);
	RUN(a_server_that_goes_or_is_silent_is_not_waited_for);
	return 0;
}
