/* What is wrong with an endpoint is found without listening or dialling. */

#include "reed/endpoint.h"

#include "check.h"

static void will_do(const char *text, enum reed_endpoint_use use)
{
	struct reed_fault *fault;

	if (reed_endpoint_check(reed_slice_of(text), use, &fault)) {
		fprintf(stderr, "%s\n", fault->sentence);
		abort();
	}
	check(!fault);
}

static void will_not(const char *text, enum reed_endpoint_use use, const char *why)
{
	struct reed_fault *fault;

	check_int(reed_endpoint_check(reed_slice_of(text), use, &fault), REED_ESYNTAX);
	check_str(fault->sentence, why);
	reed_fault_free(fault);
}

static void what_is_right_passes(void)
{
	static const char *const listening[] = {
		"tcp:0",
		"tcp:irc:interface=nobody.example:backlog=5:reuseport=1",
		"unix:/nowhere/x:mode=660",
		"fd:99",
		"systemd:name=irc",
		"stdio:",
		"tls:6697:cert=/nowhere",
		"tls:[unix:/nowhere]:cert=/nowhere:client=require",
	};
	static const char *const dialling[] = {
		"tcp:nobody.example:1:timeout=3:bind=192.0.2.1",
		"tcp:[::1]:1",
		"unix:/nowhere",
		"fd:99",
		"stdio:",
		"srv:_irc._tcp.nobody.example:port=6667",
		"tls:[::1]:6697",
		"tls:[tcp:nobody.example:1]:name=x",
	};

	for (size_t i = 0; i < REED_COUNT(listening); i++) {
		will_do(listening[i], REED_ENDPOINT_LISTEN);
		will_do(listening[i], REED_ENDPOINT_ANY);
	}
	for (size_t i = 0; i < REED_COUNT(dialling); i++) {
		will_do(dialling[i], REED_ENDPOINT_DIAL);
		will_do(dialling[i], REED_ENDPOINT_ANY);
	}
}

static void what_is_wrong_is_told_with_its_column(void)
{
	static const struct {
		const char *text, *why;
		enum reed_endpoint_use use;
	} cases[] = {
		{ "tcp:xx",
		  "\"tcp:xx\", column 5: \"xx\" is no port; a number from 0 to 65535 must stand here",
		  REED_ENDPOINT_LISTEN },
		{ "tcp:1:backlog=many",
		  "\"tcp:1:backlog=many\", column 15: a number up to 65535 must stand here",
		  REED_ENDPOINT_LISTEN },
		{ "tcp:host:70000",
		  "\"tcp:host:70000\", column 10: \"70000\" is no port; a number from 0 to 65535 must "
		  "stand here",
		  REED_ENDPOINT_DIAL },
		{ "tcp:host:1:bind=here",
		  "\"tcp:host:1:bind=here\", column 17: \"here\" is no address; write one such as "
		  "192.0.2.1 or [2001:db8::1]",
		  REED_ENDPOINT_DIAL },
		{ "unix:/x:mode=999",
		  "\"unix:/x:mode=999\", column 14: an octal number up to 777 must stand here",
		  REED_ENDPOINT_LISTEN },
		{ "fd:zero", "\"fd:zero\", column 4: the number of a descriptor must stand here",
		  REED_ENDPOINT_LISTEN },
		{ "systemd:", "\"systemd:\": write systemd:name=NAME or systemd:index=NUMBER",
		  REED_ENDPOINT_LISTEN },
		{ "srv:irc.example",
		  "\"srv:irc.example\", column 5: a name such as _xmpp-client._tcp.example.org must "
		  "stand here",
		  REED_ENDPOINT_DIAL },
		{ "tls:xx:cert=y",
		  "\"tls:xx:cert=y\", column 5: \"xx\" is no port; a number from 0 to 65535 must "
		  "stand here",
		  REED_ENDPOINT_LISTEN },
		{ "tls:1:cert=y:client=maybe",
		  "\"tls:1:cert=y:client=maybe\", column 21: no, ask, require or verify must stand here",
		  REED_ENDPOINT_LISTEN },
		{ "tls:host", "\"tls:host\": a port is missing; write tls:HOST:PORT",
		  REED_ENDPOINT_DIAL },
		{ "tcpp:1",
		  "\"tcpp:1\": there is no scheme \"tcpp\" in this program, which loads no modules; did you mean tcp?",
		  REED_ENDPOINT_ANY },
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++)
		will_not(cases[i].text, cases[i].use, cases[i].why);
}

static void datagrams_are_another_use(void)
{
	will_do("udp:53:group=239.1.2.3:ttl=3", REED_ENDPOINT_DGRAM_LISTEN);
	will_do("udp:nobody.example:53:via=nothing", REED_ENDPOINT_DGRAM_DIAL);
	will_do("unix:/nowhere", REED_ENDPOINT_DGRAM_LISTEN);
	will_do("udp:nobody.example:53", REED_ENDPOINT_ANY);
	will_not("udp:53", REED_ENDPOINT_LISTEN,
	         "\"udp:53\": udp is of datagrams; one of streams, such as tcp, must stand here");
	will_not("tcp:53", REED_ENDPOINT_DGRAM_LISTEN,
	         "\"tcp:53\": tcp is of streams; one of datagrams, such as udp, must stand here");
	will_not(
		"udp:xx", REED_ENDPOINT_ANY,
		"\"udp:xx\", column 5: \"xx\" is no port; a number from 0 to 65535 must stand here");
	will_not("udp:1:group=192.0.2.1", REED_ENDPOINT_ANY,
	         "\"udp:1:group=192.0.2.1\", column 13: \"192.0.2.1\" is no group; write one such "
	         "as 239.1.2.3 or [ff02::123]");
}

static void a_certificate_that_is_missing_is_told(void)
{
	will_not("tls:1", REED_ENDPOINT_LISTEN,
	         "\"tls:1\": a certificate is missing; write tls:PORT:cert=FILE (`reed cert` makes "
	         "one)");
}

static void what_stands_in_brackets_is_looked_at_too(void)
{
	will_not(
		"tls:1:cert=y:dane=3 1 1 00", REED_ENDPOINT_LISTEN,
		"\"tls:1:cert=y:dane=3 1 1 00\", column 19: dane= means something only where it is "
		"dialled");
	will_not(
		"tls:host:1:client=require", REED_ENDPOINT_DIAL,
		"\"tls:host:1:client=require\", column 19: client= means something only where it is "
		"listened on");
	will_not("tls:[tcp:xx]:cert=y", REED_ENDPOINT_LISTEN,
	         "\"tls:[tcp:xx]:cert=y\", column 5: \"tcp:xx\", column 5: \"xx\" is no port; a "
	         "number from 0 to 65535 must stand here");
	will_not("tls:[tls:[nothing:1]:name=a]:name=b", REED_ENDPOINT_DIAL,
	         "\"tls:[tls:[nothing:1]:name=a]:name=b\", column 5: \"tls:[nothing:1]:name=a\", "
	         "column 5: \"nothing:1\": there is no scheme \"nothing\" in this program, "
	         "which loads no modules; reed/catalog.h says how one does, and `reed modules` "
	         "which there are");
}

static void so_is_what_is_put_around_it(void)
{
	will_do("haproxy:[tls:[tcp:1]:cert=x]:trust=192.0.2.0/24,unix", REED_ENDPOINT_LISTEN);
	will_do("socks5:[tcp:[::1]:1]:host:2:user=a:password=b", REED_ENDPOINT_DIAL);
	will_do("throttle:[log:[tcp:h:1]:file=x]:rate=64k", REED_ENDPOINT_ANY);
	will_do("exec:/bin/program 'one word':stderr=null", REED_ENDPOINT_DIAL);
	will_do("serial:/dev/nowhere:baud=4800:parity=even", REED_ENDPOINT_DIAL);
	will_do("tcp:1:limit=5:pace=10/60:idle=30", REED_ENDPOINT_LISTEN);
	will_not("haproxy:[tcp:xx]", REED_ENDPOINT_LISTEN,
	         "\"haproxy:[tcp:xx]\", column 9: \"tcp:xx\", column 5: \"xx\" is no port; a "
	         "number from 0 to 65535 must stand here");
	will_not("haproxy:tcp", REED_ENDPOINT_LISTEN,
	         "\"haproxy:tcp\", column 9: an endpoint in brackets must stand here, as in "
	         "haproxy:[tcp:...]");
	will_not("throttle:[tcp:1]:rate=fast", REED_ENDPOINT_LISTEN,
	         "\"throttle:[tcp:1]:rate=fast\", column 23: bytes must stand here, up to 4096M, "
	         "such as 800, 64k or 10M");
	will_not(
		"socks5:[tcp:h:1]:host:yy:user=a:password=secret", REED_ENDPOINT_DIAL,
		"\"socks5:[tcp:h:1]:host:yy:user=a:password=***\", column 23: \"yy\" is no port; a "
		"number from 0 to 65535 must stand here");
	will_not("exec:'program", REED_ENDPOINT_DIAL,
	         "\"exec:'program\", column 6: this quote is never closed");
	will_not("serial:/dev/x:parity=maybe", REED_ENDPOINT_DIAL,
	         "\"serial:/dev/x:parity=maybe\", column 22: none, odd, even, mark or space must "
	         "stand here");
	will_not(
		"tcp:1:pace=often", REED_ENDPOINT_LISTEN,
		"\"tcp:1:pace=often\", column 12: connections and seconds must stand here, such as "
		"10/60");
}

static void nobody_has_to_say_what_it_is_for(void)
{
	will_not(
		"tcp:xx", REED_ENDPOINT_ANY,
		"\"tcp:xx\", column 5: \"xx\" is no port; a number from 0 to 65535 must stand here");
	will_not(
		"tcp:host:xx", REED_ENDPOINT_ANY,
		"\"tcp:host:xx\", column 10: \"xx\" is no port; a number from 0 to 65535 must stand "
		"here");
	will_not("tcp:1:2:3", REED_ENDPOINT_ANY,
	         "\"tcp:1:2:3\", column 7: too much; write tcp:PORT[:interface=ADDRESS-OR-NAME]");
	will_not("srv:", REED_ENDPOINT_ANY,
	         "\"srv:\": something is missing; write srv:_SERVICE._tcp.DOMAIN[:port=PORT]");
	/* as a listener it lacks a certificate, and is none */
	will_do("tls:[unix:/nowhere]", REED_ENDPOINT_ANY);
}

int main(void)
{
	RUN(what_is_right_passes);
	RUN(what_is_wrong_is_told_with_its_column);
	RUN(datagrams_are_another_use);
	RUN(a_certificate_that_is_missing_is_told);
	RUN(what_stands_in_brackets_is_looked_at_too);
	RUN(so_is_what_is_put_around_it);
	RUN(nobody_has_to_say_what_it_is_for);
	return 0;
}
