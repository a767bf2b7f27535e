import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { percentile } from '../support/statistics.ts';

export interface LoadSettings {
  url: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Size of each body. */
  bytes: number;
  /** Used one after the other as `meta.channel`. */
  channels: string[];
}

export interface Load {
  perSecond: number;
  p99: number;
  answered: number;
  /** Answers during the warm-up. */
  answeredBefore: number;
  /** Requests without an answer or with a status other than 2xx. */
  failed: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
const run = randomUUID();
const [before = '', after = ''] = bodyOfSize(settings.bytes).split('%ID%');
let sentCount = 0;

/** Builds the task webhook of a new run. */
function nextBody(): string {
  const channel = settings.channels[sentCount % settings.channels.length] ?? '';
  const id = String(sentCount++).padStart(8, '0');
  return `${before}${run}-${id}","meta":{"channel":"${channel}"}${after}`;
}

function bodyOfSize(bytes: number): string {
  const body = (output: string) =>
    JSON.stringify({
      name: 'draft_press_release',
      description: 'Write the press release',
      expected_output: 'A press release of 300 to 400 words in Markdown',
      agent: 'Copywriter',
      output,
      output_json: null,
      kickoff_id: '%ID%',
    }).replace('%ID%"', '%ID%');
  const outputBytes =
    bytes - body('').length - run.length - '-00000000","meta":{"channel":"C00000"}'.length + '%ID%'.length;
  const paragraph = '# Spring collection. Made from *recycled linen*, in five colours, from March on. ';
  return body(paragraph.repeat(Math.ceil(bytes / paragraph.length)).slice(0, outputBytes));
}

function shoot(seconds: number): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const instance = autocannon(
      {
        url: settings.url,
        connections: settings.connections,
        duration: seconds,
        requests: [
          {
            method: 'POST',
            path: settings.url.replace(/^https?:\/\/[^/]+/, ''),
            headers: { 'content-type': 'application/json' },
            setupRequest: (request) => ({ ...request, body: nextBody() }),
          },
        ],
      },
      (error, result) => {
        if (error) return reject(error);
        const perSecond = times.length / ((performance.now() - begun) / 1_000);
        failed += result.errors + result.timeouts;
        const p99 = percentile(times, 0.99);
        resolve({ perSecond, p99, answered: times.length, answeredBefore: 0, failed });
      },
    );
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      if (status < 200 || status > 299) failed += 1;
    });
  });
}

const answeredBefore = settings.warmUpSeconds > 0 ? (await shoot(settings.warmUpSeconds)).answered : 0;
console.log(JSON.stringify({ ...(await shoot(settings.seconds)), answeredBefore }));
