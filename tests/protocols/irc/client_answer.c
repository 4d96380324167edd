/* Whose an answer is: by labels and without; and calls that are not answered. */

#include "tests/protocols/irc/client_peer.h"

#define LABELS "batch labeled-response message-tags echo-message"

static struct reed_irc_refusal refusal;
static struct owner o;

static void open(const char *caps)
{
	memset(&refusal, 0xff, sizeof(refusal)); /* must be written */
	begin_online(NULL, caps, "CHANMODES=beI,k,l,imnst PREFIX=(ov)@+ MODES=2 WHOX MONITOR");
	check_int(client->ask_count, 0);
}

static bool is_done(void)
{
	settle_down();
	return o.told == 1 && o.err == REED_OK;
}

static bool is_refused(unsigned numeric, const char *text)
{
	check(is_done());
	return reed_irc_is_refused(&refusal) && refusal.numeric == numeric &&
	       strcmp(refusal.text, text) == 0;
}

static bool is_granted(void)
{
	return is_done() && !reed_irc_is_refused(&refusal);
}

/* ---- labels ---- */

static void labels_tell_answers_apart(void)
{
	struct reed_irc_whois w[2];
	struct owner two;

	open(LABELS);
	own(&o, reed_irc_ask_whois(client, S("ann"), false, &w[0], &refusal));
	own(&two, reed_irc_ask_whois(client, S("ann"), false, &w[1], NULL));
	play("> @label=reed-1 WHOIS ann\n> @label=reed-2 WHOIS ann\n"
	     "< @label=reed-2 :irc BATCH +b labeled-response\n"
	     "< @batch=b :irc 311 joe ann ~second h * :Ann\n"
	     "< @label=reed-1 :irc BATCH +a labeled-response\n"
	     "< @batch=a :irc 311 joe ann ~first h * :Ann\n"
	     "< @batch=b :irc 318 joe ann :End\n"
	     "< @batch=a :irc 318 joe ann :End\n");
	check(!o.told && !two.told);
	play("< :irc BATCH -b\n");
	check(!o.told && two.told == 1 && two.err == REED_OK);
	play("< :irc BATCH -a\n");
	check(is_granted());
	check_slice(w[0].is.user, "~first");
	check_slice(w[1].is.user, "~second");
	reed_irc_whois_finish(&w[0]);
	reed_irc_whois_finish(&w[1]);
	finish();
}

static void an_answer_from_our_new_nick_is_from_us(void)
{
	open(LABELS); /* InspIRCd 3 does so */
	play("< :joe!j@h JOIN #reed\n< :ann!a@h JOIN #reed\n");
	own(&o, reed_irc_set_nick(client, S("jim"), &refusal));
	play("> @label=reed-1 NICK jim\n< @label=reed-1 :jim!j@h NICK jim\n");
	check(is_granted() && reed_irc_client_is_me(client, S("jim")));
	check(reed_irc_user_find(client, S("jim")) && !reed_irc_user_find(client, S("joe")));
	check(event_comes("NICK joe jim") && events.event->is_mine);
	/* others may change the size of their letters */
	play("< :ann!a@h NICK Ann\n< @label=other :Ann!a@h NICK ann\n");
	check(reed_irc_client_is_me(client, S("jim")));
	finish();
}

static void one_message_may_be_the_whole_answer(void)
{
	struct reed_irc_answer answer;

	open(LABELS);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> @label=reed-1 JOIN #reed\n< @label=reed-1 :irc 473 joe #reed :Invite only\n");
	check(is_refused(473, "Invite only"));
	own(&o, reed_irc_request(client, S("PRIVMSG #reed :hello"), &answer));
	play("> @label=reed-2 PRIVMSG #reed hello\n"
	     "< @label=reed-2;msgid=x :joe!j@h PRIVMSG #reed hello\n");
	check(is_done() && answer.count == 1 && answer.messages[0].command == REED_IRC_PRIVMSG);
	reed_irc_answer_finish(&answer);
	check(event_comes("MESSAGE joe #reed hello") && events.event->is_mine);
	own(&o, reed_irc_request(client, S("AWAY"), &answer));
	play("> @label=reed-3 AWAY\n< @label=reed-3 :irc ACK\n");
	check(is_done() && answer.count == 0);
	reed_irc_answer_finish(&answer);
	own(&o, reed_irc_request(client, S("FROB"), &answer));
	play("> @label=reed-4 FROB\n< @label=reed-4 :irc FAIL FROB NOT_HERE :no such thing\n");
	check(is_done() && !strcmp(answer.refusal.code, "NOT_HERE"));
	reed_irc_answer_finish(&answer);
	finish();
}

static void an_answer_with_label_may_be_in_a_batch_in_a_batch(void)
{
	struct reed_irc_answer answer;

	open(LABELS);
	own(&o, reed_irc_request(client, S("CHATHISTORY LATEST #reed * 10"), &answer));
	play("> @label=reed-1 CHATHISTORY LATEST #reed * 10\n"
	     "< @label=reed-1 :irc BATCH +outer labeled-response\n"
	     "< @batch=outer :irc BATCH +inner chathistory #reed\n"
	     "< @batch=inner :ann!a@h PRIVMSG #reed :long ago\n"
	     "< @batch=outer :irc BATCH -inner\n");
	check(!o.told);
	play("< :irc BATCH -outer\n");
	check(is_done() && answer.count == 1);
	check_slice(reed_irc_text(&answer.messages[0]), "long ago");
	reed_irc_answer_finish(&answer);
	finish();
}

static void a_label_the_server_has_lost_is_made_up_for_by_names(void)
{
	open(LABELS);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> @label=reed-1 JOIN #reed\n< :joe!j@h JOIN #reed\n"
	     "< :irc 366 joe #reed :End of /NAMES list\n");
	check(is_granted());
	finish();
}

static void labels_are_not_used_where_there_is_no_batch(void)
{
	struct reed_irc_client_options options = peer_options();

	options.not_capabilities = "batch";
	begin_online(&options, LABELS, NULL);
	check(!reed_irc_client_has(client, "labeled-response"));
	own(&o, reed_irc_part(client, S("#x"), S(""), NULL));
	play("> PART #x\n");
	disown(&o);
	finish();
}

/* ---- what does not go well ---- */

static void no_answer_is_an_error_after_a_while(void)
{
	open(NULL);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> JOIN #reed\n");
	check(is_silent(59000) && !o.told);
	hear(2000);
	check_int(o.err, REED_ETIMEDOUT);
	check_str(o.why, "the server does not answer JOIN #reed");
	check_int(client->ask_count, 0);
	finish();
}

static void the_end_of_the_connection_ends_all_calls(void)
{
	struct reed_irc_whois w;
	struct owner two;

	open(NULL);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	own(&two, reed_irc_ask_whois(client, S("ann"), false, &w, NULL));
	play("> JOIN #reed\n");
	peer_closes();
	check(o.err == REED_ECLOSED && two.err == REED_ECLOSED);
	check_str(o.why, "the connection ended before JOIN was answered");
	check(!reed_irc_channel_next(client, NULL));
	finish();
}

static void without_a_connection_nothing_is_asked(void)
{
	struct reed_irc_answer answer;

	begin(NULL);
	check_int(outcome(reed_irc_join(client, S("#reed"), S(""), &refusal)), REED_ECLOSED);
	check(why_is("there is no connection to an IRC server"));
	play("> CAP LS 302\n");
	check_int(outcome(reed_irc_request(client, S("LIST"), &answer)), REED_ECLOSED);
	finish();
}

static void arguments_that_cannot_be_are_refused_here(void)
{
	struct reed_irc_people people;

	open(NULL);
	check_int(outcome(reed_irc_join(client, S("#a b"), S("key"), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_join(client, S("#a b"), S(""), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_join(client, S(":#a"), S(""), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_join(client, S("#a,#b"), S(""), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_join(client, S(""), S(""), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_part(client, S("#a"), S("x\r\nQUIT"), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_set_modes(client, S("#a"), S("+o joe\nQUIT"), NULL)),
	          REED_EINVAL);
	check_int(outcome(reed_irc_set_modes(client, S("#a"), S(""), NULL)), REED_EINVAL);
	check_int(outcome(reed_irc_ask_who(client, S("x\ny"), &people, NULL)), REED_EINVAL);
	check(is_silent(100));
	check_int(client->ask_count, 0);
	finish();
}

static void a_call_dropped_before_its_line_left_says_nothing(void)
{
	struct reed_irc_client_options options = peer_options();

	options.flood_burst = 1;
	options.flood_ms = 1000;
	begin_online(&options, NULL, NULL);
	reed_irc_client_send(client, REED_IRC_SOON, S("AWAY"));
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> AWAY\n");
	disown(&o);
	check(is_silent(5000));
	check_int(client->ask_count, 0);
	finish();
}

static void the_answer_to_a_dropped_call_is_not_taken_for_another(void)
{
	struct reed_irc_rooms rooms;
	struct reed_irc_client_stats stats = { .size = sizeof(stats) };

	open(NULL);
	own(&o, reed_irc_ask_rooms(client, S("old"), &rooms, NULL));
	play("> LIST old\n< :irc 322 joe #a 1 :x\n");
	disown(&o);
	own(&o, reed_irc_ask_rooms(client, S("new"), &rooms, NULL));
	play("> LIST new\n< :irc 322 joe #b 1 :x\n< :irc 323 joe :End\n");
	check(!o.told);
	reed_irc_client_stats(client, &stats);
	check_int(stats.asks, 1);
	play("< :irc 322 joe #c 1 :x\n< :irc 323 joe :End\n");
	check(is_done() && rooms.count == 1);
	check_slice(rooms.rooms[0].name, "#c");
	reed_irc_rooms_finish(&rooms);
	/* interrupted is the same */
	own(&o, reed_irc_ask_rooms(client, S("old"), &rooms, NULL));
	play("> LIST old\n");
	reed_interrupt(o.waiter.future);
	settle_down();
	check(o.err == REED_ECANCELED && client->ask_count == 1);
	play("< :irc 323 joe :End\n");
	check_int(client->ask_count, 0);
	finish();
}

static void a_call_that_loses_a_race_writes_nothing(void)
{
	struct reed_irc_whois w;
	int which = -1;

	open(NULL);
	own(&o, reed_any(&which, reed_ready(loop, REED_OK),
	                 reed_irc_ask_whois(client, S("ann"), false, &w, &refusal)));
	settle_down();
	check(which == 0 && refusal.numeric == 0xffff && w.is.nick.n == 0);
	finish();
}

static void a_freed_client_cancels_what_waits_for_it(void)
{
	struct reed_irc_client_options options = peer_options();
	struct owner two, ready;

	options.flood_burst = 1;
	options.flood_ms = 100000;
	begin_online(&options, NULL, NULL);
	own(&o, reed_irc_join(client, S("#reed"), S(""), NULL));
	play("> JOIN #reed\n");
	own(&two, reed_irc_say(client, S("#reed"), S("hello")));
	own(&ready, reed_irc_ping(client, NULL));
	disown(&running);
	settle_down();
	check(o.err == REED_ECLOSED && two.err == REED_ECLOSED && ready.err == REED_ECLOSED);
	finish();
}

int main(void)
{
	lab_open();
	RUN(labels_tell_answers_apart);
	RUN(an_answer_from_our_new_nick_is_from_us);
	RUN(one_message_may_be_the_whole_answer);
	RUN(an_answer_with_label_may_be_in_a_batch_in_a_batch);
	RUN(a_label_the_server_has_lost_is_made_up_for_by_names);
	RUN(labels_are_not_used_where_there_is_no_batch);
	RUN(no_answer_is_an_error_after_a_while);
	RUN(the_end_of_the_connection_ends_all_calls);
	RUN(without_a_connection_nothing_is_asked);
	RUN(arguments_that_cannot_be_are_refused_here);
	RUN(a_call_dropped_before_its_line_left_says_nothing);
	RUN(the_answer_to_a_dropped_call_is_not_taken_for_another);
	RUN(a_call_that_loses_a_race_writes_nothing);
	RUN(a_freed_client_cancels_what_waits_for_it);
	lab_close();
	return 0;
}
