/* A connection of HTTP/2 over a stream that pushes. */

#include "h2_port.h"

enum { NOISE_MS = 10000 };

static const char *const noises[] = {
#define X(name, text) text,
	H2_NOISES(X)
#undef X
};

static void finish(struct h2_port *port)
{
	if (!port->over && !port->protocol->session.settled)
		reed_finish(port->protocol, REED_OK);
	port->over = true;
}

static void drained(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct h2_port *port = reed_container_of(w, struct h2_port, drainer);

	reed_fault_free(fault);
	if (!err)
		h2_port_flush(port);
}

/* As many frames as the connection takes; the rest stays with the lanes. */
void h2_port_flush(struct h2_port *port)
{
	struct reed_stream *stream = port->protocol->stream;

	if (port->over || !stream || port->protocol->session.settled)
		return;
	if (h2_mux_flush(&port->mux, stream)) {
		if (h2_mux_is_over(&port->mux))
			finish(port);
	} else if (!port->drainer.future) {
		reed_wait(reed_drain(stream), &port->drainer);
	}
}

static void run_soon(struct reed_last *last)
{
	h2_port_flush(reed_container_of(last, struct h2_port, soon));
}

void h2_port_soon(struct h2_port *port)
{
	if (!port->busy && !port->over)
		reed_at_turn_end(port->loop, &port->soon);
}

size_t h2_port_receive(struct h2_port *port, struct reed_slice in)
{
	size_t taken;

	port->busy = true;
	taken = h2_mux_receive(&port->mux, in);
	port->busy = false;
	return taken;
}

void h2_port_end(struct h2_port *port)
{
	h2_port_flush(port);
	finish(port);
}

void h2_port_init(struct h2_port *port, struct reed_loop *loop, struct reed_protocol *protocol)
{
	port->loop = loop;
	port->protocol = protocol;
	port->soon.run = run_soon;
	port->drainer.wake = drained;
	port->flood.from = reed_now(loop);
}

void h2_port_finish(struct h2_port *port)
{
	port->over = true;
	if (port->drainer.future)
		reed_unwait(port->loop, &port->drainer);
	h2_mux_finish(&port->mux);
	reed_list_unlink(&port->soon.link);
}

/* ---- floods: CVE-2023-44487, CVE-2019-9512 and others ---- */

const char *h2_noise_name(enum h2_noise what)
{
	return noises[what];
}

bool h2_port_endures(struct h2_port *port, enum h2_noise what, uint32_t limit)
{
	int64_t now = reed_now(port->loop);

	if (port->over || port->mux.failed)
		return true;
	if (now - port->flood.from > REED_MS(NOISE_MS))
		port->flood = (struct h2_flood){ .from = now };
	if (++port->flood.counts[what] <= limit)
		return true;
	h2_mux_fail(&port->mux, H2_ENHANCE_YOUR_CALM, NULL);
	return false;
}
