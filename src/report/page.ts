import type { HistoryCheck } from '../approval/ports.ts';
import { findMedian } from '../lib/median.ts';
import { drawDecisions, drawTimes } from './charts.ts';
import {
  countFaults,
  describeFaults,
  describeLate,
  describeNewest,
  summarizeCheck,
} from './describe-check.ts';
import type { PeriodFigures, Permission } from './gather.ts';
import { html, isolate, join, Markup } from './html.ts';
import type { Names } from './names.ts';
import { writeTime, writeTimeSpan } from './spans.ts';
import type { TextWriter } from './text-writer.ts';

/** Most people, permissions and faults to list one by one. */
const MOST_ROWS = 200;

const STYLE = new Markup(`<style>
:root{color-scheme:light dark;--text:#1d1c1d;--soft:#57606a;--line:#d0d7de;--back:#fff;--box:#f6f8fa;--bad:#b3001e;--badbox:#fff0f1;--link:#0b5cad}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#9da7b1;--line:#3d444d;--back:#0d1117;--box:#161b22;--bad:#ff8a8f;--badbox:#3c1518;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);overflow-wrap:anywhere}
a{color:var(--link)}h1,h2,h3{line-height:1.25}h2{margin-top:2rem;border-bottom:1px solid var(--line)}h3{margin:0 0 .25rem}p{margin:.25rem 0}
code{font:.85em ui-monospace,monospace}
table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}td.number,th.number{text-align:end}
.meta,.note,.label{color:var(--soft);font-size:.875rem}
.wide{overflow-x:auto}
section{content-visibility:auto;contain-intrinsic-size:auto 3000rem}
article{border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:1rem 0;content-visibility:auto;contain-intrinsic-size:auto 30rem}
ol{margin:.5rem 0;padding:0;list-style:none}li{border-inline-start:3px solid var(--line);padding:.15rem .75rem;margin:.4rem 0}
time{font-variant-numeric:tabular-nums;color:var(--soft)}
pre{white-space:pre-wrap;margin:.25rem 0;padding:.5rem;background:var(--box);border:1px solid var(--line);border-radius:4px;font:.85rem/1.45 ui-monospace,monospace}
summary{cursor:pointer}
.bad{border-color:var(--bad)}.fault{color:var(--bad);background:var(--badbox);border-inline-start:4px solid var(--bad);padding:.25rem .5rem;font-weight:600}
.fault::before{content:"\\26A0\\FE0E  "}
.fine::before{content:"\\2713  "}
.bars{margin:1rem 0;max-width:42rem}.bars caption{text-align:start;font-weight:600}.bars th,.bars td{border:0;padding:0 .5rem;white-space:nowrap;font-weight:400}.bars td:last-child{width:100%}.bars i{display:block;height:.8rem;background:var(--soft);border:1px solid var(--text);print-color-adjust:exact}
@media print{:root{color-scheme:light;--text:#000;--soft:#333;--line:#999;--back:#fff;--box:#fff;--bad:#900;--badbox:#fff;--link:#000}body{max-width:none;padding:0;font-size:10pt}tr{break-inside:avoid}section,article{content-visibility:visible;break-inside:auto}h2,h3,.meta{break-after:avoid}li>p{orphans:3}details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none}}
</style>`);

export const HEAD = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="referrer" content="no-referrer"><title>Approvals: report</title>
${STYLE}</head><body><main>
<h1>Approvals: report</h1>
`;

/** Draws the end of the page. `gone`: approvals without a record; `partly`: other subjects with an absent text. */
export function drawEnd({ gone, partly }: { gone: number; partly: number }, total: number): Markup {
  if (total === 0) return html`<p>Nothing happened in this time.</p>\n${FOOT}`;
  return html`<h2>What is no longer kept</h2>
${gone + partly === 0 && html`<p>All records above are kept, with their texts.</p>`}${
  gone > 0 &&
  html`<p>Approvals without a record: ${gone}. Retention deleted it with its texts, or it cannot be read. The entries of their histories are kept; the check above says whether one is missing.</p>`
}${
  partly > 0 &&
  html`<p>Approvals and starts of which a text is missing here: ${partly}. A note in its place says why, with the hash.</p>`
}
${FOOT}`;
}

const FOOT = html`</main></body></html>
`;

/** Content of the beginning of a report, before its approvals. */
export interface Summary {
  period: string;
  crews: readonly string[] | undefined;
  madeAt: number;
  /** The names of people in Slack are known. */
  hasNames: boolean;
  /** Only the histories in the report were checked. */
  isPart: boolean;
  figures: PeriodFigures;
  permissions: readonly (Permission & { until: string })[];
  check: HistoryCheck;
  approvals: number;
  /** Sentence about the histories that are left out. */
  leftOut?: string | undefined;
}

/** Makes a text a link to a history, if the report shows that history. */
export type Links = (subject: string, text: Markup | string) => Markup;

export function drawSummary(summary: Summary, texts: TextWriter, linkTo: Links): Markup {
  const { figures } = summary;
  const { names } = texts;
  return html`${drawAbout(summary)}
<h2>What the check of the history says</h2>
${drawCheck(summary)}
<h2>Figures</h2>
${drawFigures(figures, linkTo)}
${summary.isPart && html`<p class="note">Only what happened in this time was read: a permission that was given before it, and the time to a decision whose output came before it, are not in these figures.</p>`}
${figures.perDay.size > 0 && drawDecisions(figures.perDay)}
${figures.times.length > 0 && drawTimes(figures.times)}
${drawPeople(figures, names)}
${drawPermissions(summary.permissions, texts, linkTo)}
`;
}

function drawAbout({ period, crews, madeAt, hasNames, approvals, leftOut }: Summary): Markup {
  return html`<p>${period}. ${
    crews === undefined
      ? 'All crews'
      : html`Crews: ${join(
          crews.map((crew) => isolate(crew)),
          ', ',
        )}`
  }. Approvals and starts of runs that had an entry in this time: ${approvals}. All times are in UTC. Made at ${writeTime(madeAt)}.</p>
<p class="note">${
    hasNames
      ? 'People are named by their names in Slack where these are known, with their member IDs.'
      : 'People are named by their Slack member IDs.'
  } Secrets of the settings, values of hidden inputs, callback URLs and states of Flows are left out.</p>
${leftOut !== undefined && html`<p class="note"><b>${leftOut}</b></p>`}`;
}

function drawCheck({ check, isPart }: Summary): Markup {
  const faults = describeFaults(check, MOST_ROWS).map((sentence) => html`<p class="fault">${sentence}</p>`);
  return html`<p${countFaults(check) === 0 ? html` class="fine"` : html` class="fault"`}><b>${summarizeCheck(check)}</b></p>
${faults}${check.late > 0 && html`<p>${describeLate(check.late, 'report')}</p>`}
${check.newest && html`<p>${describeNewest(check.newest)}</p>`}
<p class="note">${
    isPart
      ? 'Only the histories that are shown here were checked. The command verify checks the whole store.'
      : 'The whole store was checked, also what is not shown here.'
  } Each entry has the hash of what it says and of the entry before it: a changed, removed or added entry shows. Not shown is a whole run that was removed with all its records, or entries after the newest one whose hashes fit. That the store was cut or replaced shows by the hash of the newest entry, if it was kept elsewhere. No hash covers whom a card mentioned, what was ignored of a run's settings, and whether the person who started a run is told of decisions.</p>
${RECIPE}`;
}

/** How to recompute a hash by hand, for readers who do not trust the command. */
const RECIPE = html`<details><summary>How to recompute a hash</summary>
<p>Each hash is a SHA-256 in hexadecimal, of text in UTF-8; JSON is written without blanks between its parts. The command <code>verify</code> recomputes all of them.</p>
<ul><li>Of an output: <code>text:</code> and the first 32 digits of the hash of <code>text:</code> followed by the whole text. Where it begins with <code>json:</code>, of <code>json:</code> followed by the JSON with its names sorted, and each number except 0 as its digits without zeros at the ends, <code>e</code> and an exponent: 1.50 is <code>15e-1</code>, 100 is <code>1e2</code>. That of a call of a tool is of the JSON of its arguments.</li>
<li>Of what was written with a vote or a decision: of a JSON list of three texts, or <code>null</code> for one that is not there: the text of the answer, what was written beside it, and the text as the person changed it. What was entered into fields follows as a fourth text, if there is any.</li>
<li>Of an option: of its text. Of the inputs of a start: of their JSON.</li>
<li>Of an entry: of its JSON with the names sorted at all levels, without <code>hash</code>. To get it from a line of <code>export --format jsonl</code>, replace <code>time</code> by <code>at</code> in milliseconds since 1970, and leave out <code>text</code>, <code>remark</code>, <code>edited</code>, <code>values</code> and an <code>origin</code> that is <code>bot</code>.</li></ul>
</details>`;

function drawFigures(figures: PeriodFigures, linkTo: Links): Markup {
  const { asked, decided, slowest, times } = figures;
  const median = findMedian(times);
  const rows: [string, Markup | string | number | undefined][] = [
    ['Asked: outputs that opened a round', asked],
    ['Decided', decided],
    ['… by a rule at the deadline', [...figures.byRule.values()].reduce((sum, count) => sum + count, 0)],
    ['Votes before a decision', figures.votes],
    ['Median time to a decision of a person', median === undefined ? 'no decision' : writeTimeSpan(median)],
    [
      'Slowest decision',
      slowest &&
        html`${writeTimeSpan(slowest.took)} (${linkTo(slowest.approval, slowest.approval)}, round ${slowest.round})`,
    ],
    ['Revisions requested', figures.revisions],
    ['Deadlines passed', figures.expired],
    ['Decisions undone', figures.undone],
    ['Refused clicks, counted once per person and round', figures.refused],
    ['Calls of tools allowed', figures.allowed],
    ['… and let through by a standing permission', figures.letThrough],
    ['Calls of tools blocked', figures.blocked],
    ['Closed without a decision, or taken back', figures.closed],
    ['Decisions that were rejected, or may not have arrived', figures.notDelivered],
    ['Runs started from Slack', figures.starts],
    [
      'Decisions before their output, by a clock that went back',
      figures.backwards > 0 ? `${figures.backwards}, not in the times above` : undefined,
    ],
  ];
  const filledRows = rows.filter(([, value]) => value !== undefined);
  return html`<table><tbody>${filledRows.map(([label, value]) => html`<tr><th scope="row">${label}</th><td class="number">${value}</td></tr>`)}</tbody></table>`;
}

function drawPeople({ byPerson, byRule }: PeriodFigures, names: Names): Markup | undefined {
  const people = [...byPerson].sort(
    ([personA, a], [personB, b]) =>
      b.decisions - a.decisions || b.votes - a.votes || (personA < personB ? -1 : 1),
  );
  if (people.length === 0 && byRule.size === 0) return undefined;
  const omittedCount = people.length - MOST_ROWS;
  return html`<h2>By whom</h2>
<table><thead><tr><th scope="col">person</th><th scope="col" class="number">decisions</th><th scope="col" class="number">votes</th><th scope="col" class="number">refused clicks</th></tr></thead><tbody>${people
    .slice(0, MOST_ROWS)
    .map(
      ([person, { decisions, votes, refused }]) =>
        html`<tr><th scope="row">${person === '' ? 'not recorded' : isolate(names.name(person))}</th><td class="number">${decisions}</td><td class="number">${votes}</td><td class="number">${refused}</td></tr>`,
    )}${[...byRule].map(([rule, count]) => html`<tr><th scope="row">no person: the rule ${isolate(rule)}</th><td class="number">${count}</td><td></td><td></td></tr>`)}</tbody></table>
${omittedCount > 0 && html`<p class="note">${omittedCount} more people.</p>`}`;
}

function drawPermissions(permissions: Summary['permissions'], texts: TextWriter, linkTo: Links): Markup {
  const omittedCount = permissions.length - MOST_ROWS;
  if (permissions.length === 0)
    return html`<h2>Standing permissions</h2>
<p>No decision let further calls of a tool through in this time.</p>`;
  return html`<h2>Standing permissions</h2>
<div class="wide"><table><thead><tr><th scope="col">tool</th><th scope="col">allowed</th><th scope="col">by</th><th scope="col">from</th><th scope="col">until</th></tr></thead><tbody>${permissions
    .slice(0, MOST_ROWS)
    .map(
      ({ tool, crew, allows, by, at, until, subject }) =>
        html`<tr><th scope="row">${linkTo(subject, texts.line(tool))} of ${isolate(crew)}</th><td>${allows === 'call' ? 'the same call again in its run' : 'all calls of the tool in its run'}</td><td>${isolate(texts.names.name(by))}</td><td>${writeTime(at)}</td><td>${until}</td></tr>`,
    )}</tbody></table></div>
${omittedCount > 0 && html`<p class="note">${omittedCount} more: each stands with its approval.</p>`}`;
}
