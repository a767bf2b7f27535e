/** Light colors, as CSS properties. */
export const LIGHT_COLORS = `  --fg: #1d1c1d; --bg: #ffffff; --soft: #616061; --line: #dcdcdc; --faint: #f8f8f8; --hover: #f8f8f8;
  --code: #f6f6f6; --codefg: #c01343; --mention: #e8f0fb; --link: #1264a3; --primary: #007a5a; --danger: #c01343;
  --only: #fdf9ed; --side: #421f44; --sidefg: #e8dfe9; --sideon: #f9edff; --sideonfg: #39063a; --sidehover: #5a3660;
  --top: #3a1b3c; --panel: #f4f3f1; --panelcard: #ffffff; --good: #007a5a; --bad: #b3261e; --wait: #8a5a00;
  --waitbg: #fdf0d5; --goodbg: #e1f3ec; --badbg: #fbe6e4; --runbg: #e4effa; --run: #0b5394; --focus: #1d9bd1; --app: #1d1c1d; --toast: #ffffff;
`;

/** Dark colors, as CSS properties. */
export const DARK_COLORS = `  --fg: #d6d7d8; --bg: #1a1d21; --soft: #a5a7aa; --line: #35383d; --faint: #202327; --hover: #202327;
  --code: #24272b; --codefg: #e8912d; --mention: #1d3b53; --link: #4fb3e8; --primary: #148567; --danger: #f1637f;
  --only: #25241c; --side: #251927; --sidefg: #cbbfcd; --sideon: #6d4a73; --sideonfg: #ffffff; --sidehover: #3a2a3d;
  --top: #1c131e; --panel: #141619; --panelcard: #1d2025; --good: #4cc38a; --bad: #ff8a80; --wait: #f2c14e;
  --waitbg: #3a2f14; --goodbg: #12332a; --badbg: #40201e; --runbg: #17304a; --run: #79b8f3; --app: #33383f; --toast: #34383e;
`;

/** Rules for messages, modals and the Home tab on a phone. */
export const PHONE_CSS = `  .message { padding: 8px 12px; } .home { padding: 8px 12px 24px; }
  .menu:not(.shortcuts) { position: static; } .shortcuts { right: 4px; } .actions, .section { position: relative; } .menu:not(.shortcuts) .items { right: auto; left: 0; } .modal > header, .modal > .inside, .modal > footer { padding-left: 16px; padding-right: 16px; }
`;

/** Styles of the page: Slack and, beside it, CrewAI; light and dark, also for the width of a phone. */
export const PAGE_CSS = `
:root {
  color-scheme: light dark;
${LIGHT_COLORS}}
@media (prefers-color-scheme: dark) {
  :root {
${DARK_COLORS}  }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--fg); background: var(--bg); font: 15px/1.47 "Slack-Lato", Lato, "Helvetica Neue", "Segoe UI", "Liberation Sans", Roboto, Arial, sans-serif; overflow-wrap: anywhere; }
button, input, select, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
article:focus, main:focus, form:focus { outline: none; }
article:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px; }
a { color: var(--link); text-decoration: underline; text-underline-offset: 2px; } a:hover { text-decoration-thickness: 2px; }
:is(.sidebar, .panes, .tabs) a, a.x { text-decoration: none; }
h1, h2, h3, h4, p, ul, ol { margin: 0; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft, header time, .replies time, .story time, .entry time { color: var(--soft); font-size: 12px; font-weight: 400; }
.empty { color: var(--soft); padding: 16px; }

/* blocks */
.message { position: relative; display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 8px; padding: 8px 20px; }
.message:hover { background: var(--hover); }
.message .body > header { line-height: 1.3; }
.avatar { width: 36px; height: 36px; border-radius: 8px; background: #4a154b; color: #fff; display: grid; place-items: center; font-size: 17px; font-weight: 700; flex: none; }
.avatar.small { width: 20px; height: 20px; font-size: 12px; border-radius: 5px; display: inline-grid; }
.avatar.bot { background: var(--app); color: #7fe0b8; } .tint0 { background: #2f6f9f; } .tint1 { background: #a3532c; } .tint2 { background: #5b6f2f; } .tint3 { background: #7c4d9e; }
.name { font-weight: 900; } .app { font-size: 10px; font-weight: 700; background: var(--line); border-radius: 3px; padding: 1px 4px; color: var(--soft); vertical-align: 1px; }
.edited { color: var(--soft); font-size: 12px; }
.ephemeral { background: var(--only); } .only { color: var(--soft); font-size: 12px; margin-bottom: 2px; }
.section { display: flex; gap: 12px; margin: 4px 0; } .section .said { flex: 1; min-width: 0; }
.context { color: var(--soft); font-size: 12px; margin: 6px 0; line-height: 1.4; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; align-items: center; }
.button { display: inline-flex; align-items: center; justify-content: center; gap: 6px; font-weight: 700; font-size: 14px; min-height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg); color: var(--fg); box-shadow: 0 1px 2px rgb(0 0 0 / 6%); }
.button:hover:not(:disabled) { background: var(--faint); } .button:disabled { opacity: .5; cursor: default; }
.button.primary { background: var(--primary); border-color: var(--primary); color: #fff; } .button.primary:hover { background: var(--primary); filter: brightness(1.1); }
.button.danger { border-color: var(--danger); color: var(--danger); } .button.small { min-height: 30px; font-size: 13px; font-weight: 400; padding: 0 10px; box-shadow: none; }
.menu { position: relative; } .menu summary { list-style: none; width: 40px; padding: 0; cursor: pointer; } .menu summary::-webkit-details-marker { display: none; }
.menu .items { position: absolute; bottom: calc(100% + 4px); right: 0; z-index: 5; min-width: 190px; padding: 8px 0; background: var(--bg); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 20px rgb(0 0 0 / 18%); }
.menu .items > * { display: block; width: 100%; padding: 5px 20px; text-align: left; background: none; border: 0; color: inherit; text-decoration: none; } .menu .items > :hover, .menu .items > :focus-visible { background: var(--link); color: var(--bg); outline: none; }
.shortcuts { position: absolute; top: 6px; right: 12px; } .shortcuts summary { min-height: 26px; width: 32px; border-color: transparent; background: none; box-shadow: none; color: var(--soft); } .shortcuts summary:hover, .shortcuts[open] summary { border-color: var(--line); background: var(--bg) !important; color: var(--fg); }
.menu.shortcuts .items { top: -4px; bottom: auto; left: auto; right: calc(100% + 4px); } .message:last-child:not(:only-child) > .menu.shortcuts .items { top: auto; bottom: -4px; } .message:has(> .shortcuts) .body > header { padding-right: 32px; }
.markdown h1, .markdown h2, .markdown h3 { font-size: 18px; line-height: 1.35; margin: 10px 0 4px; } .markdown h3 { font-size: 15px; } .markdown p, .rich p { margin: 5px 0; } :is(.rich, td, th) > * { white-space: pre-wrap; } .markdown ul, .markdown ol { margin: 4px 0; padding-left: 24px; } .markdown li li li li li :is(ul, ol) { padding-left: 6px; }
.block > h2 { font-size: 18px; margin: 12px 0 4px; }
pre, code { font: 12px/1.5 Monaco, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; background: var(--code); border: 1px solid var(--line); border-radius: 4px; }
pre { padding: 8px; white-space: pre-wrap; margin: 4px 0; } code { padding: 1px 3px; } .body code, dialog code, .home code { color: var(--codefg); } pre code { border: 0; padding: 0; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid var(--line); }
.mention { background: var(--mention); color: var(--link); border-radius: 3px; padding: 0 2px; }
.container { border: 1px solid var(--line); border-radius: 8px; padding: 6px 10px; } .container > summary { cursor: pointer; font-weight: 600; }
.table { overflow-x: auto; overflow-wrap: normal; margin: 6px 0; } table { border-collapse: collapse; font-size: 14px; } th, td { border: 1px solid var(--line); padding: 4px 10px; text-align: left; vertical-align: top; } th { background: var(--faint); }
hr { border: 0; border-top: 1px solid var(--line); margin: 12px 0; }
.file { border: 1px solid var(--line); border-radius: 10px; padding: 10px 12px; margin: 6px 0; max-width: 560px; } .file pre { max-height: 120px; overflow: auto; } .file p { font-size: 13px; }

/* modals and the home tab */
.modal, .home { max-width: 560px; margin: 0 auto; }
.home { padding: 8px 20px 24px; width: 100%; max-width: 720px; }
.modal { display: flex; flex-direction: column; max-height: inherit; background: var(--bg); }
body:not(.demo) .modal, body:not(.demo) .home { border: 1px solid var(--line); border-radius: 8px; margin: 16px auto; }
.modal > header { display: flex; justify-content: space-between; align-items: center; padding: 16px 24px 12px; } .modal > header h2 { font-size: 20px; }
.modal > .inside { padding: 0 24px 8px; overflow-y: auto; }
.modal > footer { display: flex; justify-content: flex-end; gap: 10px; padding: 14px 24px 18px; border-top: 1px solid var(--line); }
.x { border: 0; background: none; border-radius: 6px; min-width: 32px; min-height: 32px; color: var(--soft); display: inline-grid; place-items: center; font-size: 15px; } .x:hover { background: var(--faint); text-decoration: none; }
.input { margin: 14px 0; } .input > :is(label, .label) { display: block; font-weight: 700; margin-bottom: 4px; } .hint { color: var(--soft); font-size: 12.5px; margin-top: 4px; } .error { color: var(--bad); font-size: 13px; margin-top: 4px; } .error::before { content: "⚠ "; }
textarea, input, select { width: 100%; padding: 8px 12px; border: 1px solid color-mix(in srgb, var(--soft) 60%, transparent); border-radius: 8px; background: var(--bg); } :is([type=checkbox], [type=radio]), .block > select, .actions > select { width: auto; max-width: 100%; }
.boxes { max-height: 264px; overflow-y: auto; padding: 3px; } .boxes[role=radiogroup][aria-invalid] { border: 1px solid var(--bad); border-radius: 8px; } .check { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: 0 8px; } .check input { width: 18px; height: 18px; margin: 0; } .check label { padding: 4px 0; } .check .hint { grid-column: 2; margin: 0; }
[aria-invalid] { border-color: var(--bad); } textarea { resize: vertical; }
.optional { color: var(--soft); font-weight: 400; }
dialog { width: min(560px, calc(100vw - 24px)); max-height: min(720px, calc(100dvh - 48px)); padding: 0; border: 1px solid var(--line); border-radius: 12px; background: var(--bg); color: var(--fg); box-shadow: 0 18px 48px rgb(0 0 0 / 30%); overflow: hidden; }
dialog.confirm { padding: 16px; } dialog.confirm h2 { margin: 0; font-size: 18px; } dialog.confirm .button { margin-right: 8px; }
dialog::backdrop { background: rgb(0 0 0 / 50%); }

/* the page */
.demo { display: grid; height: 100dvh; grid-template: "top top" auto "sidebar main" minmax(0, 1fr) / 220px minmax(0, 1fr); overflow: hidden; }
.skip { position: fixed; left: 8px; top: -60px; z-index: 9; background: var(--bg); padding: 8px 12px; border-radius: 8px; } .skip:focus { top: 8px; }
.top { grid-area: top; background: var(--top); color: #fff; } .top .region { display: grid; grid-template-columns: minmax(max-content, 1fr) auto minmax(max-content, 1fr); align-items: center; gap: 16px; padding: 9px 20px; min-height: 44px; } .top h1 { margin: 0; font-size: 14px; font-weight: 400; color: #cdbfd0; white-space: nowrap; } .guide a { color: inherit; } .guide a::after { content: " ›"; }
.guide { font-size: 15px; font-weight: 700; text-align: center; } .bot-state { justify-self: end; font-size: 13px; color: #cdbfd0; white-space: nowrap; } .bot-state span { color: #4cc38a; } .bot-state.down span { color: #ff7b72; } .bot-state.starting span { color: #f2c14e; } .bot-state.down { color: #ffb4ad; font-weight: 700; }
.panes { display: none; }
main { grid-area: main; display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr) 420px; min-height: 0; }
main:has(#thread:not(:empty)) { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 420px; }
.sidebar { grid-area: sidebar; background: var(--side); color: var(--sidefg); padding: 14px 8px; overflow-y: auto; } .workspace { font-size: 18px; color: #fff; padding: 0 12px 6px; } .sidebar h3 { font-size: 13px; font-weight: 400; padding: 12px 12px 4px; opacity: .85; } .sidebar ul { list-style: none; padding: 0; }
.sidebar a { display: flex; align-items: center; gap: 8px; color: inherit; padding: 4px 12px; border-radius: 6px; min-height: 30px; margin: 1px 0; } .sidebar a:hover { background: var(--sidehover); text-decoration: none; } .sidebar a[aria-current] { background: var(--sideon); color: var(--sideonfg); }
.persona .avatar { width: 28px; height: 28px; font-size: 14px; border-radius: 7px; } .persona small { display: block; font-size: 12px; line-height: 1.1; opacity: .85; } .persona b { line-height: 1.2; } .hash { width: 20px; text-align: center; opacity: .8; }
.conversation, .thread { display: flex; flex-direction: column; min-width: 0; min-height: 0; background: var(--bg); } .thread:not(:empty) { border-left: 1px solid var(--line); } .thread:empty { display: none; }
.bar { display: flex; align-items: center; justify-content: space-between; padding: 0 20px; min-height: 49px; border-bottom: 1px solid var(--line); flex: none; } .bar h2 { font-size: 18px; font-weight: 900; }
.tabs { display: flex; gap: 16px; padding: 12px 20px 0; border-bottom: 1px solid var(--line); flex: none; } .tabs a { color: var(--soft); padding-bottom: 8px; font-weight: 700; font-size: 14px; } .tabs a[aria-current] { color: var(--fg); border-bottom: 2px solid var(--fg); } .tabs + .bar { display: none; }
.intro { padding: 4px 20px 8px; color: var(--soft); max-width: 720px; }
.messages { flex: 1; overflow-y: auto; padding: 12px 0; min-height: 0; } .messages:focus-visible { outline-offset: -3px; }
.replies { padding: 0 20px 10px 64px; font-size: 13px; } .replies a { font-weight: 700; display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 4px 8px; margin-left: -8px; border-radius: 8px; border: 1px solid transparent; } .replies a:hover, .replies a[aria-current] { border-color: var(--line); background: var(--bg); text-decoration: none; }
.waits { background: var(--waitbg); color: var(--wait); border-radius: 99px; padding: 1px 9px; font-size: 12px; }
.rule { display: flex; align-items: center; gap: 8px; padding: 4px 20px; color: var(--soft); font-size: 13px; } .rule::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.box { display: flex; align-items: center; margin: 4px 20px 16px; border: 1px solid color-mix(in srgb, var(--soft) 60%, transparent); border-radius: 10px; flex: none; } .box:focus-within { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); } .box input { border: 0; outline: none; background: none; min-height: 42px; } .send { border: 0; background: none; box-shadow: none; color: var(--soft); margin-right: 4px; min-width: 36px; }

/* CrewAI */
.crewai { background: var(--panel); border-left: 1px solid var(--line); overflow-y: auto; padding: 14px; display: flex; flex-direction: column; gap: 14px; }
.card { background: var(--panelcard); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; flex: none; } .card > header { display: flex; align-items: baseline; gap: 8px; margin-bottom: 8px; } .card h2 { font-size: 16px; } .card > header .button { margin-left: auto; align-self: center; min-height: 32px; }
.card .button { background: var(--panelcard); }
.soft + .run { margin-top: 8px; } .run { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; } .run code { border: 0; background: none; padding: 0; font-size: 11px; width: 100%; }
.status { border-radius: 99px; padding: 1px 9px; font-size: 12px; background: var(--runbg); color: var(--run); } .status.pending { background: var(--waitbg); color: var(--wait); } .status.completed { background: var(--goodbg); color: var(--good); } .status.error { background: var(--badbg); color: var(--bad); }
.tasks { list-style: none; padding: 0; margin: 10px 0 2px; } .task { position: relative; display: grid; grid-template-columns: 22px minmax(0, 1fr); gap: 10px; padding-bottom: 12px; font-size: 14px; } .task:last-child { padding-bottom: 4px; } .task:not(:last-child)::before { content: ""; position: absolute; left: 10px; top: 22px; bottom: 0; border-left: 2px solid var(--line); } .task b { font-weight: 700; }
.mark { width: 22px; height: 22px; border-radius: 50%; border: 2px solid var(--line); display: grid; place-items: center; font-size: 12px; font-weight: 700; background: var(--panelcard); } .done .mark { background: var(--good); border-color: var(--good); color: var(--panelcard); } .task.waiting .mark { background: var(--waitbg); border-color: var(--wait); color: var(--wait); } .task.running .mark { border-color: var(--run); border-right-color: transparent; animation: turn 1s linear infinite; }  .to-come b { color: var(--soft); }
@keyframes turn { to { transform: rotate(1turn); } }
.human { font-size: 11px; border: 1px solid var(--line); border-radius: 99px; padding: 0 7px; color: var(--soft); white-space: nowrap; }
.feedback { list-style: none; padding: 0; margin: 4px 0 0; font-size: 13px; } .feedback li { padding: 1px 0 1px 10px; border-left: 3px solid var(--line); margin: 3px 0; } .feedback .approved { border-color: var(--good); } .feedback .revised { border-color: var(--wait); }
.command { font-size: 11.5px; overflow-wrap: anywhere; user-select: all; }
.fault { padding: 5px 0 7px; font-size: 13px; } .fault p { color: var(--soft); line-height: 1.4; } .fault b { color: var(--fg); } .fault > div { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 5px; } .left { font-size: 13px; color: var(--wait); background: var(--waitbg); border-radius: 8px; padding: 4px 10px; margin-top: 6px; }
.story { list-style: none; padding: 8px 0 0; margin-top: 8px; border-top: 1px solid var(--line); font-size: 13px; }
.crewai details > summary { cursor: pointer; padding: 3px 0; font-size: 13px; }
.entry { border-top: 1px solid var(--line); } .entry > summary { display: grid; grid-template-columns: 14px minmax(0, 1fr) auto auto; align-items: center; gap: 1px 8px; padding: 7px 0 !important; list-style: none; } .entry > summary::-webkit-details-marker { display: none; } .entry > summary::before { content: "▸"; color: var(--soft); } .entry[open] > summary::before { content: "▾"; } .entry > summary code { border: 0; background: none; padding: 0; grid-column: 2 / -1; }
.way { font-weight: 700; font-size: 12px; white-space: nowrap; } .entry.bot .way { color: var(--primary); } .entry.CrewAI .way { color: var(--run); } .entry.bot .way { color: var(--good); }
.outcome { font-size: 12px; border-radius: 99px; padding: 0 8px; } .outcome.good { background: var(--goodbg); color: var(--good); } .outcome.bad { background: var(--badbg); color: var(--bad); }
.entry h3 { font-size: 12px; color: var(--soft); font-weight: 400; margin-top: 4px; } .entry pre { font-size: 11.5px; max-height: 540px; overflow: auto; }

.result { position: fixed; left: 10px; bottom: 14px; width: 200px; padding: 10px 12px; border-radius: 10px; background: var(--toast); color: var(--fg); font-size: 13.5px; line-height: 1.4; box-shadow: 0 6px 20px rgb(0 0 0 / 35%); opacity: 0; pointer-events: none; transform: translateY(12px); transition: opacity .15s, transform .15s; z-index: 20; } .result.shown { opacity: 1; transform: none; } .result.bad { background: #8f1d16; color: #fff; }
.lost { position: fixed; inset: auto 0 0; padding: 14px; background: #8f1d16; color: #fff; text-align: center; z-index: 30; } .lost[hidden] { display: none; } .lost code { color: inherit; background: none; border-color: #ffffff55; }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }

@media (max-width: 1439px) {
  .demo { grid-template-columns: 190px minmax(0, 1fr); } .result { width: 170px; }
  main, main:has(#thread:not(:empty)) { grid-template-columns: minmax(0, 1fr) 380px; } main:has(#thread:not(:empty)) .conversation { display: none; }
}
@media (max-width: 899px) {
  .demo { grid-template: "top" auto "panes" auto "sidebar" auto "result" auto "main" minmax(0, 1fr) / minmax(0, 1fr); }
  .top .region { grid-template-columns: auto auto; justify-content: center; gap: 2px 14px; padding: 8px 12px; } .guide { font-size: 14px; grid-column: 1 / -1; grid-row: 1; } .top h1, .bot-state { font-size: 12px; } .panes a:hover { text-decoration: none; } .intro { padding: 4px 12px 12px; }
  .panes { display: flex; grid-area: panes; background: var(--top); } .panes a { flex: 1; text-align: center; padding: 9px; color: #cdbfd0; font-weight: 700; border-bottom: 3px solid transparent; } .panes a[aria-current] { color: #fff; border-color: #fff; }
  main, main:has(#thread:not(:empty)) { grid-template-columns: minmax(0, 1fr); }
  .sidebar { padding: 6px 8px; display: flex; flex-wrap: wrap; gap: 2px; overflow: visible; } .workspace, .sidebar h3 { display: none; } .sidebar section:first-of-type { width: 100%; } .sidebar ul { display: flex; flex-wrap: wrap; gap: 2px; } .sidebar a { white-space: nowrap; padding: 3px 7px; gap: 6px; font-size: 14px; } .place .avatar, .hash { display: none; }
  .result { grid-area: result; position: static; width: auto; margin: 8px 12px; transition: none; transform: none; } .result:not(.shown) { height: 0; margin: 0; padding: 0; overflow: hidden; }
  .bar, .tabs { padding-left: 12px; padding-right: 12px; } .replies { padding: 0 12px 8px 56px; } .box { margin: 4px 12px 10px; } .crewai { border: 0; padding: 10px; }
  .demo[data-pane=slack] .crewai, .demo[data-pane=crewai] :is(.sidebar, .conversation, .thread) { display: none; }
${PHONE_CSS}}
`;
