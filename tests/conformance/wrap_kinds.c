/* What is put around streams, over the kinds it is given. */

#include "reed/policy.h"
#include "reed/proxy.h"
#include "reed/traffic.h"
#include "reed/tunnel.h"
#include "tests/conformance/stream.h"

void over_log(struct reed_stream **one, struct reed_stream **other)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_traffic *traffic;

	o.path = "/dev/null";
	check_int(reed_traffic_open((*one)->loop, &o, &traffic, &fault), REED_OK);
	*one = reed_traffic_stream(*one, traffic);
	*other = reed_traffic_stream(*other, traffic);
}

/* Fast, but in pieces of which most writes are several, with a wait after each. */
void over_throttle(struct reed_stream **one, struct reed_stream **other)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	struct reed_policy *policy;

	o.bytes[REED_POLICY_CONNECTION] = (struct reed_rate){ .amount = 1u << 28, .burst = 50000 };
	policy = reed_policy_new((*one)->loop, &o);
	*one = reed_throttle(*one, policy);
	*other = reed_throttle(*other, policy);
	reed_policy_release(policy);
}

/* What went before the test does not count, and is held by nobody. */
static void begin_anew(struct reed_stream *one, struct reed_stream *other)
{
	reed_stream_tidy(one);
	reed_stream_tidy(other);
	one->bytes_in = one->bytes_out = other->bytes_in = other->bytes_out = 0;
}

void behind_proxy(struct reed_stream **one, struct reed_stream **other)
{
	struct owner reading;

	check_int(reed_proxy_write(*one, NULL), REED_OK);
	own(&reading, reed_proxy_read(*other));
	until(reading.told);
	check_int(reading.err, REED_OK);
	begin_anew(*one, *other);
}

/* The other end is a proxy first, which answers without having listened. */
static void through(struct reed_future *tunnel, struct reed_stream *proxy, struct reed_slice answer,
                    size_t request)
{
	struct reed_slice heard;
	struct owner dialling, hearing;

	reed_write(proxy, answer);
	own(&dialling, tunnel);
	own(&hearing, reed_read_exactly(proxy, request, &heard));
	until(dialling.told && hearing.told);
	check_int(dialling.err, REED_OK);
	check_int(hearing.err, REED_OK);
}

void through_socks(struct reed_stream **one, struct reed_stream **other)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	o.host = "h";
	through(reed_socks5(*one, &o), *other, REED_STR("\5\0\5\0\0\1\0\0\0\0\0\0"), 3 + 8);
	begin_anew(*one, *other);
}

void through_connect(struct reed_stream **one, struct reed_stream **other)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	o.host = "h";
	through(reed_http_connect(*one, &o), *other, REED_STR("HTTP/1.1 200 OK\r\n\r\n"),
	        strlen("CONNECT h:0 HTTP/1.1\r\nHost: h:0\r\n\r\n"));
	begin_anew(*one, *other);
}
