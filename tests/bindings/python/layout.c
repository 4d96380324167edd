/* Prints what the structs are that bindings/python describes: struct, member, offset; its size. */

#include <reed/irc/ask.h>
#include <reed/irc/event.h>
#include <stdio.h>

#define OPTIONS(X)           \
	X(connect_ms)        \
	X(register_ms)       \
	X(answer_ms)         \
	X(ping_ms)           \
	X(quit_ms)           \
	X(reconnect_ms)      \
	X(reconnect_most_ms) \
	X(flood_burst)       \
	X(flood_ms)          \
	X(queue_bytes) X(ctcp_burst) X(ctcp_ms) X(channels_most) X(members_most) X(answer_bytes)

#define SIZE(name, type)       printf("%s %zu\n", #name, sizeof(struct type))
#define AT(name, type, member) printf("%s.%s %zu\n", #name, #member, offsetof(struct type, member))

static void kernel(void)
{
	SIZE(Slice, reed_slice);
	SIZE(Fault, reed_fault);
	AT(Fault, reed_fault, sentence);
	SIZE(Waiter, reed_waiter);
	AT(Waiter, reed_waiter, future);
	SIZE(CFuture, reed_future);
	AT(CFuture, reed_future, err);
	SIZE(FutureKind, reed_future_kind);
	AT(FutureKind, reed_future_kind, cancel);
	AT(FutureKind, reed_future_kind, free);
	AT(FutureKind, reed_future_kind, interrupt);
	SIZE(FdWatch, reed_fd_watch);
	AT(FdWatch, reed_fd_watch, fd);
	AT(FdWatch, reed_fd_watch, idle);
	SIZE(LoopOptions, reed_loop_options);
	AT(LoopOptions, reed_loop_options, unheard);
	SIZE(LoopStats, reed_loop_stats);
	AT(LoopStats, reed_loop_stats, bytes_out);
	SIZE(Address, reed_address);
	AT(Address, reed_address, path);
	SIZE(StreamFacts, reed_stream_facts);
	AT(StreamFacts, reed_stream_facts, secure);
	AT(StreamFacts, reed_stream_facts, pid);
}

static void irc(void)
{
	SIZE(ClientOptions, reed_irc_client_options);
	AT(ClientOptions, reed_irc_client_options, sasl_user);
	AT(ClientOptions, reed_irc_client_options, channels);
	AT(ClientOptions, reed_irc_client_options, no_reconnect);
	AT(ClientOptions, reed_irc_client_options, queue_bytes);
	AT(ClientOptions, reed_irc_client_options, answer_bytes);
	AT(ClientOptions, reed_irc_client_options, no_sts);
	SIZE(Message, reed_irc_message);
	AT(Message, reed_irc_message, count);
	AT(Message, reed_irc_message, params);
	SIZE(CEvent, reed_irc_event);
	AT(CEvent, reed_irc_event, target);
	AT(CEvent, reed_irc_event, batch);
	AT(CEvent, reed_irc_event, numeric);
	AT(CEvent, reed_irc_event, is_over);
	SIZE(CEvents, reed_irc_events);
	SIZE(Subscription, reed_subscription);
	AT(Subscription, reed_subscription, missed);
	SIZE(CUser, reed_irc_user);
	AT(CUser, reed_irc_user, is_away);
	SIZE(CMember, reed_irc_member);
	AT(CMember, reed_irc_member, modes);
	SIZE(CChannel, reed_irc_channel);
	AT(CChannel, reed_irc_channel, members);
	SIZE(Refused, reed_irc_refusal);
	AT(Refused, reed_irc_refusal, text);
	SIZE(Answer, reed_irc_answer);
	AT(Answer, reed_irc_answer, refusal);
	AT(Answer, reed_irc_answer, pool);
}

int main(void)
{
	static const struct reed_irc_client_options defaults = REED_IRC_CLIENT_OPTIONS;

	kernel();
	irc();
#define X(name) printf("default %s %lld\n", #name, (long long)defaults.name);
	OPTIONS(X)
#undef X
#define X(name, value, text) printf("err %s %d\n", reed_err_name(REED_##name), REED_##name);
	REED_ERRORS(X)
#undef X
	return 0;
}
