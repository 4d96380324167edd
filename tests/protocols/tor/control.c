/* The control port, scripted: logging in each way, liars, stalls, cuts, events. */

#include <string.h>

#include "protocols/tor/private.h"
#include "script.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

#define CONTROL "tcp:tor:9051"

static struct reed_tor_options options(void)
{
	struct reed_tor_options o = REED_TOR_OPTIONS;

	o.control = CONTROL;
	return o;
}

/* Logs in by that script, or fails so. */
static void logs_in(const char *const *script, const struct reed_tor_options *o, const char *login)
{
	const char *const *const scripts[] = { script, NULL };
	struct reed_tor *tor = NULL;

	begin_play(scripts);
	check_str(outcome(reed_tor_connect(loop, o, &tor)) ? why : "", "");
	check_str(reed_tor_login(tor), login);
	check_str(reed_tor_version(tor), "0.4.8.10");
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

static void is_refused(const char *const *script, const struct reed_tor_options *o,
                       enum reed_err err, const char *words)
{
	const char *const *const scripts[] = { script, NULL };
	struct reed_tor *tor = NULL;

	begin_play(scripts);
	plays.patient = true;
	check_int(outcome(reed_tor_connect(loop, o, &tor)), err);
	if (!strstr(why, words))
		check_str(why, words);
	check(!tor);
	end_play();
}

#define INFO(auth)                                                      \
	"< PROTOCOLINFO 1", "> 250-PROTOCOLINFO 1", "> 250-AUTH " auth, \
		"> 250-VERSION Tor=\"0.4.8.10\"", "> 250 OK"
#define COOKIES "METHODS=COOKIE,SAFECOOKIE,HASHEDPASSWORD COOKIEFILE=\"@FOLDER/cookie\""

static void it_logs_in_by_nothing(void)
{
	static const char *const script[] = { LOGS_IN, "~", NULL };
	struct reed_tor_options o = options();

	logs_in(script, &o, "nothing");
}

static void it_logs_in_by_safe_cookie(void)
{
	static const char *const script[] = { INFO(COOKIES), "< AUTHCHALLENGE SAFECOOKIE *",
		                              "> @SAFE",     "< @SAFE",
		                              "> 250 OK",    "~",
		                              NULL };
	struct reed_tor_options o = options();

	logs_in(script, &o, "safe cookie");
}

static void it_logs_in_by_a_cookie_that_is_somewhere_else(void)
{
	static const char *const script[] = { INFO("METHODS=SAFECOOKIE COOKIEFILE=\"/nowhere\""),
		                              "< AUTHCHALLENGE SAFECOOKIE *",
		                              "> @SAFE",
		                              "< @SAFE",
		                              "> 250 OK",
		                              "~",
		                              NULL };
	struct reed_tor_options o = options();

	o.cookie = in_folder("cookie");
	logs_in(script, &o, "safe cookie");
}

static void it_logs_in_by_cookie_where_there_is_no_safe_one(void)
{
	static const char *const script[] = {
		INFO("METHODS=COOKIE COOKIEFILE=\"@FOLDER/cookie\""),
		"< AUTHENTICATE 3031323334353637383961626364656630313233343536373839414243444546",
		"> 250 OK", "~", NULL
	};
	struct reed_tor_options o = options();

	logs_in(script, &o, "cookie");
}

static void it_logs_in_by_password_when_there_is_one(void)
{
	static const char *const script[] = { INFO(COOKIES), "< AUTHENTICATE \"a \\\"b\\\\\"",
		                              "> 250 OK", "~", NULL };
	struct reed_tor_options o = options();

	o.password = "a \"b\\";
	logs_in(script, &o, "password");
}

static void who_does_not_know_the_cookie_gets_no_proof(void)
{
	static const char *const script[] = { INFO(COOKIES), "< AUTHCHALLENGE SAFECOOKIE *",
		                              "> @LIE", "< never", NULL };
	static const char *const short_one[] = { INFO(COOKIES), "< AUTHCHALLENGE SAFECOOKIE *",
		                                 "> 250 AUTHCHALLENGE SERVERHASH=00", "< never",
		                                 NULL };
	struct reed_tor_options o = options();

	is_refused(script, &o, REED_EAUTH, "does not know tor's cookie");
	is_refused(short_one, &o, REED_EPROTO, "no hash and nonce");
}

static void a_file_that_is_no_cookie_is_not_shown(void)
{
	static const char *const script[] = { INFO("METHODS=COOKIE COOKIEFILE=\"@FOLDER/secrets\""),
		                              "< never", NULL };
	struct reed_tor_options o = options();

	write_file("secrets", "short", 0600);
	is_refused(script, &o, REED_EAUTH, "tor's cookie has 32 bytes");
	write_file("secrets", "something that is much longer than any cookie is", 0600);
	is_refused(script, &o, REED_EAUTH, "that is no cookie of tor");
}

static void what_is_wrong_with_the_login_is_said(void)
{
	static const char *const wants_password[] = { INFO("METHODS=HASHEDPASSWORD"), "< never",
		                                      NULL };
	static const char *const wants_more[] = { INFO("METHODS=FUTURE"), "< never", NULL };
	static const char *const wrong[] = { INFO("METHODS=HASHEDPASSWORD"), "< AUTHENTICATE *",
		                             "> 515 Authentication failed: nope", "!", NULL };
	static const char *const no_file[] = {
		INFO("METHODS=SAFECOOKIE COOKIEFILE=\"@FOLDER/none\""), "< never", NULL
	};
	struct reed_tor_options o = options();

	is_refused(wants_password, &o, REED_EAUTH, "say password=");
	is_refused(wants_more, &o, REED_EAUTH, "by FUTURE, which is not known here");
	is_refused(no_file, &o, REED_ENOENT, "tor's cookie: ");
	o.password = "sesame";
	is_refused(wrong, &o, REED_EAUTH, "tor refuses AUTHENTICATE: 515 Authentication failed");
	check(!strstr(why, "sesame"));
	o.password = "ses\r\name";
	is_refused(wants_password, &o, REED_EINVAL, "a password with a line end in it");
}

static void what_is_no_tor_is_found_out(void)
{
	static const char *const http[] = { "< PROTOCOLINFO 1", "> HTTP/1.1 400 Bad Request",
		                            "< never", NULL };
	static const char *const codes[] = { "< PROTOCOLINFO 1", "> 250-PROTOCOLINFO 1", "> 551 oh",
		                             "< never", NULL };
	static const char *const unasked[] = { "> 250 OK", "> 250 OK", "~", NULL };
	static const char *const refuses[] = { "< PROTOCOLINFO 1",
		                               "> 510 Unrecognized command \"PROTOCOLINFO\"", "!",
		                               NULL };
	static const char *const silent[] = { "< PROTOCOLINFO 1", "~", NULL };
	static const char *const cut[] = { "< PROTOCOLINFO 1", "> 250-PROTOCOLINFO 1", "!", NULL };
	struct reed_tor_options o = options();

	is_refused(http, &o, REED_EPROTO, "a line without a code of three digits");
	is_refused(codes, &o, REED_EPROTO, "a reply with two codes");
	is_refused(unasked, &o, REED_EPROTO, "");
	is_refused(refuses, &o, REED_ENOTSUP, "tor refuses PROTOCOLINFO: 510");
	is_refused(silent, &o, REED_ETIMEDOUT, "PROTOCOLINFO");
	is_refused(cut, &o, REED_EEOF, "tor is gone");
}

static void where_no_tor_is_it_says_what_to_do(void)
{
	static const char *const *const none[] = { NULL };
	struct reed_tor_options o = options();
	struct reed_tor *tor = NULL;

	begin_play(none);
	o.control = "tcp:us:1";
	check_int(outcome(reed_tor_connect(loop, &o, &tor)), REED_EREFUSED);
	check(strstr(why, "is it running, with ControlPort or ControlSocket"));
	o.control = NULL;
	check(outcome(reed_tor_connect(loop, &o, &tor)) != REED_OK);
	check(strstr(why, "start tor with ControlPort 9051"));
	end_play();
}

/* ---- calls ---- */

#define ONION  "i6tp5hrlgxzgbfnyu2n44bhvmfuwg76s6yvsn2kjsrb3djyhwdoljuid"
#define CLIENT "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QA"

static struct reed_tor *connected(const char *const *script)
{
	static const char *const *scripts[2];
	struct reed_tor_options o = options();
	struct reed_tor *tor = NULL;

	scripts[0] = script;
	begin_play(scripts);
	check_int(outcome(reed_tor_connect(loop, &o, &tor)), REED_OK);
	return tor;
}

static void calls_say_and_read_what_they_should(void)
{
	static const char *const script[] = {
		LOGS_IN,
		"< GETINFO config-text",
		"> 250+config-text=",
		"> Nickname reed",
		"> .",
		"> 250 OK",
		"< GETCONF SocksPort",
		"> 250-SocksPort=9050",
		"> 250 SocksPort=9150",
		"< SETCONF Nickname=\"a \\\"b\"",
		"> 250 OK",
		"< RESETCONF Nickname",
		"> 250 OK",
		"< SIGNAL NEWNYM",
		"> 250 OK",
		"< ONION_CLIENT_AUTH_ADD " ONION
		" x25519:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
		"> 250 OK",
		"< ONION_CLIENT_AUTH_REMOVE " ONION,
		"> 251 No credentials for that",
		"< DEL_ONION " ONION,
		"> 552 Unknown Onion Service id",
		"~",
		NULL
	};
	struct reed_tor *tor = connected(script);
	struct reed_tor_reply reply;
	struct reed_slice value;
	char *text;

	check_int(outcome(reed_tor_get_info(tor, "config-text", &text)), REED_OK);
	check_str(text, "Nickname reed\n");
	reed_free(text);
	check_int(outcome(reed_tor_get_conf(tor, "SocksPort", &reply)), REED_OK);
	check(reed_tor_reply_value(&reply, "socksport", 1, &value));
	check_slice(value, "9150");
	reed_tor_reply_finish(&reply);
	check_int(outcome(reed_tor_set_conf(tor, "Nickname", "a \"b")), REED_OK);
	check_int(outcome(reed_tor_set_conf(tor, "Nickname", NULL)), REED_OK);
	check_int(outcome(reed_tor_signal(tor, "NEWNYM")), REED_OK);
	check_int(outcome(reed_tor_add_client_auth(tor, ONION ".onion", CLIENT)), REED_OK);
	check_int(outcome(reed_tor_remove_client_auth(tor, ONION)), REED_OK);
	check_int(outcome(reed_tor_del_onion(tor, ONION)), REED_ENOENT);
	check_str(why, "tor refuses DEL_ONION: 552 Unknown Onion Service id");
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

static void an_onion_is_added_with_all_that_was_asked_for(void)
{
	static const char *const script[] = {
		LOGS_IN,
		"< ADD_ONION NEW:ED25519-V3 Flags=DiscardPK,V3Auth MaxStreams=7 Port=80,127.0.0.1:1 "
		"ClientAuthV3=" CLIENT,
		"> 250-ServiceID=" ONION,
		"> 250 OK",
		"< ADD_ONION ED25519-V3:abc= Flags=V3Auth Port=80,unix:/x ClientAuthV3=" CLIENT,
		"> 550 Onion address collision",
		"< ADD_ONION ED25519-V3:abc= Flags=NonAnonymous Port=80,unix:/x",
		"> 512 Tor is in anonymous hidden service mode",
		"< ADD_ONION ED25519-V3:abc= Port=80,unix:/x",
		"> 250-ServiceID=short",
		"> 250 OK",
		"~",
		NULL
	};
	static const char *const clients[] = { CLIENT }, *const wrong[] = { "x y" };
	struct reed_tor_onion_options o = REED_TOR_ONION_OPTIONS;
	struct reed_tor *tor = connected(script);
	struct reed_tor_onion onion;

	o.port = 80;
	o.target = "127.0.0.1:1";
	o.clients = clients;
	o.client_count = 1;
	o.streams = 7;
	check_int(outcome(reed_tor_add_onion(tor, &o, &onion)), REED_OK);
	check_str(onion.address, ONION);
	o.key = "ED25519-V3:abc=";
	o.target = "unix:/x";
	o.streams = 0;
	check_int(outcome(reed_tor_add_onion(tor, &o, &onion)), REED_EEXIST);
	o.client_count = 0;
	o.single_hop = true;
	check_int(outcome(reed_tor_add_onion(tor, &o, &onion)), REED_EINVAL);
	o.single_hop = false;
	check_int(outcome(reed_tor_add_onion(tor, &o, &onion)), REED_EPROTO);
	o.clients = wrong;
	o.client_count = 1;
	check_int(outcome(reed_tor_add_onion(tor, &o, &onion)), REED_EINVAL);
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

static void what_would_be_another_command_is_not_said(void)
{
	static const char *const script[] = {
		LOGS_IN, "< GETINFO version", "> 250-version=1", "> 250 OK", "~", NULL
	};
	struct reed_tor *tor = connected(script);
	struct reed_tor_reply reply;
	char *text;

	check_int(outcome(reed_tor_ask(tor, REED_STR("GETINFO version\r\nSIGNAL HALT"), &reply)),
	          REED_EINVAL);
	check_int(outcome(reed_tor_ask(tor, REED_STR(""), &reply)), REED_EINVAL);
	check_int(outcome(reed_tor_get_info(tor, "version\nQUIT", &text)), REED_EINVAL);
	check_int(outcome(reed_tor_get_info(tor, "", &text)), REED_EINVAL);
	check_int(outcome(reed_tor_set_conf(tor, "a=b", "c")), REED_EINVAL);
	check_int(outcome(reed_tor_set_conf(tor, "a", "c\n")), REED_EINVAL);
	check_int(outcome(reed_tor_set_events(tor, "A\rB")), REED_EINVAL);
	check_int(outcome(reed_tor_del_onion(tor, "x y")), REED_EINVAL);
	check_int(outcome(reed_tor_add_client_auth(tor, ONION, "AAAA")), REED_EINVAL);
	check_int(outcome(reed_tor_get_info(tor, "version", &text)), REED_OK);
	reed_free(text);
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

static void answers_go_to_those_who_asked_in_order(void)
{
	static const char *const script[] = { LOGS_IN,       "< GETINFO a", "< GETINFO b",
		                              "< GETINFO c", "> 250-a=1",   "> 250 OK",
		                              "> 250-b=2",   "> 250 OK",    "> 250-c=3",
		                              "> 250 OK",    "~",           NULL };
	struct reed_tor *tor = connected(script);
	struct reed_future *a, *b, *c;
	char *first, *second, *third;

	a = reed_tor_get_info(tor, "a", &first);
	b = reed_tor_get_info(tor, "b", &second);
	c = reed_tor_get_info(tor, "c", &third);
	check_int(reed_sim_run_for(sim, REED_US(1)), REED_OK); /* all are said */
	reed_drop(b);
	check_int(outcome(reed_all(a, c)), REED_OK);
	check_str(first, "1");
	check_str(third, "3");
	reed_free(first);
	reed_free(third);
	reed_tor_close(tor);
	end_play();
}

static void a_call_that_waits_too_long_does_not_shift_the_next_answer(void)
{
	static const char *const script[] = { LOGS_IN,     "< GETINFO a", "< GETINFO b",
		                              "> 250-a=1", "> 250 OK",    "> 250-b=2",
		                              "> 250 OK",  "~",           NULL };
	struct reed_tor *tor = connected(script);
	char *text;

	check_int(outcome(reed_tor_get_info(tor, "a", &text)), REED_ETIMEDOUT);
	check_int(outcome(reed_tor_get_info(tor, "b", &text)), REED_OK);
	check_str(text, "2");
	reed_free(text);
	reed_tor_close(tor);
	end_play();
}

static void events_are_published_until_tor_is_gone(void)
{
	static const char *const script[] = { LOGS_IN,
		                              "< SETEVENTS STATUS_CLIENT NS",
		                              "> 650 STATUS_CLIENT NOTICE CONSENSUS_ARRIVED",
		                              "> 250 OK",
		                              "> 650+NS",
		                              "> r one",
		                              "> .",
		                              "> 650 OK",
		                              "< GETINFO a",
		                              "!",
		                              NULL };
	struct reed_tor *tor = connected(script);
	struct reed_subscription events;
	struct reed_tor_event event;
	char *text;

	reed_subscribe(reed_tor_events(tor), &events, 8);
	check_int(outcome(reed_tor_set_events(tor, "STATUS_CLIENT NS")), REED_OK);
	check_int(outcome(reed_receive(&events, &event)), REED_OK);
	check_slice(event.name, "STATUS_CLIENT");
	check_slice(event.text, "NOTICE CONSENSUS_ARRIVED");
	check_slice(event.more, "");
	reed_tor_event_release(&event);
	check_int(outcome(reed_receive(&events, &event)), REED_OK);
	check_slice(event.name, "NS");
	check_slice(event.more, "r one\nOK\n");
	reed_tor_event_release(&event);
	check_int(outcome(reed_tor_get_info(tor, "a", &text)), REED_EEOF);
	check_int(outcome(reed_receive(&events, &event)), REED_EEOF);
	check(strstr(reed_tor_why(tor), "end of stream") || strstr(reed_tor_why(tor), "closed"));
	check_int(outcome(reed_tor_get_info(tor, "a", &text)), REED_EEOF);
	check(strstr(why, "tor is gone"));
	reed_unsubscribe(&events);
	reed_tor_close(tor);
	end_play();
}

static void an_event_that_never_ends_is_cut_off(void)
{
	static const char *script[64] = { LOGS_IN, "> 650+NS" };
	struct reed_tor_options o = options();
	struct reed_tor *tor = NULL;
	const char *const *const scripts[] = { script, NULL };
	struct reed_subscription events;
	struct reed_tor_event event;
	size_t n = 0;

	while (script[n])
		n++;
	for (; n < 60; n++)
		script[n] = "> a line of a hundred bytes ......................................"
			    "...............................................................";
	script[n] = "< never";
	o.limit = 2000;
	begin_play(scripts);
	plays.patient = true;
	check_int(outcome(reed_tor_connect(loop, &o, &tor)), REED_OK);
	reed_subscribe(reed_tor_events(tor), &events, 8);
	check_int(outcome(reed_receive(&events, &event)), REED_EEOF);
	check(strstr(reed_tor_why(tor), "too long"));
	reed_unsubscribe(&events);
	reed_tor_close(tor);
	end_play();
}

static void closing_fails_what_was_asked(void)
{
	static const char *const script[] = { LOGS_IN, "< GETINFO a", "~", NULL };
	struct reed_tor *tor = connected(script);
	struct reed_future *f;
	char *text;

	f = reed_tor_get_info(tor, "a", &text);
	check_int(reed_sim_run_for(sim, REED_MS(5)), REED_OK);
	reed_tor_close(tor);
	check_int(outcome(f), REED_ECANCELED);
	end_play();
}

/* ---- disturbed wherever it waits ---- */

static const char *const long_script[] = { INFO(COOKIES),
	                                   "< AUTHCHALLENGE SAFECOOKIE *",
	                                   "> @SAFE",
	                                   "< @SAFE",
	                                   "> 250 OK",
	                                   "< GETINFO version",
	                                   "> 650 NOTICE hello",
	                                   "> 250-version=1",
	                                   "> 250 OK",
	                                   "< ADD_ONION *",
	                                   "> 250-ServiceID=" ONION,
	                                   "> 250 OK",
	                                   "~",
	                                   NULL };
static const char *const *const long_scripts[] = { long_script, NULL };

struct visit {
	struct reed_co co;
	struct reed_tor *tor;
	char *version;
	struct reed_tor_onion onion;
};

static struct reed_future *open_tor(struct visit *self)
{
	struct reed_tor_options o = options();

	return reed_tor_connect(self->co.loop, &o, &self->tor);
}

static struct reed_future *add(struct visit *self)
{
	struct reed_tor_onion_options o = REED_TOR_ONION_OPTIONS;

	o.port = 80;
	o.target = "127.0.0.1:1";
	return reed_tor_add_onion(self->tor, &o, &self->onion);
}

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		reed_try(co, open_tor(self));
		reed_try(co, reed_tor_get_info(self->tor, "version", &self->version));
		reed_try(co, add(self));
		check_str(self->onion.address, ONION);
	}
}

static void visit_end(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_tor_close(self->tor);
	reed_free(self->version);
}

static const struct reed_co_kind visit_kind = {
	.name = "visit",
	.size = sizeof(struct visit),
	.run = visit_run,
	.end = visit_end,
};

static struct reed_future *scenario(void *arg, struct reed_sim *world)
{
	(void)arg;
	plays = (struct play){ .scripts = long_scripts, .patient = true };
	reed_sim_boot(world, "tor", play, &plays);
	return reed_start(reed_co_new(reed_sim_host(world, "us"), &visit_kind));
}

static void wherever_it_is_disturbed_nothing_is_left(void)
{
	check_each_suspension(scenario, ends_well_or_canceled, 30);
}

int main(void)
{
	script_folder();
	RUN(it_logs_in_by_nothing);
	RUN(it_logs_in_by_safe_cookie);
	RUN(it_logs_in_by_a_cookie_that_is_somewhere_else);
	RUN(it_logs_in_by_cookie_where_there_is_no_safe_one);
	RUN(it_logs_in_by_password_when_there_is_one);
	RUN(who_does_not_know_the_cookie_gets_no_proof);
	RUN(a_file_that_is_no_cookie_is_not_shown);
	RUN(what_is_wrong_with_the_login_is_said);
	RUN(what_is_no_tor_is_found_out);
	RUN(where_no_tor_is_it_says_what_to_do);
	RUN(calls_say_and_read_what_they_should);
	RUN(an_onion_is_added_with_all_that_was_asked_for);
	RUN(what_would_be_another_command_is_not_said);
	RUN(answers_go_to_those_who_asked_in_order);
	RUN(a_call_that_waits_too_long_does_not_shift_the_next_answer);
	RUN(events_are_published_until_tor_is_gone);
	RUN(an_event_that_never_ends_is_cut_off);
	RUN(closing_fails_what_was_asked);
	RUN(wherever_it_is_disturbed_nothing_is_left);
	script_folder_remove();
	return 0;
}
