/*
 * Qt 6 and Reed in one thread: a program that runs Qt's event loop uses Reed.
 *
 * C++, and all of it stands here: a library that is linked to one Qt serves no
 * other.  It needs Qt6Core, whose event dispatcher polls one descriptor of Reed's;
 * which dispatcher that is does not matter.
 *
 * All of it is to be called in the thread of both loops, where there is a
 * QCoreApplication.
 */

#ifndef REED_QT_H
#define REED_QT_H

#include <QObject>
#include <QSocketNotifier>

#include "reed/embed.h"

class reed_qt_guest : public QObject
{
      public:
	/*
	 * From here on Qt gives the loop its turns.  A dialogue that runs Qt inside
	 * one of these turns, with exec(), does without Reed until it is over.
	 * REED_EBUSY: the loop has a host; REED_ENOTSUP: its driver has no
	 * descriptor.  Ends with leave(), which comes before reed_loop_free().
	 */
	static reed_err join(reed_loop *loop, reed_qt_guest **guest)
	{
		int fd = -1;
		reed_err err = reed_loop_attach(loop, nullptr, &fd);

		if (err == REED_OK)
			*guest = new reed_qt_guest(loop, fd);
		return err;
	}

	/* At any time, also from inside a callback of either loop.  May be nullptr. */
	static void leave(reed_qt_guest *self)
	{
		if (!self || !self->loop)
			return;
		reed_loop_detach(self->loop);
		self->loop = nullptr;
		self->notifier.setEnabled(false);
		if (!self->in_turn)
			delete self;
	}

      private:
	reed_loop *loop; /* nullptr: left, in a turn */
	QSocketNotifier notifier;
	bool in_turn = false, is_deaf = false;

	reed_qt_guest(reed_loop *reed, int fd) : loop(reed), notifier(fd, QSocketNotifier::Read)
	{
		connect(&notifier, &QSocketNotifier::activated, this, [this] { turn(); });
	}

	/* An inner event loop, run in a turn, hears nothing of this until that is over. */
	void turn()
	{
		if (in_turn) {
			is_deaf = true;
			notifier.setEnabled(false);
			return;
		}
		in_turn = true;
		reed_loop_turn(loop, 0);
		in_turn = false;
		if (!loop)
			deleteLater(); /* the notifier is on the stack */
		else if (is_deaf)
			notifier.setEnabled(true);
		is_deaf = false;
	}
};

#endif
