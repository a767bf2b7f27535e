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
import type { PeriodFigures, Permission, PersonFigures } from './gather.ts';
import { html, isolate, join, Markup } from './html.ts';
import type { Names } from './names.ts';
import { writeTime, writeTimeSpan } from './spans.ts';
import type { TextWriter } from './text-writer.ts';

/** Most people, permissions and faults to list one by one. */
const MAX_ROWS = 200;

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

/** Draws the end of the page. `gone`: approvals without a record; `incomplete`: other subjects with an absent text. */
export function drawEnd({ gone, incomplete }: { gone: number; incomplete: number }, total: number): Markup {
  if (total === 0) return html`<p>Nothing happened in this time.</p>\n${FOOT}`;
  return html`<h2>Records and texts that are no longer kept</h2>
${gone + incomplete === 0 && html`<p>All records above are kept, with their texts.</p>`}${
  gone > 0 &&
  html`<p>Approvals without a record: ${gone}. Retention deleted the record with its texts, or the record cannot be read. The entries of their histories are kept; the check above says whether one is missing.</p>`
}${
  incomplete > 0 &&
  html`<p>Approvals and starts with a text that is missing here: ${incomplete}. A note in place of the text gives the reason and the hash.</p>`
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
  /** Also show, per person, the decisions on a part, below the last page, and soon after the card. */
  perPerson: boolean;
  permissions: readonly (Permission & { until: string })[];
  check: HistoryCheck;
  approvals: number;
  /** Sentence about the histories that are left out. */
  leftOut?: string | undefined;
}

/** Makes a text a link to a history, if the report shows that history. */
export type LinkTo = (subject: string, text: Markup | string) => Markup;

export function drawSummary(summary: Summary, texts: TextWriter, linkTo: LinkTo): Markup {
  const { figures } = summary;
  const { names } = texts;
  return html`${drawAbout(summary)}
<h2>Result of the history check</h2>
${drawCheck(summary)}
<h2>Figures</h2>
${drawFigures(figures, linkTo)}
${summary.isPart && html`<p class="note">Only entries from this period were read: these figures do not include permissions given before it, or the times to decisions on outputs received before it.</p>`}
${figures.perDay.size > 0 && drawDecisions(figures.perDay)}
${figures.times.length > 0 && drawTimes(figures.times)}
${drawPeople(figures, names, summary.perPerson)}
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
  const faults = describeFaults(check, MAX_ROWS).map((sentence) => html`<p class="fault">${sentence}</p>`);
  return html`<p${countFaults(check) === 0 ? html` class="fine"` : html` class="fault"`}><b>${summarizeCheck(check)}</b></p>
${faults}${check.late > 0 && html`<p>${describeLate(check.late, 'report')}</p>`}
${check.newest && html`<p>${describeNewest(check.newest)}</p>`}
<p class="note">${
    isPart
      ? 'Only the histories that are shown here were checked. The command verify checks the whole store.'
      : 'The whole store was checked, including records that are not shown here.'
  } Each entry has a hash over its content and the entry before it, so the check finds a changed, removed or added entry. It does not find a whole run that was removed with all its records, or forged entries with valid hashes after the newest one. To find out whether the store was cut or replaced, keep the hash of the newest entry elsewhere and compare it. No hash covers the people a card mentioned, the ignored settings of a run, and whether the person who started a run is notified of decisions.</p>
${RECIPE}`;
}

/** How to recompute a hash by hand, for readers who do not trust the command. */
const RECIPE = html`<details><summary>How to recompute a hash</summary>
<p>Each hash is the SHA-256 of a text in UTF-8, in hexadecimal. JSON is written without spaces between its parts. The command <code>verify</code> recomputes all of them.</p>
<ul><li>Output: <code>text:</code> and the first 32 digits of the hash of <code>text:</code> followed by the whole text. If the hash begins with <code>json:</code>, it covers <code>json:</code> followed by the JSON with its keys sorted and each number except 0 written as its digits without zeros at the ends, <code>e</code> and an exponent: 1.50 is <code>15e-1</code>, 100 is <code>1e2</code>. For a tool call, the output is the JSON of its arguments.</li>
<li>Texts of a vote or a decision: a JSON list of three texts, with <code>null</code> for each missing one: the answer, the note written with it, and the text as edited by the person. If values were entered into fields, they follow as a fourth text.</li>
<li>Option: its text. Inputs of a start: their JSON.</li>
<li>Entry: its JSON with the keys sorted at all levels, without <code>hash</code>. To get it from a line of <code>export --format jsonl</code>, replace <code>time</code> by <code>at</code> in milliseconds since 1970, and leave out <code>text</code>, <code>remark</code>, <code>edited</code>, <code>values</code> and an <code>origin</code> that is <code>bot</code>.</li></ul>
</details>`;

function drawFigures(figures: PeriodFigures, linkTo: LinkTo): Markup {
  const { asked, decided, slowest, times } = figures;
  const median = findMedian(times);
  const rows: [string, Markup | string | number | undefined][] = [
    ['Asked: outputs that opened a round', asked],
    ['Decided', decided],
    ['… by a rule at the deadline', [...figures.byRule.values()].reduce((sum, count) => sum + count, 0)],
    ['Votes before a decision', figures.votes],
    ['Median time to a decision of a person', median === undefined ? 'no decision' : writeTimeSpan(median)],
    [
      'Slowest decision of a person',
      slowest &&
        html`${writeTimeSpan(slowest.took)} (${linkTo(slowest.approval, slowest.approval)}, round ${slowest.round})`,
    ],
    ['Decisions where only a part was shown', figures.onPart],
    ['Decisions below the last page of Read in full', figures.onLastPage],
    ['Decisions within five seconds after the card was posted', figures.quick],
    ['Revisions requested', figures.revisions],
    ['Deadlines passed', figures.expired],
    ['Decisions undone', figures.undone],
    ['Refused clicks, counted once per person and round', figures.refused],
    ['Tool calls allowed', figures.allowed],
    ['… and let through by a standing permission', figures.letThrough],
    ['Tool calls blocked', figures.blocked],
    ['Closed without a decision, or taken back', figures.closed],
    ['Decisions that were rejected, or may not have arrived', figures.notDelivered],
    ['Runs started from Slack', figures.starts],
    [
      'Decisions dated before their output, because the clock was set back',
      figures.backwards > 0 ? `${figures.backwards}, not in the times above` : undefined,
    ],
  ];
  const filledRows = rows.filter(([, value]) => value !== undefined);
  return html`<table><tbody>${filledRows.map(([label, value]) => html`<tr><th scope="row">${label}</th><td class="number">${value}</td></tr>`)}</tbody></table>`;
}

/** Columns about a person. Those about what a person was shown appear only on request: they can be used against people. */
const PERSON_COLUMNS: readonly [title: string, key: keyof PersonFigures][] = [
  ['decisions', 'decisions'],
  ['votes', 'votes'],
  ['refused clicks', 'refused'],
];
const SHOWN_COLUMNS: typeof PERSON_COLUMNS = [
  ['partly shown', 'onPart'],
  ['below the last page', 'onLastPage'],
  ['within five seconds after the card', 'quick'],
];

function drawPeople(
  { byPerson, byRule }: PeriodFigures,
  names: Names,
  perPerson: boolean,
): Markup | undefined {
  const columns = perPerson ? [...PERSON_COLUMNS, ...SHOWN_COLUMNS] : PERSON_COLUMNS;
  const people = [...byPerson].sort(
    ([personA, a], [personB, b]) =>
      b.decisions - a.decisions || b.votes - a.votes || (personA < personB ? -1 : 1),
  );
  if (people.length === 0 && byRule.size === 0) return undefined;
  const omittedCount = people.length - MAX_ROWS;
  return html`<h2>By person and rule</h2>
<table><thead><tr><th scope="col">person</th>${columns.map(([title]) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead><tbody>${people
    .slice(0, MAX_ROWS)
    .map(
      ([person, counts]) =>
        html`<tr><th scope="row">${person === '' ? 'not recorded' : isolate(names.name(person))}</th>${columns.map(([, key]) => html`<td class="number">${counts[key]}</td>`)}</tr>`,
    )}${[...byRule].map(([rule, count]) => html`<tr><th scope="row">no person: the rule ${isolate(rule)}</th><td class="number">${count}</td>${columns.slice(1).map(() => html`<td></td>`)}</tr>`)}</tbody></table>
${omittedCount > 0 && html`<p class="note">${omittedCount} more people.</p>`}`;
}

function drawPermissions(permissions: Summary['permissions'], texts: TextWriter, linkTo: LinkTo): Markup {
  const omittedCount = permissions.length - MAX_ROWS;
  if (permissions.length === 0)
    return html`<h2>Standing permissions</h2>
<p>No decision allowed further calls of a tool in this period.</p>`;
  return html`<h2>Standing permissions</h2>
<div class="wide"><table><thead><tr><th scope="col">tool</th><th scope="col">allowed</th><th scope="col">by</th><th scope="col">from</th><th scope="col">until</th></tr></thead><tbody>${permissions
    .slice(0, MAX_ROWS)
    .map(
      ({ tool, crew, allows, by, at, until, subject }) =>
        html`<tr><th scope="row">${linkTo(subject, texts.line(tool))} of ${isolate(crew)}</th><td>${allows === 'call' ? 'the same call again in its run' : 'all calls of the tool in its run'}</td><td>${isolate(texts.names.name(by))}</td><td>${writeTime(at)}</td><td>${until}</td></tr>`,
    )}</tbody></table></div>
${omittedCount > 0 && html`<p class="note">${omittedCount} more: each is listed with its approval.</p>`}`;
}
