/* Says back what it hears, over TCP, TLS, a UNIX socket, a pipe: hello ENDPOINT */

#include <reed/co.h>
#include <reed/endpoint.h>

static size_t heard(struct reed_protocol *self, struct reed_slice bytes)
{
	reed_write(self->stream, bytes);
	return bytes.n;
}

static struct reed_protocol_ops hello = { .data = heard };

static struct reed_future *serve(struct reed_loop *loop, int argc, char **argv)
{
	return reed_listen_and_serve(loop, argv[argc - 1], reed_push, &hello, NULL);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, serve);
}
