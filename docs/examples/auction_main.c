/* The auction as a program: auction [ENDPOINT] */

#include "auction.h"

#include <reed/co.h>

static struct reed_future *serve(struct reed_loop *loop, int argc, char **argv)
{
	const char *endpoint = argc > 1 ? argv[1] : "tcp:7777:interface=localhost";

	return auction_serve(loop, endpoint, REED_S(1));
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, serve);
}
