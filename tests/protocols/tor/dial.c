/* Dialling through tor: who shares a circuit, keys of clients, what is said when it fails. */

#include <string.h>

#include "protocols/tor/private.h"
#include "script.h"
#include "tests/check.h"

#define ONION  "i6tp5hrlgxzgbfnyu2n44bhvmfuwg76s6yvsn2kjsrb3djyhwdoljuid"
#define CLIENT "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QA"

static struct reed_listener *socks;
static char user[256];

static void begin(const char *const *const *scripts)
{
	begin_play(scripts);
	check_int(reed_sim_listen(reed_sim_host(sim, "tor"), 9050, &socks), REED_OK);
}

static void end(void)
{
	reed_listener_close(socks);
	end_play();
}

/* ---- a SocksPort that answers one ---- */

struct tor_end {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice in;
	char code;
};

static void tor_end_run(struct reed_co *co)
{
	struct tor_end *self = reed_frame(co, struct tor_end);

	reed_coroutine (co) {
		reed_try(co, reed_accept(socks, &self->stream));
		reed_try(co, reed_read_exactly(self->stream, 4, &self->in));
		reed_write(self->stream, REED_STR("\5\2"));
		reed_try(co, reed_read_exactly(self->stream, 2, &self->in));
		reed_try(co,
		         reed_read_exactly(self->stream, (unsigned char)self->in.p[1], &self->in));
		reed_slice_copy(user, sizeof(user), self->in);
		reed_try(co, reed_read_exactly(self->stream, 5, &self->in));
		check_slice(self->in, "\4reed");
		reed_write(self->stream, REED_STR("\1\0"));
		reed_try(co, reed_read_exactly(self->stream, 5, &self->in));
		reed_try(co, reed_read_exactly(self->stream, (unsigned char)self->in.p[4] + 2u,
		                               &self->in));
		reed_write(self->stream, REED_STR("\5"));
		reed_write(self->stream, reed_slice(&self->code, 1));
		reed_write(self->stream, reed_slice("\0\1\0\0\0\0\0\0", 8));
		reed_write(self->stream, REED_STR("hello"));
		reed_await(co, reed_more(self->stream));
	}
}

static void tor_end_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct tor_end)->stream);
}

static const struct reed_co_kind tor_end_kind = {
	.name = "SocksPort",
	.size = sizeof(struct tor_end),
	.run = tor_end_run,
	.end = tor_end_end,
};

static void answer_with(unsigned code)
{
	struct tor_end *self = reed_co_new(reed_sim_host(sim, "tor"), &tor_end_kind);

	self->code = (char)code;
	reed_sim_add(sim, reed_start(&self->co));
}

/* Through tor, whose answer is code. */
static enum reed_err dial(const char *rest, unsigned code)
{
	struct reed_stream *s = NULL;
	enum reed_err err;
	char text[512];

	snprintf(text, sizeof(text), "tor:%s:socks=[tcp:tor:9050]:control=[tcp:tor:9051]", rest);
	answer_with(code);
	err = outcome(reed_dial(loop, text, &s));
	if (!err) {
		check_int(outcome(reed_more(s)), REED_OK);
		check_slice(reed_peek(s), "hello");
		snprintf(why, sizeof(why), "%s", "");
	}
	reed_close(s);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	return err;
}

/* ---- tests ---- */

static const char *const *const none[] = { NULL };

static void each_host_has_circuits_of_its_own(void)
{
	char first[256];

	begin(none);
	check_int(dial("example.org:80", 0), REED_OK);
	check_str(user, "80 example.org");
	check_int(dial("example.org:443", 0), REED_OK);
	check_str(user, "443 example.org");
	check_int(dial("example.org:443:isolate=alice", 0), REED_OK);
	check_str(user, "alice");
	check_int(dial("example.org:443:isolate=*", 0), REED_OK);
	snprintf(first, sizeof(first), "%s", user);
	check_int(strlen(first), 25);
	check_int(dial("example.org:443:isolate=*", 0), REED_OK);
	check(strcmp(first, user) != 0);
	end();
}

static void what_fails_says_what_to_do(void)
{
	static const struct {
		const char *host;
		unsigned code;
		enum reed_err err;
		const char *words;
	} cases[] = {
		{ "example.org:80", 1, REED_EIO, "tor may still be connecting to its network" },
		{ "example.org:80", 6, REED_ETIMEDOUT, "try again later" },
		{ ONION ".onion:80", 4, REED_EHOSTUNREACH, "is that service up?" },
		{ ONION ".onion:80", 5, REED_EREFUSED, "the service is up, but not that port" },
		{ ONION ".onion:80", 0xf0, REED_EHOSTUNREACH, "is not published" },
		{ ONION ".onion:80", 0xf4, REED_EAUTH, "auth=FILE has the key" },
		{ ONION ".onion:80", 0xf6, REED_ESYNTAX, "no address of an onion service" },
		{ ONION ".onion:80", 0xf8, REED_EPROTO, "socks= has to be a SocksPort" },
	};

	begin(none);
	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		check_int(dial(cases[i].host, cases[i].code), cases[i].err);
		if (!strstr(why, cases[i].words))
			check_str(why, cases[i].words);
	}
	end();
}

static void where_no_tor_is_it_says_so(void)
{
	struct reed_stream *s = NULL;

	begin(none);
	check_int(outcome(reed_dial(loop, "tor:example.org:80:socks=[tcp:tor:9]", &s)),
	          REED_EREFUSED);
	check(strstr(why, "no tor takes connections for example.org there; is it running, with a "
	                  "SocksPort, and not with DisableNetwork 1?"));
	check(!s);
	end();
}

static void tor_that_stalls_is_not_waited_for_for_ever(void)
{
	struct reed_stream *s = NULL, *theirs = NULL;
	struct reed_future *both;

	begin(none);
	both = reed_dial(loop, "tor:example.org:80:timeout=7:socks=[tcp:tor:9050]", &s);
	check_int(outcome(both), REED_ETIMEDOUT);
	check(reed_sim_now(sim) < REED_S(8));
	check_int(outcome(reed_accept(socks, &theirs)), REED_OK);
	reed_close(theirs);
	end();
}

static void a_clients_key_is_told_to_tor_first(void)
{
	static const char *const script[] = {
		LOGS_IN,
		"< ONION_CLIENT_AUTH_ADD " ONION
		" x25519:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
		"> 250 OK", "~", NULL
	};
	static const char *const refuses[] = { LOGS_IN, "< ONION_CLIENT_AUTH_ADD *",
		                               "> 512 Invalid v3 address", "~", NULL };
	static const char *const *const scripts[] = { script, refuses, NULL };
	char rest[512];

	begin(scripts);
	write_file("auth", CLIENT "\n", 0600);
	snprintf(rest, sizeof(rest), "www." ONION ".onion:80:auth=%s", in_folder("auth"));
	check_int(dial(rest, 0), REED_OK);
	check_int(plays.done, 1);
	end();
	begin(&scripts[1]);
	snprintf(rest, sizeof(rest), "tor:" ONION ".onion:80:auth=%s:control=[tcp:tor:9051]",
	         in_folder("auth"));
	check_int(outcome(reed_dial(loop, rest, &(struct reed_stream *){ NULL })), REED_EINVAL);
	check(strstr(why, "tor refuses ONION_CLIENT_AUTH_ADD: 512 Invalid v3 address"));
	write_file("auth", "rubbish\n", 0600);
	end();
}

int main(void)
{
	script_folder();
	check_int(reed_scheme_register(&reed_tor_scheme), REED_OK);
	RUN(each_host_has_circuits_of_its_own);
	RUN(what_fails_says_what_to_do);
	RUN(where_no_tor_is_it_says_so);
	RUN(tor_that_stalls_is_not_waited_for_for_ever);
	RUN(a_clients_key_is_told_to_tor_first);
	script_folder_remove();
	return 0;
}
