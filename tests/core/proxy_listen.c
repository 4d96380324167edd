/* Listening behind a proxy, and dialling as one, by endpoints over loopback. */

#include "reed/proxy.h"

#include "core/os.h"
#include "reed/endpoint.h"
#include "reed/log.h"
#include "tests/core/tools.h"

static struct reed_listener *listener;
static struct reed_stream *us, *them;
static struct reed_stream_facts facts;
static struct reed_log_tap tap;
static char refusal[256];

static void hear(struct reed_log_tap *self, const struct reed_log_event *event)
{
	(void)self;
	reed_slice_copy(refusal, sizeof(refusal), reed_log_value(event, "why"));
}

static void open_with(const char *keys)
{
	struct reed_log_options quiet_log = REED_LOG_OPTIONS;
	char *endpoint;

	lab_open();
	endpoint = reed_sprintf("haproxy:[tcp:0:interface=127.0.0.1]%s", keys);
	quiet_log.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &quiet_log, NULL), REED_OK);
	tap = (struct reed_log_tap){ .hear = hear, .level = REED_LOG_WARN };
	reed_log_tap(reed_log_of(loop), &tap);
	refusal[0] = '\0';
	check_int(outcome(reed_listen(loop, endpoint, &listener)), REED_OK);
	reed_free(endpoint);
}

static void dial_bare(void)
{
	check_int(outcome(reed_connect_address(loop, &listener->address, NULL, &us)), REED_OK);
}

static void close_all(void)
{
	reed_abort(us);
	reed_abort(them);
	us = them = NULL;
	reed_listener_close(listener);
	listener = NULL;
	reed_log_untap(reed_log_of(loop), &tap);
	lab_close();
}

static void say(struct reed_slice bytes)
{
	reed_write(us, bytes);
}

static void accept_them(void)
{
	check_int(outcome(reed_accept(listener, &them)), REED_OK);
	facts = (struct reed_stream_facts){ .size = sizeof(facts) };
	reed_stream_facts(them, &facts);
}

static void is_at(const struct reed_address *address, const char *text)
{
	char own[REED_ADDRESS_TEXT];

	check_str(reed_address_text(address, own), text);
}

/* Somebody accepts in vain, and the connection ends. */
static void is_cut_off(void)
{
	struct owner accepting;
	enum reed_err err;

	own(&accepting, reed_accept(listener, &them));
	err = outcome(reed_more(us));
	check(err == REED_EEOF || err == REED_ERESET);
	check(!accepting.told);
	disown(&accepting);
}

/* ---- who may, and says the right thing ---- */

static void the_clients_addresses_are_those_of_the_header(void)
{
	struct reed_slice line;

	open_with("");
	dial_bare();
	say(REED_STR("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nhello\r\n"));
	accept_them();
	is_at(&facts.peer, "192.0.2.1:56324");
	is_at(&facts.local, "198.51.100.2:443");
	check(facts.proxy && facts.proxy->version == 1);
	check(reed_address_is_loopback(&facts.proxy->via));
	check_int(outcome(reed_read_line(them, &line)), REED_OK);
	check_slice(line, "hello");
	close_all();
}

static void what_came_with_the_header_is_news_to_who_waits_for_more(void)
{
	open_with("");
	dial_bare();
	say(REED_STR("PROXY UNKNOWN\r\nearly"));
	accept_them();
	check_int(outcome(reed_more(them)), REED_OK);
	check_slice(reed_peek(them), "early");
	check(reed_address_is_loopback(&facts.peer));
	close_all();
}

static void a_header_may_come_byte_by_byte(void)
{
	const char *header = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
	struct owner accepting;

	open_with("");
	dial_bare();
	own(&accepting, reed_accept(listener, &them));
	for (const char *p = header; *p; p++) {
		check(!accepting.told);
		say(reed_slice(p, 1));
		turns(3);
	}
	until(accepting.told);
	check_int(accepting.err, REED_OK);
	close_all();
}

static void a_silent_one_keeps_nobody_waiting(void)
{
	struct reed_stream *silent;

	open_with("");
	dial_bare();
	silent = us;
	turns(3);
	dial_bare();
	say(REED_STR("PROXY UNKNOWN\r\n"));
	accept_them();
	check_int(outcome(reed_more(silent)), REED_ERESET); /* nobody says goodbye to it */
	check_str(refusal, "the PROXY header did not come: timed out after 5000 ms");
	reed_abort(silent);
	close_all();
}

static void at_most_so_many_are_waited_for(void)
{
	struct reed_stream *silent[2];
	int64_t start;

	open_with(":waiting=2");
	start = reed_now(loop);
	for (int i = 0; i < 2; i++) {
		dial_bare();
		silent[i] = us;
	}
	dial_bare();
	say(REED_STR("PROXY UNKNOWN\r\n"));
	accept_them(); /* when one of the silent ones has been given up */
	check_int(reed_now(loop) - start, REED_S(5));
	for (int i = 0; i < 2; i++)
		reed_abort(silent[i]);
	close_all();
}

/* ---- who may not, or says the wrong thing ---- */

static void who_is_not_trusted_is_refused_with_a_sentence(void)
{
	open_with(":trust=192.0.2.0/24,2001\\:db8\\:\\:/32,unix");
	dial_bare();
	say(REED_STR("PROXY UNKNOWN\r\n"));
	is_cut_off();
	check_str(refusal, "127.0.0.1 is not trusted to send PROXY headers; if it is the proxy, "
	                   "say trust=127.0.0.1");
	close_all();
	open_with(":trust=10.0.0.0/8,127.0.0.0/8");
	dial_bare();
	say(REED_STR("PROXY UNKNOWN\r\n"));
	accept_them();
	close_all();
}

static void who_sends_no_header_is_refused_with_a_sentence(void)
{
	open_with("");
	dial_bare();
	say(REED_STR("NICK alice\r\n"));
	is_cut_off();
	check_str(refusal, "a connection that begins with \"NICK alice..\" and not with a PROXY "
	                   "header");
	close_all();
}

static void who_goes_in_the_middle_of_a_header_is_told_of(void)
{
	open_with("");
	dial_bare();
	say(REED_STR("PROXY TCP4 192."));
	reed_shutdown(us);
	is_cut_off();
	check_str(refusal, "the PROXY header did not come: end of stream");
	close_all();
}

static void a_probe_without_a_word_is_not_worth_a_line(void)
{
	open_with("");
	dial_bare();
	reed_shutdown(us);
	is_cut_off();
	check_str(refusal, "");
	close_all();
}

static void a_listener_may_be_closed_while_headers_are_awaited(void)
{
	open_with("");
	dial_bare();
	say(REED_STR("PROXY TC"));
	turns(4);
	close_all();
}

/* ---- what a header must not lend to the client ---- */

static void a_client_is_not_who_its_proxy_is(void)
{
	struct reed_stream *a, *b;

	lab_open();
	reed_stream_pair(loop, 0, &a, &b);
	reed_write_str(a, "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n");
	check_int(outcome(reed_proxy_read(b)), REED_OK);
	facts = (struct reed_stream_facts){ .size = sizeof(facts) };
	reed_stream_facts(b, &facts);
	check(!facts.secure); /* memory is, but not the way of the client */
	check(!facts.has_credentials && !facts.tls);
	reed_abort(a);
	reed_abort(b);
	lab_close();
}

/* ---- dialling ---- */

static void dial_as_proxy(const char *keys)
{
	char *endpoint = reed_sprintf("haproxy:[tcp:127.0.0.1:%u]%s", listener->address.port, keys);

	check_int(outcome(reed_dial(loop, endpoint, &us)), REED_OK);
	reed_free(endpoint);
}

static void a_dialled_one_says_who_it_is_itself(void)
{
	struct reed_stream_facts own = { .size = sizeof(own) };

	open_with("");
	dial_as_proxy("");
	accept_them();
	reed_stream_facts(us, &own);
	check(reed_address_eq(&own.local, &facts.peer));
	check(reed_address_eq(&own.peer, &facts.local));
	check_int(facts.proxy->version, 2);
	close_all();
}

static void a_dialled_one_says_what_it_is_told(void)
{
	open_with("");
	dial_as_proxy(":source=[[2001:db8::1]:1234]:alpn=irc:authority=example.org:id=x1");
	accept_them();
	is_at(&facts.peer, "[2001:db8::1]:1234");
	check_int(facts.local.family, REED_FAMILY_IPV6);
	check_slice(facts.proxy->alpn, "irc");
	check_slice(facts.proxy->authority, "example.org");
	check_slice(facts.proxy->unique_id, "x1");
	close_all();
	open_with("");
	dial_as_proxy(":version=1:source=[192.0.2.7:9]:destination=[192.0.2.8:10]");
	accept_them();
	check_int(facts.proxy->version, 1);
	is_at(&facts.local, "192.0.2.8:10");
	close_all();
}

static void wrong_keys_are_told(void)
{
	lab_open();
	check_int(outcome(reed_listen(loop, "haproxy:6667", &listener)), REED_ESYNTAX);
	check(why_is("\"haproxy:6667\", column 9: an endpoint in brackets must stand here, as in "
	             "haproxy:[tcp:...]"));
	check_int(outcome(reed_listen(loop, "haproxy:[tcp:0]:trust=nobody", &listener)),
	          REED_ESYNTAX);
	check(why_is("\"nobody\" is nobody to trust; write prefixes with commas, such as "
	             "192.0.2.0/24,2001:db8::/64, unix or any"));
	check_int(outcome(reed_dial(loop, "haproxy:[tcp:localhost:1]:version=3", &us)),
	          REED_ESYNTAX);
	check_int(outcome(reed_dial(loop, "haproxy:[tcp:localhost:1]:source=192.0.2.1", &us)),
	          REED_ESYNTAX);
	lab_close();
}

int main(void)
{
	RUN(the_clients_addresses_are_those_of_the_header);
	RUN(what_came_with_the_header_is_news_to_who_waits_for_more);
	RUN(a_header_may_come_byte_by_byte);
	RUN(a_silent_one_keeps_nobody_waiting);
	RUN(at_most_so_many_are_waited_for);
	RUN(who_is_not_trusted_is_refused_with_a_sentence);
	RUN(who_sends_no_header_is_refused_with_a_sentence);
	RUN(who_goes_in_the_middle_of_a_header_is_told_of);
	RUN(a_probe_without_a_word_is_not_worth_a_line);
	RUN(a_listener_may_be_closed_while_headers_are_awaited);
	RUN(a_client_is_not_who_its_proxy_is);
	RUN(a_dialled_one_says_who_it_is_itself);
	RUN(a_dialled_one_says_what_it_is_told);
	RUN(wrong_keys_are_told);
	return 0;
}
