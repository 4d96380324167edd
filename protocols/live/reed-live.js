/*
 * The page's end of a live link (protocols/live/README.md).
 *
 *	import { Live } from "/live/reed-live.js";
 *	const live = new Live();
 *	live.on("count", n => { ... });            // called, or told, by the server
 *	const total = await live.call("add", 1);   // rejects with what the server says
 *	live.say("typing", true);                  // no answer
 *	live.addEventListener("state", () => show(live.state));
 *
 * state is "connecting", "online", "offline" or "closed"; live.carrier is
 * "socket", "stream" or "poll".  "expired" is an event: the server has forgotten
 * the link, calls under way have failed, and a new one begins by itself.
 */

const QUIET = 20000;      // ms without a word, after which the server is asked for one
const DEAD = 35000;       // ms without a word, after which a connection is given up
const WELCOME = 5000;     // ms that a connection may take to work
const AGAIN = 300000;     // ms until a carrier that did not work is tried again
const AT_ONCE = 100000;   // characters of what is sent together
const WAITING = 1 << 20;  // characters that may wait to be acknowledged

const sleep = ms => new Promise(done => setTimeout(done, ms));

export class Live extends EventTarget {
	#base; #state = "connecting"; #carrier = ""; #only;
	#token = "-"; #given = 0; #had = 0; #told = 0;
	#waiting = []; #waits = 0; #sent = 0;      // lines that are not acknowledged; up to which sent
	#calls = new Map(); #lastCall = 0; #methods = new Map();
	#up = false; #heard = 0; #flush = () => {}; #end = () => {}; #wake = () => {};
	#worked = new Set(); #skipped = new Map();

	/* url: the folder of this script, where it came from the server; carriers: which to try. */
	constructor(url = new URL(".", import.meta.url), { carriers = ["socket", "stream", "poll"] } = {}) {
		super();
		this.#base = new URL(url, location.href);
		this.#only = carriers;
		addEventListener("online", () => this.#wake());
		addEventListener("pagehide", event => event.persisted || this.#leave());
		this.#run();
	}

	get state() { return this.#state; }
	get carrier() { return this.#carrier; }
	/* Messages that the server has not acknowledged. */
	get pending() { return this.#waiting.length; }

	on(name, method) { this.#methods.set(name, method); return this; }

	call(name, ...args) {
		const id = ++this.#lastCall;
		return new Promise((resolve, reject) => {
			this.#push(`call ${id} ${name} ${JSON.stringify(args)}`);
			this.#calls.set(id, { resolve, reject });
		});
	}

	say(name, ...args) { this.#push(`say ${name} ${JSON.stringify(args)}`); }

	/* Ends the link for good. */
	close() {
		this.#raw("bye");
		this.#set("closed");
		this.#fail("the link is closed");
		setTimeout(() => this.#end(), 100);
	}

	/* The page goes; should this not arrive, the server finds out in a minute. */
	#leave() {
		if (this.#carrier === "socket")
			this.#raw("bye");
		else if (this.#token !== "-")
			this.#post("send", this.#hello() + "bye\n", undefined, true).catch(() => {});
	}

	/* ---- messages ---- */

	#push(text) {
		if (this.#state === "closed")
			throw new Error("the link is closed");
		if (this.#waits + text.length > WAITING)
			throw new Error("too much waits for the server");
		const line = `${++this.#given} ${text}`;
		this.#waiting.push({ number: this.#given, line });
		this.#waits += line.length;
		this.#flush();
	}

	/* The server has had everything up to n. */
	#acknowledged(n) {
		while (this.#waiting.length && this.#waiting[0].number <= n)
			this.#waits -= this.#waiting.shift().line.length;
	}

	/* Lines to be sent now; "" when there is nothing to say. */
	#lines() {
		const lines = [];
		let length = 0;
		if (this.#told !== this.#had)
			lines.push(`ack ${this.#told = this.#had}`);
		for (const { number, line } of this.#waiting) {
			if (number <= this.#sent)
				continue;
			if (length > AT_ONCE)
				break;
			lines.push(line);
			length += line.length;
			this.#sent = number;
		}
		return lines.length ? lines.join("\n") + "\n" : "";
	}

	#raw = () => {};

	#take(text) {
		this.#heard = Date.now();
		for (const line of text.split("\n"))
			if (line)
				this.#takeLine(line);
		if (this.#told !== this.#had)
			setTimeout(() => this.#flush(), 20); // one for many
	}

	#takeLine(line) {
		const [word, rest] = cut(line);
		const number = Number(word);
		if (number > 0) {
			if (number <= this.#had)
				return;
			if (number !== this.#had + 1)
				throw new Error("a message is missing");
			this.#had = number;
			this.#message(rest);
		} else if (word === "welcome") {
			const [token, had] = rest.split(" ");
			this.#welcome(token, Number(had));
		} else if (word === "ack") {
			this.#acknowledged(Number(rest));
		} else if (word === "expired") {
			this.#expired();
		}
	}

	#message(text) {
		const [word, rest] = cut(text);
		const [first, more] = cut(rest);
		if (word === "say") {
			this.#invoke(first, more).catch(e => console.error(`${first}: ${e.message}`));
		} else if (word === "call") {
			const [name, json] = cut(more);
			this.#invoke(name, json).then(
				value => this.#push(`ok ${first} ${JSON.stringify(value ?? null)}`),
				e => this.#push(`no ${first} ${JSON.stringify(String(e?.message ?? e))}`),
			).catch(e => console.error(e));
		} else {
			const call = this.#calls.get(Number(first));
			this.#calls.delete(Number(first));
			if (word === "ok")
				call?.resolve(JSON.parse(more));
			else
				call?.reject(new Error(JSON.parse(more)));
		}
	}

	/* The method begins at once, so that messages take effect in their order. */
	async #invoke(name, json) {
		const method = this.#methods.get(name);
		if (!method)
			throw new Error(`the page knows no ${name}`);
		return method(...JSON.parse(json));
	}

	#welcome(token, had) {
		this.#token = token;
		this.#acknowledged(had);
		this.#up = true;
		this.#set("online");
	}

	#expired() {
		this.#token = "-";
		this.#given = this.#had = this.#told = this.#sent = this.#waits = 0;
		this.#waiting = [];
		this.#fail("the link has expired");
		this.dispatchEvent(new Event("expired"));
		this.#end();
	}

	#fail(why) {
		const calls = [...this.#calls.values()];
		this.#calls.clear();
		for (const call of calls)
			call.reject(new Error(why));
	}

	#set(state) {
		if (this.#state === state || this.#state === "closed")
			return;
		this.#state = state;
		this.dispatchEvent(new Event("state"));
	}

	/* ---- connections, one after another ---- */

	async #run() {
		for (let failures = 0; this.#state !== "closed";) {
			if (await this.#round()) {
				failures = 0;
				continue;
			}
			this.#set("offline");
			const most = Math.min(10000, 250 * 2 ** failures++);
			await Promise.race([sleep(most * (0.5 + Math.random() / 2)),
			                    new Promise(done => { this.#wake = done; })]);
		}
	}

	/* True when one of the carriers worked, which is over now. */
	async #round() {
		const failed = [];
		for (const name of this.#only) {
			if (Date.now() < (this.#skipped.get(name) ?? 0))
				continue;
			this.#up = false;
			this.#sent = 0;
			this.#told = this.#had;
			this.#carrier = name;
			try {
				await this[name]();
			} catch (e) {
				console.debug(`${name}: ${e?.message ?? e}`);
			}
			this.#flush = this.#raw = this.#end = () => {};
			if (this.#state === "closed")
				return true;
			if (this.#up) {
				/* Something here lets this pass, and not what failed before. */
				this.#worked.add(name);
				for (const other of failed)
					if (!this.#worked.has(other))
						this.#skipped.set(other, Date.now() + AGAIN);
				this.#set("connecting");
				return true;
			}
			failed.push(name);
		}
		return false;
	}

	#hello() { return `hello ${this.#token} ${this.#had}\n`; }

	/* Calls end() when nothing is heard; returns how to stop watching. */
	#watch(end) {
		const began = this.#heard = Date.now();
		const timer = setInterval(() => {
			const quiet = Date.now() - this.#heard;
			if (quiet > DEAD || (!this.#up && Date.now() - began > WELCOME))
				end();
			else if (quiet > QUIET)
				this.#raw("ping");
		}, 1000);
		return () => clearInterval(timer);
	}

	socket() {
		const url = new URL("socket", this.#base);
		url.protocol = url.protocol.replace("http", "ws");
		return new Promise((done, failed) => {
			const ws = new WebSocket(url);
			const stop = this.#watch(() => over());
			const over = () => { stop(); ws.onmessage = null; ws.close(); done(); };
			this.#end = over;
			ws.onclose = ws.onerror = over;
			ws.onopen = () => ws.send(this.#hello());
			this.#raw = text => { if (ws.readyState === 1) ws.send(text + "\n"); };
			this.#flush = () => {
				for (let text; this.#up && ws.readyState === 1 && ws.bufferedAmount < AT_ONCE &&
				     (text = this.#lines());)
					ws.send(text);
			};
			/* What did not fit goes when the buffer is empty again, which nobody tells. */
			const timer = setInterval(() => this.#flush(), 250);
			const before = stop;
			ws.addEventListener("close", () => { clearInterval(timer); before(); });
			ws.onmessage = ({ data }) => {
				try {
					this.#take(data);
					this.#flush();
				} catch (e) {
					over();
					failed(e);
				}
			};
		});
	}

	#post(what, body, signal, keepalive = false) {
		return fetch(new URL(what, this.#base), {
			method: "POST", body, signal, keepalive, cache: "no-store", credentials: "same-origin",
			headers: { "Reed-Live": "1", "Content-Type": "text/plain" },
		});
	}

	/* One POST at a time carries what there is to say. */
	#sendByPost(abort) {
		let busy = false;
		let extra = "";
		const go = async () => {
			if (busy || !this.#up)
				return;
			busy = true;
			try {
				for (let text; (text = extra + this.#lines());) {
					extra = "";
					const answer = await this.#post("send", this.#hello() + text, abort.signal);
					if (!answer.ok && answer.status !== 410)
						throw new Error(`send: ${answer.status}`);
					this.#take(await answer.text());
				}
			} catch (e) {
				abort.abort(e);
			}
			busy = false;
		};
		this.#flush = go;
		this.#raw = text => { extra = text + "\n"; go(); };
	}

	async stream() {
		const abort = new AbortController();
		const stop = this.#watch(() => abort.abort(new Error("nothing was heard")));
		this.#end = () => abort.abort(new Error("over"));
		this.#sendByPost(abort);
		try {
			const answer = await this.#post("stream", this.#hello(), abort.signal);
			if (answer.status === 410)
				return this.#take(await answer.text());
			if (!answer.ok)
				throw new Error(`stream: ${answer.status}`);
			const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
			for (let rest = "";;) {
				const { done, value } = await reader.read();
				if (done)
					return;
				this.#heard = Date.now();
				const events = (rest + value).split("\n\n");
				rest = events.pop();
				for (const event of events)
					this.#take(event.split("\n").filter(line => line.startsWith("data:"))
						.map(line => line.slice(line[5] === " " ? 6 : 5)).join("\n"));
				this.#flush();
			}
		} finally {
			stop();
			abort.abort(new Error("over"));
		}
	}

	async poll() {
		const abort = new AbortController();
		const stop = this.#watch(() => abort.abort(new Error("nothing was heard")));
		this.#end = () => abort.abort(new Error("over"));
		this.#sendByPost(abort);
		try {
			/* The first is to be answered at once, so that it is known to work. */
			for (let more = "ping\n"; !abort.signal.aborted; more = "") {
				const answer = await this.#post("poll", this.#hello() + more, abort.signal);
				if (!answer.ok && answer.status !== 410)
					throw new Error(`poll: ${answer.status}`);
				this.#told = this.#had;
				this.#take(await answer.text());
				this.#told = this.#had; // the next poll says so
				this.#flush();
			}
		} finally {
			stop();
			abort.abort(new Error("over"));
		}
	}
}

/* What stands before the first space, and behind it. */
function cut(text) {
	const at = text.indexOf(" ");
	return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
