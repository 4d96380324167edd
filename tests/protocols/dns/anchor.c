/* Keys of the root over years: RFC 5011, pure, and followed by a resolver in a simulated world. */

#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/anchor.h"
#include "reed/dns/sign.h"
#include "reed/file.h"
#include "reed/random.h"

#include "protocols/dns/field.h"
#include "sealed.h"
#include "world.h"

enum { NOW = 1767225600, DAY = 86400, TTL = 172800, ROOM = 4096 };
enum { REVOKED = 0x80, SILENT = 0x40, NUMBER = 0x3f };

/* A set of keys: the number of each, REVOKED, and SILENT if it does not sign. */
struct set {
	uint8_t keys[8];
	size_t n;
};

static struct reed_dns_zone_key *key_of(uint8_t key)
{
	uint8_t seed[REED_DNS_SEED_SIZE] = { 9, key & NUMBER };
	unsigned flags = REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP;
	struct reed_dns_zone_key *made;

	flags |= key & REVOKED ? REED_DNS_KEY_REVOKED : 0;
	check_int(reed_dns_zone_key_make(REED_DNS_ED25519, flags, seed, &made), REED_OK);
	return made;
}

static void add_signature(struct reed_dns_builder *b, const struct reed_dns_rrset *set,
                          const struct reed_dns_zone_key *key, int64_t now)
{
	uint8_t room[REED_DNS_RRSIG_MAX];
	struct reed_slice rrsig;

	check_int(reed_dns_rrset_sign(set, key, set->owner, (uint32_t)(now - 3600),
	                              (uint32_t)(now + 20 * DAY), room, &rrsig),
	          REED_OK);
	reed_dns_build_record(b, REED_DNS_ANSWER, set->owner, REED_DNS_TYPE_RRSIG,
	                      REED_DNS_CLASS_IN, TTL, rrsig);
}

static void build(struct reed_dns_builder *b, const struct set *s, int64_t now)
{
	struct reed_dns_zone_key *keys[8];
	struct reed_slice rdata[8];
	struct reed_dns_name root = name_of(".");
	struct reed_dns_rrset set = { &root, REED_DNS_TYPE_DNSKEY, TTL, rdata, s->n };

	for (size_t i = 0; i < s->n; i++) {
		keys[i] = key_of(s->keys[i]);
		rdata[i] = reed_dns_zone_key_rdata(keys[i]);
		reed_dns_build_record(b, REED_DNS_ANSWER, &root, REED_DNS_TYPE_DNSKEY,
		                      REED_DNS_CLASS_IN, TTL, rdata[i]);
	}
	for (size_t i = 0; i < s->n; i++)
		if (!(s->keys[i] & SILENT))
			add_signature(b, &set, keys[i], now);
	for (size_t i = 0; i < s->n; i++)
		reed_dns_zone_key_free(keys[i]);
}

/* ---- pure ---- */

static struct reed_dns_anchors_news news;
static struct reed_dns_anchors *anchors;

static void begin(void)
{
	struct reed_dns_zone_key *key = key_of(1);
	struct reed_dns_name root = name_of(".");
	struct reed_buf text = { 0 };
	struct reed_slice ds;
	uint8_t room[REED_DNS_DS_MAX];

	check_int(reed_dns_ds_make(&root, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256,
	                           room, &ds),
	          REED_OK);
	reed_dns_print_record(&root, 300, REED_DNS_CLASS_IN, REED_DNS_TYPE_DS, ds, &text);
	anchors = reed_dns_anchors_new(&root, reed_buf_slice(&text));
	reed_buf_finish(&text);
	reed_dns_zone_key_free(key);
}

static void end(void)
{
	reed_dns_anchors_free(anchors);
}

static enum reed_err see(int64_t day, const struct set *set)
{
	struct reed_dns_name root = name_of(".");
	uint8_t room[ROOM];
	struct reed_dns_builder b;
	struct reed_slice message;

	reed_dns_build(&b, room, sizeof(room));
	reed_dns_build_header(&b, 7, REED_DNS_QR | REED_DNS_AA);
	reed_dns_build_question(&b, &root, REED_DNS_TYPE_DNSKEY, REED_DNS_CLASS_IN);
	build(&b, set, NOW + day * DAY);
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	return reed_dns_anchors_take(anchors, message, NOW + day * DAY, &news);
}

#define SET(...) (&(struct set){ { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

/* Which of the keys 1 to 9 are trusted: "13". */
static const char *trusted_by(const struct reed_dns_anchors *self)
{
	static char out[16];
	struct reed_buf text = { 0 };
	char *at = out;

	reed_dns_anchors_trusted(self, &text);
	reed_buf_add_char(&text, '\0');
	for (uint8_t i = 1; i <= 9; i++) {
		struct reed_dns_zone_key *key = key_of(i);
		struct reed_buf want = { 0 };

		reed_dns_rdata_print(REED_DNS_TYPE_DNSKEY, reed_dns_zone_key_rdata(key), &want);
		reed_buf_add_char(&want, '\0');
		if (strstr(text.p + text.begin, want.p + want.begin))
			*at++ = (char)('0' + i);
		reed_buf_finish(&want);
		reed_dns_zone_key_free(key);
	}
	*at = 0;
	reed_buf_finish(&text);
	return out;
}

#define check_trusted(wanted) check_str(trusted_by(anchors), wanted)

static void what_it_begins_with_is_trusted_at_once_and_no_other(void)
{
	check_trusted("");
	check_int(see(0, SET(1, 2 | SILENT)), REED_OK);
	check_trusted("1");
	check(news.trust && news.state);
	check_int(see(1, SET(1, 2 | SILENT)), REED_OK);
	check(!news.trust && !news.state);
	check_int(news.next, DAY); /* half the TTL */
}

static void a_new_key_is_trusted_after_thirty_days(void)
{
	check_int(see(0, SET(1)), REED_OK);
	for (int day = 1; day < 31; day++) {
		check_int(see(day, SET(1, 2)), REED_OK);
		check_trusted("1");
	}
	check_int(see(31, SET(1, 2)), REED_OK);
	check(news.trust);
	check_trusted("12");
	check_int(see(40, SET(2)), REED_OK); /* signed by the new one alone */
	check_trusted("12");
}

static void a_new_key_that_goes_away_begins_anew(void)
{
	check_int(see(0, SET(1, 2)), REED_OK);
	check_int(see(20, SET(1)), REED_OK);
	check_int(see(21, SET(1, 2)), REED_OK);
	check_int(see(50, SET(1, 2)), REED_OK);
	check_trusted("1");
	check_int(see(51, SET(1, 2)), REED_OK);
	check_trusted("12");
}

static void what_nobody_trusted_has_signed_counts_for_nothing(void)
{
	check_int(see(0, SET(1)), REED_OK);
	for (int day = 1; day < 60; day += 5) {
		check_int(see(day, SET(1 | SILENT, 3)), REED_EAUTH);
		check(!news.state && news.next == 3600);
	}
	check_int(see(60, SET(1, 3)), REED_OK);
	check_trusted("1");
	check_int(see(61, SET(3)), REED_EAUTH);
}

static void a_key_revokes_itself_for_ever(void)
{
	check_int(see(0, SET(1, 2)), REED_OK);
	check_int(see(31, SET(1, 2)), REED_OK);
	check_trusted("12");
	check_int(see(32, SET(1 | REVOKED, 2)), REED_OK);
	check(news.trust);
	check_trusted("2");
	check_int(see(33, SET(2)), REED_OK);
	check_int(see(34, SET(1, 2)), REED_OK);
	check_int(see(99, SET(1, 2)), REED_OK);
	check_trusted("2");
	check_int(see(100, SET(1)), REED_EAUTH); /* though it began with it */
}

static void nobody_revokes_the_key_of_another(void)
{
	check_int(see(0, SET(1, 2)), REED_OK);
	check_int(see(31, SET(1, 2)), REED_OK);
	check_int(see(32, SET(1 | REVOKED | SILENT, 2)), REED_OK);
	check_trusted("12");
}

static void a_key_that_is_missing_is_trusted_still(void)
{
	check_int(see(0, SET(1, 2)), REED_OK);
	check_int(see(31, SET(1, 2)), REED_OK);
	check_int(see(32, SET(2)), REED_OK);
	check(news.state && !news.trust);
	check_trusted("12");
	check_int(see(200, SET(1)), REED_OK);
	check_trusted("12");
}

static void many_keys_take_no_more_than_their_room(void)
{
	check_int(see(0, SET(1)), REED_OK);
	for (uint8_t i = 2; i < 60; i += 6)
		check_int(see(i, SET(1, i, i + 1, i + 2, i + 3, i + 4, i + 5)), REED_OK);
	check_trusted("1");
	check_int(see(61, SET(1, 2)), REED_OK);
	check_int(see(92, SET(1, 2)), REED_OK);
	check_trusted("12");
}

static void what_is_written_is_read_again(void)
{
	struct reed_dns_anchors *first = anchors;
	struct reed_buf text = { 0 }, again = { 0 };

	check_int(see(0, SET(1, 2, 4)), REED_OK);
	check_int(see(31, SET(1, 2, 4)), REED_OK);
	check_int(see(32, SET(1 | REVOKED, 2, 5)), REED_OK);
	reed_dns_anchors_write(first, &text);
	begin();
	check_int(reed_dns_anchors_read(anchors, reed_buf_slice(&text)), REED_OK);
	reed_dns_anchors_write(anchors, &again);
	check(reed_slice_eq(reed_buf_slice(&text), reed_buf_slice(&again)));
	check_trusted("24");
	check_int(see(33, SET(1)), REED_EAUTH);
	check_int(see(62, SET(2, 5)), REED_OK);
	check_trusted("245");
	reed_dns_anchors_free(first);
	reed_buf_finish(&text);
	reed_buf_finish(&again);
}

static void what_was_not_written_so_is_not_read(void)
{
	static const char *const wrong[] = { "", "anchors\n", "anchors x\n",
		                             "valid 1 257 3 8 AQID\n" };
	struct reed_buf text = { 0 };

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(reed_dns_anchors_read(anchors, reed_slice_of(wrong[i])), REED_ESYNTAX);
	check_int(reed_dns_anchors_read(anchors, REED_STR("anchors 4711\n")), REED_ENOENT);
	check_int(see(0, SET(1)), REED_OK);
	reed_dns_anchors_write(anchors, &text);
	reed_buf_add_str(&text, "valid 1 257 3 15\n");
	check_int(reed_dns_anchors_read(anchors, reed_buf_slice(&text)), REED_ESYNTAX);
	check_trusted("1");
	reed_buf_finish(&text);
}

/* ---- followed ---- */

struct world {
	struct reed_sim *sim;
	struct reed_loop *home;
	struct reed_dns_resolver *resolver;
	struct reed_future *following;
	struct teller teller;
	struct set set;
	char *text, path[64];
};

/* The root has itself and nothing else; all of it is signed by its keys. */
static void tell_root(void *arg, struct asked *a)
{
	struct world *w = arg;
	int64_t now = reed_wall(w->home) / 1000000000;
	struct reed_dns_name root = name_of(".");
	uint8_t room[64];
	struct reed_slice soa;
	struct reed_dns_rrset set = { &root, REED_DNS_TYPE_SOA, 60, &soa, 1 };

	tell_begin(a, REED_DNS_AA);
	if (a->q.type == REED_DNS_TYPE_DNSKEY) {
		build(&a->b, &w->set, now);
		tell_end(a);
		return;
	}
	check_int(reed_dns_rdata_parse(REED_DNS_TYPE_SOA, REED_STR(". . 1 2 3 4 60"), NULL, room,
	                               sizeof(room), &soa, NULL),
	          REED_OK);
	reed_dns_build_record(&a->b, REED_DNS_ANSWER, &root, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN,
	                      60, soa);
	for (size_t i = 0; i < w->set.n; i++) {
		struct reed_dns_zone_key *key = key_of(w->set.keys[i]);

		if (!(w->set.keys[i] & REVOKED))
			add_signature(&a->b, &set, key, now);
		reed_dns_zone_key_free(key);
	}
	tell_end(a);
}

static void start(struct world *w)
{
	static const char *const roots[] = { "10.0.0.2" };
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;
	struct reed_dns_name root = name_of(".");
	struct reed_dns_zone_key *key = key_of(1);
	struct reed_buf text = { 0 };

	reed_dns_print_record(&root, 300, REED_DNS_CLASS_IN, REED_DNS_TYPE_DNSKEY,
	                      reed_dns_zone_key_rdata(key), &text);
	reed_dns_zone_key_free(key);
	w->text = reed_buf_take(&text);
	o.roots = roots;
	o.root_count = 1;
	o.validate = true;
	o.anchors = w->text;
	w->resolver = reed_dns_resolver_new(w->home, &o);
	w->following = reed_dns_resolver_follow(w->resolver, w->path);
}

static void stop(struct world *w)
{
	reed_drop(w->following);
	reed_dns_resolver_free(w->resolver);
	reed_free(w->text);
}

static void open_world(struct world *w)
{
	struct reed_sim_options sim = REED_SIM_OPTIONS;

	memset(w, 0, sizeof(*w));
	snprintf(w->path, sizeof(w->path), "anchors-%d.test", (int)getpid());
	unlink(w->path);
	w->sim = reed_sim_new(&sim);
	w->home = reed_sim_host(w->sim, "home");
	w->teller = (struct teller){ .fn = tell_root, .arg = w };
	w->set = *SET(1);
	teller_boot(w->sim, "root", &w->teller);
	start(w);
}

static void close_world(struct world *w)
{
	stop(w);
	reed_sim_free(w->sim);
	unlink(w->path);
}

static void run_days(struct world *w, int days)
{
	reed_sim_run_for(w->sim, REED_S((int64_t)days * DAY));
}

/* "secure", "failed" */
static const char *ask(struct world *w)
{
	struct reed_dns_name root = name_of(".");
	struct reed_dns_reply reply = { 0 };
	uint16_t flags;

	check_int(reed_sim_run_until(w->sim,
	                             reed_dns_resolve(w->resolver, &root, REED_DNS_TYPE_SOA, 0,
	                                              &reply),
	                             NULL),
	          REED_OK);
	flags = reply.message.flags;
	reed_dns_reply_finish(&reply);
	return flags & REED_DNS_AD ? "secure" : reed_dns_rcode(flags) ? "failed" : "insecure";
}

static void keys_of_the_root_roll_for_years(void)
{
	struct world w;

	open_world(&w);
	for (uint8_t key = 1; key < 8; key++) {
		w.set = *SET(key);
		run_days(&w, 200);
		check_str(ask(&w), "secure");
		w.set = *SET(key, (uint8_t)(key + 1));
		run_days(&w, 50);
		check_str(ask(&w), "secure");
		w.set = *SET((uint8_t)(key | REVOKED), (uint8_t)(key + 1));
		run_days(&w, 50);
		check_str(ask(&w), "secure");
	}
	w.set = *SET(1); /* by which it was told to begin, and which is revoked */
	run_days(&w, 3);
	check_str(ask(&w), "failed");
	close_world(&w);
}

static void a_roll_goes_on_after_a_restart(void)
{
	struct world w;

	open_world(&w);
	run_days(&w, 2);
	w.set = *SET(1, 2);
	for (int i = 0; i < 10; i++) {
		run_days(&w, 4);
		stop(&w);
		start(&w);
	}
	run_days(&w, 2);
	w.set = *SET(1 | REVOKED, 2);
	run_days(&w, 2);
	stop(&w);
	start(&w);
	run_days(&w, 1);
	w.set = *SET(2);
	run_days(&w, 2);
	check_str(ask(&w), "secure");
	w.set = *SET(1);
	run_days(&w, 3);
	check_str(ask(&w), "failed");
	close_world(&w);
}

static void a_roll_that_is_too_fast_is_not_believed(void)
{
	struct world w;

	open_world(&w);
	w.set = *SET(1, 2);
	run_days(&w, 20);
	w.set = *SET(2);
	run_days(&w, 3);
	check_str(ask(&w), "failed");
	w.set = *SET(1, 2);
	run_days(&w, 3);
	check_str(ask(&w), "secure");
	close_world(&w);
}

#define EACH(test)                 \
	do {                       \
		begin();           \
		test();            \
		end();             \
		puts("ok " #test); \
	} while (0)

int main(void)
{
	EACH(what_it_begins_with_is_trusted_at_once_and_no_other);
	EACH(a_new_key_is_trusted_after_thirty_days);
	EACH(a_new_key_that_goes_away_begins_anew);
	EACH(what_nobody_trusted_has_signed_counts_for_nothing);
	EACH(a_key_revokes_itself_for_ever);
	EACH(nobody_revokes_the_key_of_another);
	EACH(a_key_that_is_missing_is_trusted_still);
	EACH(many_keys_take_no_more_than_their_room);
	EACH(what_is_written_is_read_again);
	EACH(what_was_not_written_so_is_not_read);
	RUN(keys_of_the_root_roll_for_years);
	RUN(a_roll_goes_on_after_a_restart);
	RUN(a_roll_that_is_too_fast_is_not_believed);
	return 0;
}
