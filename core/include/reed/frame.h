/*
 * Frames: messages of any bytes, with their length in front.
 *
 * A netstring ("5:hello,", https://cr.yp.to/proto/netstrings.txt), or a number
 * of 8, 16 or 32 bits, the most significant byte first, as DNS has it over TCP
 * (RFC 1035 4.2.2) or Twisted's IntNStringReceiver.
 *
 *	reed_try(co, reed_read_frame(self->stream, REED_FRAME_NETSTRING, 4096, &self->message));
 *	reed_write_frame(self->stream, REED_FRAME_NETSTRING, REED_STR("well"));
 *
 * A length over the reader's limit is refused when it is seen, before there is
 * anything of the message.  A netstring's length is written in one way only:
 * digits, at most nine, none of them a zero in front of others.
 *
 * Errors: REED_ETOOBIG, longer than the limit, or than the length can say;
 * REED_EPROTO, no length or no comma where one should be.  Both have a sentence
 * that says what is wrong.  Who reads on gets the same again: there is no
 * telling where the next message would begin.
 */

#ifndef REED_FRAME_H
#define REED_FRAME_H

#include "reed/buf.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

enum reed_frame { REED_FRAME_NETSTRING, REED_FRAME_8, REED_FRAME_16, REED_FRAME_32 };

/* What the length can say: 999,999,999; 255; 65,535; 4,294,967,295. */
REED_API uint32_t reed_frame_most(enum reed_frame kind);

/*
 * The first frame of in, for push protocols: *body is a part of in, *whole what
 * the frame takes of it.  REED_EAGAIN: not all of it is here; *whole bytes have
 * to be, at least, before it is worth another look.  *wrong is a constant, set
 * with the other errors; may be NULL.
 */
REED_API enum reed_err reed_frame_parse(enum reed_frame kind, uint32_t most, struct reed_slice in,
                                        struct reed_slice *body, size_t *whole, const char **wrong);

/* Adds a frame to b, or else nothing: it has failed then, as this tells (buf.h). */
REED_API enum reed_err reed_frame_put(enum reed_frame kind, struct reed_slice body,
                                      struct reed_buf *b);

/* The same to a stream: REED_ETOOBIG, and nothing is written. */
REED_API enum reed_err reed_write_frame(struct reed_stream *s, enum reed_frame kind,
                                        struct reed_slice body);

/* A frame that is here already, if there is a good one; what is wrong the next read tells. */
REED_API bool reed_take_frame(struct reed_stream *s, enum reed_frame kind, uint32_t most,
                              struct reed_slice *body);

/*
 * The next one, as the other reads of streams.  REED_EEOF: the peer has ended;
 * if that was in the middle of one the sentence says so, and what there is of it
 * stays to be seen.  REED_ETOOBIG also when the stream may not hold so much
 * (limits->input, with the length and comma).
 */
REED_API struct reed_future *reed_read_frame(struct reed_stream *s, enum reed_frame kind,
                                             uint32_t most, struct reed_slice *body);

REED_END_DECLS

#endif
