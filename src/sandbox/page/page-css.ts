/** How Slack looks at a glance, on a phone's width too, light and dark. */
export const PAGE_CSS = `
:root { color-scheme: light dark; --fg: #1d1c1d; --bg: #fff; --soft: #616061; --line: #dddddd; --code: #f4f4f4; --mention: #e8f0fb; --link: #1264a3; --primary: #007a5a; }
@media (prefers-color-scheme: dark) { :root { --fg: #d1d2d3; --bg: #1a1d21; --soft: #ababad; --line: #3c3f44; --code: #232529; --mention: #1d3b53; --link: #1d9bd1; --primary: #148567; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--fg); background: var(--bg); font: 15px/1.47 Lato, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 8px; padding: 8px 16px; }
.avatar { width: 36px; height: 36px; border-radius: 4px; background: #4a154b; color: #fff; display: grid; place-items: center; font-size: 18px; }
.name { font-weight: 900; } .app { font-size: 10px; background: var(--line); border-radius: 2px; padding: 1px 3px; color: var(--soft); }
.section { display: flex; gap: 12px; margin: 4px 0; } .said { flex: 1; min-width: 0; }
.context { color: var(--soft); font-size: 12.5px; margin: 4px 0; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; align-items: center; }
.button, .overflow { font: inherit; font-weight: 700; font-size: 13px; min-height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); color: var(--fg); }
.button.primary { background: var(--primary); border-color: var(--primary); color: #fff; } .button.danger { border-color: #e01e5a; color: #e01e5a; }
.overflow { width: 44px; }
.markdown h1, .markdown h2, .markdown h3 { font-size: 18px; margin: 8px 0 4px; } .markdown p { margin: 4px 0; } .rich p { margin: 4px 0; }
h2 { font-size: 18px; margin: 12px 0 4px; }
pre, code { font: 12px/1.5 Monaco, Menlo, "DejaVu Sans Mono", monospace; background: var(--code); border: 1px solid var(--line); border-radius: 4px; }
pre { padding: 8px; white-space: pre-wrap; margin: 4px 0; } code { padding: 1px 3px; } pre code { border: 0; padding: 0; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid var(--line); }
a { color: var(--link); text-decoration: none; } .mention { background: var(--mention); color: var(--link); border-radius: 3px; padding: 0 2px; }
.table { overflow-x: auto; margin: 4px 0; } table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: 4px 8px; text-align: left; vertical-align: top; }
hr { border: 0; border-top: 1px solid var(--line); margin: 12px 0; }
.modal, .home { max-width: 560px; border: 1px solid var(--line); border-radius: 8px; margin: 16px auto; padding: 16px; }
.modal > header { display: flex; justify-content: space-between; font-weight: 900; font-size: 18px; }
.modal > footer { display: flex; justify-content: flex-end; gap: 8px; margin-top: 16px; }
.input { display: block; margin: 12px 0; } textarea, input, .users { font: inherit; width: 100%; padding: 8px; border: 1px solid var(--line); border-radius: 4px; background: var(--bg); color: var(--fg); }
.optional { color: var(--soft); font-weight: 400; }
`;
