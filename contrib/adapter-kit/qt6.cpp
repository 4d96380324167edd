/* The arrangement of Qt 6: guest.  There is one Qt in a thread, which is never parted from it. */

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>
#include <reed/qt.h>

REED_BEGIN_DECLS
#include "choose.h"
REED_END_DECLS

static void *foreign_new(void)
{
	return QCoreApplication::instance();
}

static void turn_foreign(reed_loop *loop, void *foreign)
{
	(void)loop;
	(void)foreign;
	QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
	QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

static void foreign_turn(void *foreign)
{
	turn_foreign(nullptr, foreign);
}

static void foreign_free(void *foreign)
{
	(void)foreign;
	QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	QTimer *timer = new QTimer;

	(void)foreign;
	timer->setTimerType(Qt::PreciseTimer);
	QObject::connect(timer, &QTimer::timeout, [fn, arg] { fn(arg); });
	timer->start(ms);
	return timer;
}

static void timer_free(void *timer)
{
	static_cast<QTimer *>(timer)->stop();
	static_cast<QTimer *>(timer)->deleteLater();
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	QSocketNotifier *notifier = new QSocketNotifier(fd, QSocketNotifier::Read);

	(void)foreign;
	QObject::connect(notifier, &QSocketNotifier::activated, [fn, arg] { fn(arg); });
	return notifier;
}

static void watch_free(void *watch)
{
	static_cast<QSocketNotifier *>(watch)->setEnabled(false);
	static_cast<QSocketNotifier *>(watch)->deleteLater();
}

static reed_err guest_attach(reed_loop *loop, void *foreign, void **tie)
{
	reed_qt_guest *guest = nullptr;
	reed_err err = reed_qt_guest::join(loop, &guest);

	(void)foreign;
	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_qt_guest::leave(static_cast<reed_qt_guest *>(tie));
}

int main(int argc, char **argv)
{
	QCoreApplication app(argc, argv);
	kit_adapter guest = {};

	guest.name = "qt6.guest";
	guest.foreign_new = foreign_new;
	guest.foreign_free = foreign_free;
	guest.attach = guest_attach;
	guest.detach = guest_detach;
	guest.turn = turn_foreign;
	guest.foreign_turn = foreign_turn;
	guest.timer_new = timer_new;
	guest.timer_free = timer_free;
	guest.watch_new = watch_new;
	guest.watch_free = watch_free;
	const kit_adapter *const all[] = { &guest };
	return kit_choose(argc, argv, all, REED_COUNT(all));
}
