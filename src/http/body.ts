import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import type { SentBody } from '../lib/parse-body.ts';
import { type ByteBudget, createByteBudget } from './byte-budget.ts';
import { type Refusal, refuse } from './errors.ts';

const MIB = 1_048_576;
/** A registration, in mebibytes. */
export const LARGEST_REGISTRATION = 1;
/** A webhook or a batch of run events, in mebibytes. */
export const LARGEST_WEBHOOK = 8;
/** All bodies that are being read or wait for their answer, in mebibytes. */
const MOST_IN_ALL = 32;
/** In seconds. */
const RETRY_AFTER = 5;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** Each chunk takes a turn of the event loop: in the default 16 KiB, 8 MiB would take 512. */
const IN_FEW_TURNS = { chunkSize: 512 * 1_024 };
const DECODERS = new Map<string, () => Transform>([
  ['gzip', () => createGunzip(IN_FEW_TURNS)],
  ['deflate', () => createInflate(IN_FEW_TURNS)],
  ['br', () => createBrotliDecompress(IN_FEW_TURNS)],
]);

const UNREADABLE: Refusal = { status: 400, error: 'not_json', message: 'The body could not be read.' };
const EMPTY: Refusal = { status: 400, error: 'not_json', message: 'The body is empty.' };
const NO_JSON_TYPE: Refusal = {
  status: 415,
  error: 'not_json_type',
  message: 'The Content-Type has to be application/json.',
};
const UNKNOWN_ENCODING: Refusal = {
  status: 415,
  error: 'not_json_type',
  message: 'The encoding of the body is not supported.',
};
const TOO_MANY: Refusal = {
  status: 503,
  error: 'too_many_bodies',
  message: 'Too many large bodies are being read. Please send it again later.',
};

/** Gives handlers that read a JSON body of at most so many MiB; all of them share `mostInAll` MiB. */
export function createBodies(mostInAll = MOST_IN_ALL): (mebibytes: number) => RequestHandler {
  const budget = createByteBudget(mostInAll * MIB);
  return (mebibytes) => async (request, response, next) => {
    const body = await receive(request, response, mebibytes * MIB, budget);
    if ('error' in body) return refuseUnread(response, body);
    response.locals.body = body;
    next();
  };
}

/** The body that was read. */
export function readSentBody(response: Response): SentBody {
  return response.locals.body as SentBody;
}

/** Reads the body. What it takes of the budget is given back when it is answered. */
async function receive(
  request: Request,
  response: Response,
  limit: number,
  budget: ByteBudget,
): Promise<SentBody | Refusal> {
  const type = request.headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) return NO_JSON_TYPE;
  const charset = charsetOf(type);
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const decoder = DECODERS.get(encoding);
  if (charset === undefined || (!decoder && encoding !== 'identity')) return UNKNOWN_ENCODING;
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limit) return tooLarge(limit);
  // The length of a compressed body says nothing about its size.
  const announced = decoder ? 0 : length;
  let [read, taken, closed] = [0, 0, false];
  response.once('close', () => {
    closed = true;
    budget.give(taken);
  });
  const take = (bytes: number): Refusal | undefined => {
    if (closed) return UNREADABLE;
    if (bytes <= 0) return undefined;
    if (!budget.take(bytes)) return TOO_MANY;
    taken += bytes;
    return undefined;
  };
  const refusal = take(announced);
  if (refusal) return refusal;
  const bytes = await collect(request, decoder?.(), (chunk) => {
    read += chunk;
    return read > limit ? tooLarge(limit) : take(read - taken);
  });
  if ('error' in bytes) return bytes;
  return bytes.length === 0 ? EMPTY : { bytes, charset };
}

/** Collects a body until `onChunk` refuses it. */
function collect(
  request: Request,
  decoder: Transform | undefined,
  onChunk: (bytes: number) => Refusal | undefined,
): Promise<Buffer<ArrayBuffer> | Refusal> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const body: Readable = decoder ? request.pipe(decoder) : request;
    const end = (collected: Buffer<ArrayBuffer> | Refusal) => {
      body.off('data', onData);
      if (decoder) request.unpipe(decoder);
      decoder?.destroy();
      // The rest is read and dropped: a sender that is still writing sees the answer.
      request.resume();
      resolve(collected);
    };
    const onData = (chunk: Buffer) => {
      const refusal = onChunk(chunk.length);
      if (refusal) end(refusal);
      else chunks.push(chunk);
    };
    const onError = () => end(UNREADABLE);
    body.on('data', onData);
    body.once('end', () => end(Buffer.concat(chunks)));
    body.once('error', onError);
    if (decoder) request.once('error', onError);
  });
}

function tooLarge(limit: number): Refusal {
  return { status: 413, error: 'too_large', message: `The body is larger than ${limit / MIB} MiB.` };
}

function refuseUnread(response: Response, { status, error, message }: Refusal): void {
  if (status === 503) response.set('Retry-After', String(RETRY_AFTER));
  refuse(response, status, error, message);
}

/** The charset of a Content-Type, UTF-8 by default; undefined for one that cannot be decoded. */
function charsetOf(type: string): string | undefined {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type) ?? [];
  return /^utf-(?:8|16|16le|16be)$/i.test(charset) ? charset.toLowerCase() : undefined;
}
