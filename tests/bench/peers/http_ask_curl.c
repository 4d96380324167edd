/*
 * http_ask_curl URL TASKS SECONDS: as http_ask does, with libcurl's multi interface over epoll
 * (curl_multi_socket_action), which is its fastest way.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

static CURLM *multi;
static int ep, running;
static long wait_ms = -1;
static unsigned long asked, failed;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t body(char *p, size_t size, size_t n, void *arg)
{
	return size * n;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct epoll_event e = { .data.fd = fd };
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
		curl_multi_assign(multi, fd, NULL);
		return 0;
	}
	e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (epoll_ctl(ep, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0)
		epoll_ctl(ep, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e);
	curl_multi_assign(multi, fd, &ep);
	return 0;
}

static int on_timer(CURLM *m, long ms, void *arg)
{
	wait_ms = ms;
	return 0;
}

static void again(int over)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(multi, &left))) {
		long status = 0;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURL *easy = m->easy_handle;
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		asked++;
		if (m->data.result || status != 200)
			failed++;
		curl_multi_remove_handle(multi, easy);
		if (!over)
			curl_multi_add_handle(multi, easy);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return fputs("say what: http_ask_curl URL TASKS SECONDS\n", stderr), 2;
	int tasks = atoi(argv[2]);
	double began = now(), end = began + atof(argv[3]);
	struct epoll_event ev[256];

	curl_global_init(CURL_GLOBAL_ALL);
	multi = curl_multi_init();
	ep = epoll_create1(EPOLL_CLOEXEC);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)tasks);
	for (int i = 0; i < tasks; i++) {
		CURL *easy = curl_easy_init();
		curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
		curl_multi_add_handle(multi, easy);
	}
	curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
	while (running || now() < end) {
		int n = epoll_wait(ep, ev, 256, wait_ms < 0 ? 1000 : (int)wait_ms);
		if (n == 0)
			curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
		for (int i = 0; i < n; i++)
			curl_multi_socket_action(multi, ev[i].data.fd,
			                         (ev[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			                                 (ev[i].events & EPOLLOUT ? CURL_CSELECT_OUT
			                                                          : 0) |
			                                 (ev[i].events & (EPOLLERR | EPOLLHUP)
			                                          ? CURL_CSELECT_ERR
			                                          : 0),
			                         &running);
		again(now() >= end);
		if (now() >= end + 5)
			break;
	}

	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	             (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	printf("rate=%.0f cpu_rate=%.0f failed=%lu\n", (double)asked / (now() - began),
	       (double)asked / cpu, failed);
	return 0;
}
