/*
 * How the loops are tied together, and main(), of an adapter whose functions are
 * called as those of Reed's own: reed_NAME_guest_new() and so on.
 *
 * The program defines KIT_ADAPTER as NAME, KIT_NAME as the text that its tests
 * are called by, and KIT_HOSTS if there is a host; it has what struct kit_adapter
 * asks of a foreign loop, as static functions of those names; then it includes
 * this, once.
 */

#include "choose.h"

#define JOINED(a, b, c)   a##b##c
#define OF(adapter, what) JOINED(reed_, adapter, what)
#define KIT(what)         OF(KIT_ADAPTER, what)

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
}

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct KIT(_guest) *guest = NULL;
	enum reed_err err = KIT(_guest_new)(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	KIT(_guest_free)(tie);
}

#ifdef KIT_HOSTS
static enum reed_err host_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct KIT(_host) *host = NULL;
	enum reed_err err = KIT(_host_new)(loop, foreign, &host);

	*tie = host;
	return err;
}

static void host_detach(void *tie)
{
	KIT(_host_free)(tie);
}
#endif

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return KIT(_loop_new)(NULL, foreign, loop);
}

/* What all arrangements have in common. */
static struct kit_adapter arrange(const char *name)
{
	return (struct kit_adapter){ .name = name,
		                     .foreign_new = foreign_new,
		                     .foreign_free = foreign_free,
		                     .foreign_turn = foreign_turn,
		                     .timer_new = timer_new,
		                     .timer_free = timer_free,
		                     .watch_new = watch_new,
		                     .watch_free = watch_free };
}

int main(int argc, char **argv)
{
	struct kit_adapter guest = arrange(KIT_NAME ".guest"), over = arrange(KIT_NAME ".over");
	const struct kit_adapter *all[3] = { &guest, &over };
	size_t count = 2;

	guest.attach = guest_attach;
	guest.detach = guest_detach;
	guest.turn = turn_foreign;
	over.loop_new = loop_new;
	over.turn = kit_turn_reed;
#ifdef KIT_HOSTS
	struct kit_adapter host = arrange(KIT_NAME ".host");

	host.attach = host_attach;
	host.detach = host_detach;
	host.turn = kit_turn_reed;
	all[count++] = &host;
#endif
	return kit_choose(argc, argv, all, count);
}
