/* Listening at an onion address: keys and their files, tor gone and back, disturbances. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocols/tor/private.h"
#include "reed/log.h"
#include "script.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

#define ONION  "i6tp5hrlgxzgbfnyu2n44bhvmfuwg76s6yvsn2kjsrb3djyhwdoljuid"
#define CLIENT "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QA"

#define PUBLISHES(add)                                                                           \
	LOGS_IN, "< SETEVENTS STATUS_CLIENT HS_DESC", "> 250 OK", add, "> 250-ServiceID=" ONION, \
		"> 250 OK", "< GETINFO status/bootstrap-phase",                                  \
		"> 250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=45 TAG=x "               \
		"SUMMARY=\"Asking for relay descriptors\"",                                      \
		"> 250 OK"

/* ---- what is logged ---- */

static struct reed_buf logged;

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	(void)tap;
	reed_buf_add(&logged, event->message);
	for (size_t i = 0; i < event->count; i++)
		reed_buf_printf(&logged, " %s=" REED_FMT, event->fields[i].key,
		                REED_ARG(event->fields[i].value));
	reed_buf_add_char(&logged, '\n');
}

static struct reed_log_tap tap = { .hear = hear, .level = REED_LOG_INFO };

static bool was_logged(const char *words)
{
	struct reed_slice all = reed_buf_slice(&logged);

	return reed_slice_search(all, reed_slice_of(words)) < all.n;
}

static void begin(const char *const *const *scripts)
{
	struct reed_log_options log = REED_LOG_OPTIONS;

	log.to = REED_LOG_TO_NOBODY;
	begin_play(scripts);
	check_int(reed_log_open(reed_log_of(loop), &log, NULL), REED_OK);
	reed_buf_clear(&logged);
	reed_log_tap(reed_log_of(loop), &tap);
}

static void end(void)
{
	reed_sim_run(sim);
	if (reed_sim_failure(sim))
		check_str(reed_sim_failure(sim)->sentence, "");
	reed_log_untap(reed_log_of(loop), &tap);
	reed_sim_free(sim);
}

static struct reed_future *listen_at(const char *key, const char *clients, struct reed_listener **l,
                                     struct reed_tor_onion *onion)
{
	struct reed_onion_options o = REED_ONION_OPTIONS;
	struct reed_tor_options tor = REED_TOR_OPTIONS;

	tor.control = "tcp:tor:9051";
	o.port = 6667;
	o.key = key ? in_folder(key) : NULL;
	o.clients = clients ? in_folder(clients) : NULL;
	o.tor = &tor;
	return reed_onion_listen(loop, &o, l, onion);
}

static char *file(const char *name)
{
	static char text[512];
	FILE *f = fopen(in_folder(name), "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

/* ---- tests ---- */

static void it_is_listened_at_and_nobody_has_an_address(void)
{
	static const char *const script[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
	static const char *const *const scripts[] = { script, NULL };
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_stream *client = NULL, *server = NULL;
	struct reed_tor_onion onion = { "" };
	struct reed_listener *l = NULL;
	char at[64];

	begin(scripts);
	check_int(outcome(listen_at("first.key", NULL, &l, &onion)), REED_OK);
	check_str(onion.address, ONION);
	check_str(file("first.key.hostname"), ONION ".onion\n");
	check(was_logged("onion service address=" ONION ".onion:6667"));
	check(was_logged("progress=45 summary=Asking for relay descriptors"));
	snprintf(at, sizeof(at), "tcp:127.0.0.1:%u", l->address.port);
	check_int(outcome(reed_all(reed_dial(loop, at, &client), reed_accept(l, &server))),
	          REED_OK);
	reed_stream_facts(server, &facts);
	check_int(facts.peer.family, REED_FAMILY_NONE);
	check_int(facts.local.family, REED_FAMILY_NONE);
	check(facts.secure && !facts.tls);
	reed_close(client);
	reed_close(server);
	reed_listener_close(l);
	end();
	check_int(plays.done, 1);
}

static void the_key_is_made_once_and_for_nobody_else(void)
{
	static const char *const script[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
	static const char *const *const scripts[] = { script, script, NULL };
	struct reed_listener *l = NULL;
	char first[512];
	struct stat st;

	begin(scripts);
	check_int(outcome(listen_at("own.key", NULL, &l, NULL)), REED_OK);
	reed_listener_close(l);
	snprintf(first, sizeof(first), "%s", file("own.key"));
	check(strncmp(first, "ED25519-V3:", 11) == 0);
	check_int(stat(in_folder("own.key"), &st), 0);
	check_int(st.st_mode & 0777, 0600);
	check_int(outcome(listen_at("own.key", NULL, &l, NULL)), REED_OK);
	reed_listener_close(l);
	check_str(file("own.key"), first);
	end();
	check_int(plays.done, 2);
}

static void a_key_that_will_not_do_is_told_and_left_as_it_is(void)
{
	static const char *const *const none[] = { NULL };
	struct reed_listener *l = NULL;

	begin(none);
	write_file("bad.key", "my dog's name\n", 0600);
	check_int(outcome(listen_at("bad.key", NULL, &l, NULL)), REED_ECORRUPT);
	check(strstr(why, "bad.key: this is no key of an onion service"));
	check_str(file("bad.key"), "my dog's name\n");
	write_file("open.key", "ED25519-V3:", 0644);
	check_int(outcome(listen_at("open.key", NULL, &l, NULL)), REED_EACCES);
	check(strstr(why, "chmod 600"));
	check_int(outcome(listen_at("no/folder.key", NULL, &l, NULL)), REED_ENOENT);
	check(strstr(why, "no/folder.key"));
	end();
}

static void only_those_who_are_named_may_be_its_clients(void)
{
	static const char *const script[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
	static const char *const *const scripts[] = { script, NULL };
	struct reed_listener *l = NULL;

	begin(scripts);
	write_file("clients", "# friends\n\n" CLIENT "\ndescriptor:x25519:" CLIENT "\n", 0644);
	check_int(outcome(listen_at(NULL, "clients", &l, NULL)), REED_OK);
	reed_listener_close(l);
	write_file("clients", "# friends\nalice\n", 0644);
	check_int(outcome(listen_at(NULL, "clients", &l, NULL)), REED_ESYNTAX);
	check(strstr(why, "clients:2: a client's public key must stand here"));
	write_file("clients", "# none yet\n", 0644);
	check_int(outcome(listen_at(NULL, "clients", &l, NULL)), REED_EINVAL);
	check(strstr(why, "no client is named in it"));
	check_int(outcome(listen_at(NULL, "nobody", &l, NULL)), REED_ENOENT);
	end();
}

static void tor_that_is_gone_is_asked_again_when_it_is_back(void)
{
	static const char *const goes[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"),
		                            "> 650 HS_DESC UPLOADED " ONION " UNKNOWN $A",
		                            "> 650 STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=100 "
		                            "SUMMARY=\"Done\"",
		                            "!", NULL };
	static const char *const refuses[] = {
		LOGS_IN, "< SETEVENTS *", "> 250 OK", "< ADD_ONION *", "> 551 Failed", "~", NULL
	};
	static const char *const stays[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
	static const char *const *const scripts[] = { goes, refuses, stays, NULL };
	struct reed_listener *l = NULL;

	begin(scripts);
	check_int(outcome(listen_at("again.key", NULL, &l, NULL)), REED_OK);
	check_int(reed_sim_run_for(sim, REED_S(10)), REED_OK);
	check(was_logged("onion service can be reached address=" ONION));
	check(was_logged("progress=100 summary=Done"));
	check(was_logged("tor is gone, and the onion service with it"));
	check(was_logged("onion service cannot be published address=" ONION
	                 ".onion:6667 why=the onion service is not published: tor refuses "
	                 "ADD_ONION: 551 Failed seconds=2.0"));
	check_int(plays.done, 2);
	reed_listener_close(l);
	end();
	check_int(plays.done, 3);
}

static void while_there_is_no_tor_it_is_asked_ever_less_often(void)
{
	static const char *const goes[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "!", NULL };
	static const char *const *const scripts[] = { goes, NULL };
	struct reed_listener *l = NULL;

	begin(scripts);
	check_int(outcome(listen_at("less.key", NULL, &l, NULL)), REED_OK);
	check_int(reed_sim_run_for(sim, REED_S(300)), REED_OK);
	check(was_logged("why=no control port of tor: "));
	check(was_logged("seconds=60.0"));
	check(!was_logged("seconds=64"));
	reed_listener_close(l);
	end();
}

static void two_of_the_same_key_are_told_apart(void)
{
	static const char *const script[] = { LOGS_IN,
		                              "< SETEVENTS *",
		                              "> 250 OK",
		                              "< ADD_ONION *",
		                              "> 550 Onion address collision",
		                              "~",
		                              NULL };
	static const char *const *const scripts[] = { script, NULL };
	struct reed_listener *l = NULL;

	begin(scripts);
	check_int(outcome(listen_at(NULL, NULL, &l, NULL)), REED_EEXIST);
	check(strstr(why, "give each of them a key= of its own"));
	end();
}

static void the_key_lies_in_the_state_directory_unless_it_is_said_where(void)
{
	static const char *const script[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
	static const char *const *const scripts[] = { script, NULL };
	struct reed_listener *l = NULL;
	char folder[256];

	begin(scripts);
	snprintf(folder, sizeof(folder), "%s", in_folder("."));
	reed_endpoint_keep_in(loop, folder);
	check_str(reed_endpoint_state(loop), folder);
	check_int(outcome(reed_listen(loop, "onion:6667:control=[tcp:tor:9051]", &l)), REED_OK);
	check(strncmp(file("onion-6667.key"), "ED25519-V3:", 11) == 0);
	check_str(file("onion-6667.key.hostname"), ONION ".onion\n");
	reed_listener_close(l);
	end();
}

/* What has been at one hop once has its own key, as it is no secret any more. */
static void a_single_hop_is_for_a_tor_that_was_made_for_it(void)
{
	static const char *const hides[] = { LOGS_IN,
		                             "< SETEVENTS *",
		                             "> 250 OK",
		                             "< GETCONF HiddenServiceNonAnonymousMode",
		                             "> 250 HiddenServiceNonAnonymousMode=0",
		                             "~",
		                             NULL };
	static const char *const shows[] = { LOGS_IN,
		                             "< SETEVENTS *",
		                             "> 250 OK",
		                             "< GETCONF HiddenServiceNonAnonymousMode",
		                             "> 250 HiddenServiceNonAnonymousMode=1",
		                             "< ADD_ONION ED25519-V3:*",
		                             "> 250-ServiceID=" ONION,
		                             "> 250 OK",
		                             "< GETINFO *",
		                             "> 250-status/bootstrap-phase=NOTICE",
		                             "> 250 OK",
		                             "~",
		                             NULL };
	static const char *const *const scripts[] = { hides, shows, NULL };
	static const char at[] = "onion:6667:control=[tcp:tor:9051]:single-hop=yes";
	struct reed_listener *l = NULL;
	char folder[256];

	begin(scripts);
	snprintf(folder, sizeof(folder), "%s", in_folder("."));
	reed_endpoint_keep_in(loop, folder);
	check_int(outcome(reed_listen(loop, at, &l)), REED_EINVAL);
	check(strstr(why, "this tor hides where its services are; single-hop ones need"));
	check_int(outcome(reed_listen(loop, at, &l)), REED_OK);
	check(was_logged("everybody can find out where this onion service is"));
	check_str(file("onion-6667-single-hop.key.hostname"), ONION ".onion\n");
	reed_listener_close(l);
	end();
	check_int(plays.done, 2);
}

static void what_stands_behind_launch_is_checked(void)
{
	static const char *const *const none[] = { NULL };
	struct reed_listener *l = NULL;

	begin(none);
	check_int(outcome(reed_listen(loop, "onion:1:launch=maybe", &l)), REED_ESYNTAX);
	check(strstr(why, "column 16: yes or no must stand here"));
	check_int(outcome(reed_listen(loop, "onion:1:single-hop=1", &l)), REED_ESYNTAX);
	check(strstr(why, "column 20: yes or no must stand here"));
	check_int(outcome(reed_listen(loop, "onion:1:launch=yes:password=x", &l)), REED_ESYNTAX);
	check(strstr(why, "password= is of a tor that runs already"));
	check_int(outcome(reed_listen(loop, "onion:1:launch=yes", &l)), REED_EINVAL);
	check(strstr(why, "keeps tor's data in the state directory, and there is none"));
	end();
}

/* ---- disturbed wherever it waits ---- */

static const char *const short_life[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"),
	                                  "> 650 HS_DESC UPLOADED " ONION " UNKNOWN $A", "!",
	                                  NULL };
static const char *const long_life[] = { PUBLISHES("< ADD_ONION ED25519-V3:*"), "~", NULL };
static const char *const *const lives[] = { short_life, long_life, long_life, NULL };

struct visit {
	struct reed_co co;
	struct reed_listener *listener;
};

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, "onion:6667:control=[tcp:tor:9051]",
		                         &self->listener));
		reed_try(co, reed_sleep(co->loop, 3000));
	}
}

static void visit_end(struct reed_co *co)
{
	reed_listener_close(reed_frame(co, struct visit)->listener);
}

static const struct reed_co_kind visit_kind = {
	.name = "visit",
	.size = sizeof(struct visit),
	.run = visit_run,
	.end = visit_end,
};

static struct reed_future *scenario(void *arg, struct reed_sim *world)
{
	struct reed_loop *us = reed_sim_host(world, "us");
	struct reed_log_options log = REED_LOG_OPTIONS;

	(void)arg;
	log.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(us), &log, NULL), REED_OK);
	plays = (struct play){ .scripts = lives, .patient = true };
	reed_sim_boot(world, "tor", play, &plays);
	return reed_start(reed_co_new(us, &visit_kind));
}

static void wherever_it_is_disturbed_nothing_is_left(void)
{
	check_each_suspension(scenario, ends_well_or_canceled, 60);
}

int main(void)
{
	script_folder();
	check_int(reed_scheme_register(&reed_onion_scheme), REED_OK);
	RUN(it_is_listened_at_and_nobody_has_an_address);
	RUN(the_key_is_made_once_and_for_nobody_else);
	RUN(a_key_that_will_not_do_is_told_and_left_as_it_is);
	RUN(only_those_who_are_named_may_be_its_clients);
	RUN(tor_that_is_gone_is_asked_again_when_it_is_back);
	RUN(while_there_is_no_tor_it_is_asked_ever_less_often);
	RUN(two_of_the_same_key_are_told_apart);
	RUN(the_key_lies_in_the_state_directory_unless_it_is_said_where);
	RUN(a_single_hop_is_for_a_tor_that_was_made_for_it);
	RUN(what_stands_behind_launch_is_checked);
	RUN(wherever_it_is_disturbed_nothing_is_left);
	reed_buf_finish(&logged);
	script_folder_remove();
	return 0;
}
