/* The page of live.c: two templates, one of which is in the other. */

#ifndef REED_EXAMPLES_LIVE_PAGE_H
#define REED_EXAMPLES_LIVE_PAGE_H

/* clang-format off */
#define LIVE_STYLE \
	"<style>\n" \
	":root { color-scheme: light dark; --paper: #f7f6f1; --ink: #22302a; --card: #fff; --reed: #3f7d58;\n" \
	"\t--soft: #6b7a72; --line: #e2e0d6; }\n" \
	"@media (prefers-color-scheme: dark) { :root { --paper: #141a17; --ink: #e6ece8; --card: #1d2521;\n" \
	"\t--reed: #74c094; --soft: #93a39a; --line: #2d3833; } }\n" \
	"* { box-sizing: border-box; }\n" \
	"body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink);\n" \
	"\tfont: 16px/1.5 system-ui, sans-serif; }\n" \
	"main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.25rem; display: grid; gap: 1.25rem; }\n" \
	"header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap; }\n" \
	"h1 { margin: 0; font-size: 1.5rem; letter-spacing: -.01em; }\n" \
	"#state { margin-left: auto; font-size: .85rem; color: var(--soft); }\n" \
	"#state::before { content: \"\"; display: inline-block; width: .6rem; height: .6rem; border-radius: 50%;\n" \
	"\tmargin-right: .5rem; background: #c9963b; }\n" \
	"#state.online::before { background: var(--reed); }\n" \
	"#state.offline::before { background: #c0493d; }\n" \
	"section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; }\n" \
	".counter { display: flex; align-items: center; gap: 1.25rem; }\n" \
	"#count { font-size: 3.25rem; font-weight: 650; line-height: 1; font-variant-numeric: tabular-nums; }\n" \
	".counter p { margin: 0; color: var(--soft); font-size: .9rem; }\n" \
	"button { font: inherit; font-weight: 600; color: #fff; background: #3f7d58; border: 0;\n" \
	"\tborder-radius: 9px; padding: .6rem 1.1rem; cursor: pointer; }\n" \
	"button:hover { filter: brightness(1.08); }\n" \
	"button:focus-visible, input:focus-visible { outline: 2px solid var(--reed); outline-offset: 2px; }\n" \
	".counter button { margin-left: auto; }\n" \
	"#lines { list-style: none; margin: 0 0 1rem; padding: 0; height: 17rem; overflow-y: auto; }\n" \
	"#lines li { padding: .35rem 0; overflow-wrap: anywhere; }\n" \
	"#lines li + li { border-top: 1px solid var(--line); }\n" \
	"#lines b { color: var(--reed); margin-right: .6rem; }\n" \
	"#lines:empty::before { content: \"Nobody has said anything yet.\"; color: var(--soft); }\n" \
	"form { display: flex; gap: .6rem; flex-wrap: wrap; }\n" \
	"input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);\n" \
	"\tborder-radius: 9px; padding: .6rem .8rem; min-width: 0; }\n" \
	"#who { width: 7.5rem; } #text { flex: 1 1 12rem; }\n" \
	"</style>\n"

#define LIVE_PAGE \
	"<!DOCTYPE html>\n" \
	"<html lang=\"en\">\n" \
	"<head>\n" \
	"<meta charset=\"utf-8\"/>\n" \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" \
	"<title>Reed live</title>\n" \
	"<r:include name=\"style\"/>\n" \
	"</head>\n" \
	"<body data-script=\"{{script}}\">\n" \
	"<main>\n" \
	"<header><h1>Reed live</h1><span id=\"guests\"></span><span id=\"state\">connecting</span></header>\n" \
	"<section class=\"counter\"><output id=\"count\">{{count}}</output>\n" \
	"<p>counted by everybody<br/>who has this page open</p><button id=\"add\">Add one</button></section>\n" \
	"<section><ol id=\"lines\" aria-live=\"polite\"></ol>\n" \
	"<form id=\"say\"><input id=\"who\" aria-label=\"Your name\" placeholder=\"Name\" maxlength=\"20\" value=\"Guest\"/>\n" \
	"<input id=\"text\" aria-label=\"What to say\" placeholder=\"Say something\" maxlength=\"300\" autocomplete=\"off\"/>\n" \
	"<button>Say</button></form></section>\n" \
	"</main>\n" \
	"<script type=\"module\"><![CDATA[\n" \
	"const { Live } = await import(\"/live/\" + document.body.dataset.script);\n" \
	"const $ = id => document.getElementById(id);\n" \
	"const asked = new URLSearchParams(location.search).get(\"carriers\");\n" \
	"const live = new Live(undefined, asked ? { carriers: asked.split(\",\") } : {});\n" \
	"live.on(\"count\", n => { $(\"count\").textContent = n; });\n" \
	"live.on(\"guests\", n => { $(\"guests\").textContent = n === 1 ? \"only you\" : n + \" here\"; });\n" \
	"live.on(\"line\", (who, text) => {\n" \
	"\tconst line = document.createElement(\"li\");\n" \
	"\tline.append(Object.assign(document.createElement(\"b\"), { textContent: who }), text);\n" \
	"\t$(\"lines\").append(line);\n" \
	"\tline.scrollIntoView({ block: \"nearest\" });\n" \
	"});\n" \
	"live.addEventListener(\"expired\", () => $(\"lines\").replaceChildren());\n" \
	"const show = () => {\n" \
	"\t$(\"state\").className = live.state;\n" \
	"\t$(\"state\").textContent = live.state === \"online\" ? \"online by \" + live.carrier : live.state;\n" \
	"};\n" \
	"live.addEventListener(\"state\", show);\n" \
	"show();\n" \
	"$(\"add\").onclick = () => live.call(\"add\");\n" \
	"$(\"say\").onsubmit = event => {\n" \
	"\tevent.preventDefault();\n" \
	"\tif ($(\"text\").value)\n" \
	"\t\tlive.call(\"write\", $(\"who\").value || \"Guest\", $(\"text\").value).catch(e => alert(e.message));\n" \
	"\t$(\"text\").value = \"\";\n" \
	"};\n" \
	"window.live = live;\n" \
	"]]></script>\n" \
	"</body>\n" \
	"</html>\n"
/* clang-format on */

#endif
