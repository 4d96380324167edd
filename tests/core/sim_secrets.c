/* OpenSSL under simulation: keys, nonces and tickets are of the seed, and so is every byte of TLS. */

#include "sim_tools.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <time.h>

#include <reed/buf.h>
#include <reed/cert.h>
#include <reed/tls.h>

/*
 * The clock that OpenSSL reads.  It stands in another year than the machine's,
 * and one second of it ends, at the call that a test names.
 */
static struct {
	int calls;
	int ends_at;
} second_hand;

__attribute__((visibility("default"))) time_t time(time_t *into)
{
	time_t now = 1000000000;

	second_hand.calls++;
	if (second_hand.ends_at && second_hand.calls >= second_hand.ends_at)
		now++;
	if (into)
		*into = now;
	return now;
}

/* ---- random numbers ---- */

struct draw {
	struct reed_co co;
	uint64_t *into;
};

static void draw_run(struct reed_co *co)
{
	uint64_t *into = reed_frame(co, struct draw)->into;

	check_int(RAND_bytes((unsigned char *)into, sizeof(*into)), 1);
}

static const struct reed_co_kind draw_kind = { .name = "draw",
	                                       .size = sizeof(struct draw),
	                                       .run = draw_run };

static struct reed_future *draw(struct reed_loop *loop, uint64_t *into)
{
	struct draw *self = reed_co_new(loop, &draw_kind);

	self->into = into;
	return reed_start(&self->co);
}

static struct reed_sim *seeded(uint64_t seed)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.seed = seed;
	return reed_sim_new(&options);
}

static uint64_t drawn(uint64_t seed, const char *host)
{
	struct reed_sim *sim = seeded(seed);
	uint64_t x = 0;

	check_int(reed_sim_run_until(sim, draw(reed_sim_host(sim, host), &x), NULL), REED_OK);
	reed_sim_free(sim);
	return x;
}

static void a_host_draws_what_its_seed_says(void)
{
	check(drawn(1, "a") == drawn(1, "a"));
	check(drawn(1, "a") != drawn(2, "a"));
	check(drawn(1, "a") != drawn(1, "b"));
}

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	(void)loop;
	check_int(RAND_bytes(arg, sizeof(uint64_t)), 1);
	return NULL;
}

static void what_a_host_boots_does_so_too_and_another_life_has_other_numbers(void)
{
	uint64_t x[3];

	for (int i = 0; i < 2; i++) {
		struct reed_sim *sim = seeded(1);

		reed_sim_boot(sim, "a", boot, &x[i]);
		if (i == 1)
			reed_sim_boot(sim, "a", boot, &x[2]);
		reed_sim_free(sim);
	}
	check(x[0] == x[1]);
	check(x[0] != x[2]);
}

static void *draw_in_thread(void *arg)
{
	check_int(RAND_bytes(arg, sizeof(uint64_t)), 1);
	return NULL;
}

static void who_is_no_simulated_host_has_real_chance(void)
{
	uint64_t x[6];

	for (int i = 0; i < 2; i++) {
		struct reed_sim *sim = seeded(1);
		pthread_t thread;

		draw_in_thread(&x[3 * i]);
		check_int(pthread_create(&thread, NULL, draw_in_thread, &x[3 * i + 1]), 0);
		check_int(pthread_join(thread, NULL), 0);
		reed_sim_free(sim);
		draw_in_thread(&x[3 * i + 2]);
	}
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < i; j++)
			check(x[i] != x[j]);
}

/* Whoever embeds us may have a method of its own. */
static void simulations_may_overlap_and_leave_no_trace(void)
{
	struct reed_sim *first = seeded(1), *second = seeded(2);
	uint64_t x = 0, y = 0;

	reed_sim_free(first);
	check_int(reed_sim_run_until(second, draw(reed_sim_host(second, "a"), &x), NULL), REED_OK);
	check(x == drawn(2, "a"));
	reed_sim_free(second);
	check_int(RAND_bytes((unsigned char *)&y, sizeof(y)), 1);
	check(y != x && RAND_status() == 1);
}

/* ---- TLS ---- */

enum { TLS_PORT = 853, VISITS = 3 };

/* What both hosts know: the certificate is made by the one and trusted by the other. */
struct story {
	enum reed_cert_key kind;
	enum reed_tls_version version;
	struct reed_buf pem;
	struct reed_tls_ctx *server, *client;
	bool resumed[VISITS];
};

static size_t echo_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data };

static void make_certificate(struct story *story, int64_t wall)
{
	const char *names[] = { "b.example", NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;

	options.wall = wall;
	options.names = names;
	check_int(reed_cert_make_key(story->kind, &story->pem), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(&story->pem), &options, &story->pem, NULL),
	          REED_OK);
}

static struct reed_future *serve(void *arg, struct reed_loop *loop)
{
	struct reed_tls_server_ctx_options options = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_listener *listener;
	struct story *story = arg;

	make_certificate(story, reed_wall(loop));
	options.cert_pem = reed_buf_slice(&story->pem);
	options.policy.max = story->version;
	check_int(reed_tls_server_ctx(&options, &story->server, NULL), REED_OK);
	check_int(reed_sim_listen(loop, TLS_PORT, &listener), REED_OK);
	return reed_serve(reed_tls_listener(listener, story->server, NULL), reed_push,
	                  (void *)(uintptr_t)&echo_ops, NULL);
}

struct visitor {
	struct reed_co co;
	struct story *story;
	struct reed_stream *stream;
	struct reed_slice line;
	int i;
};

static void put_tls_over(struct visitor *self)
{
	struct reed_tls_client_options options = REED_TLS_CLIENT_OPTIONS;

	options.server = "b.example";
	self->stream = reed_tls_client(self->stream, self->story->client, &options);
}

static bool was_resumed(struct reed_stream *s)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(s, &facts);
	check(facts.tls && facts.tls->complete && facts.tls->verified);
	return facts.tls->resumed;
}

/* At once, after an hour, after three more: tickets are good for two. */
static void visitor_run(struct reed_co *co)
{
	struct visitor *self = reed_frame(co, struct visitor);

	reed_coroutine (co) {
		for (; self->i < VISITS; self->i++) {
			reed_try(co, reed_sim_dial(co->loop, "b.example", TLS_PORT, &self->stream));
			put_tls_over(self);
			reed_try(co, reed_tls_handshake(self->stream));
			reed_write_str(self->stream, "hello\n");
			reed_try(co, reed_read_line(self->stream, &self->line));
			check_slice(self->line, "hello");
			self->story->resumed[self->i] = was_resumed(self->stream);
			reed_close(self->stream);
			self->stream = NULL;
			reed_try(co, reed_sleep_ns(co->loop, REED_S(3600) * (2 * self->i + 1)));
		}
	}
}

static void visitor_end(struct reed_co *co)
{
	reed_abort(reed_frame(co, struct visitor)->stream);
}

static const struct reed_co_kind visitor_kind = { .name = "visitor",
	                                          .size = sizeof(struct visitor),
	                                          .run = visitor_run,
	                                          .end = visitor_end };

static struct reed_future *visit(struct reed_loop *loop, struct story *story)
{
	struct reed_tls_client_ctx_options options = REED_TLS_CLIENT_CTX_OPTIONS;
	struct visitor *self = reed_co_new(loop, &visitor_kind);

	options.ca_pem = reed_buf_slice(&story->pem);
	options.no_system_roots = true;
	check_int(reed_tls_client_ctx(&options, &story->client, NULL), REED_OK);
	self->story = story;
	return reed_start(&self->co);
}

static uint64_t told(uint64_t seed, struct story *story)
{
	struct reed_sim *sim = seeded(seed);
	uint64_t hash;

	reed_sim_boot(sim, "b.example", serve, story);
	check_int(reed_sim_run_until(sim, visit(reed_sim_host(sim, "a.example"), story), NULL),
	          REED_OK);
	hash = reed_sim_hash(sim);
	reed_sim_free(sim);
	reed_tls_ctx_release(story->client);
	reed_tls_ctx_release(story->server);
	reed_buf_finish(&story->pem);
	return hash;
}

static void every_byte_of_tls_is_of_the_seed(void)
{
	static const enum reed_cert_key kinds[] = { REED_CERT_ECDSA, REED_CERT_ED25519,
		                                    REED_CERT_RSA };
	static const enum reed_tls_version versions[] = { REED_TLS_1_3, REED_TLS_1_2 };

	for (size_t i = 0; i < REED_COUNT(kinds); i++)
		for (size_t j = 0; j < REED_COUNT(versions); j++) {
			struct story story = { .kind = kinds[i], .version = versions[j] };
			uint64_t once = told(1, &story);

			check(told(1, &story) == once);
			check(told(2, &story) != once);
		}
}

static uint64_t told_as_a_second_ends(int call, struct story *story)
{
	uint64_t hash;

	second_hand.calls = 0;
	second_hand.ends_at = call;
	hash = told(1, story);
	second_hand.ends_at = 0;
	return hash;
}

static void a_second_that_ends_amid_a_handshake_leaves_no_mark(void)
{
	static const enum reed_tls_version versions[] = { REED_TLS_1_3, REED_TLS_1_2 };

	for (size_t i = 0; i < REED_COUNT(versions); i++) {
		struct story story = { .version = versions[i] };
		uint64_t once = told_as_a_second_ends(0, &story);
		int calls = second_hand.calls;

		check(calls > 0 && story.resumed[1]);
		for (int n = 1; n <= calls; n++)
			check(told_as_a_second_ends(n, &story) == once);
	}
}

static void tickets_grow_old_by_the_clock_of_the_simulation(void)
{
	static const enum reed_tls_version versions[] = { REED_TLS_1_3, REED_TLS_1_2 };

	for (size_t i = 0; i < REED_COUNT(versions); i++) {
		struct story story = { .version = versions[i] };

		told(1, &story);
		check(!story.resumed[0]);
		check(story.resumed[1]);
		check(!story.resumed[2]);
	}
}

int main(void)
{
	RUN(a_host_draws_what_its_seed_says);
	RUN(what_a_host_boots_does_so_too_and_another_life_has_other_numbers);
	RUN(who_is_no_simulated_host_has_real_chance);
	RUN(simulations_may_overlap_and_leave_no_trace);

	RUN(every_byte_of_tls_is_of_the_seed);
	RUN(a_second_that_ends_amid_a_handshake_leaves_no_mark);
	RUN(tickets_grow_old_by_the_clock_of_the_simulation);
	return 0;
}
