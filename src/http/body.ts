import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import type { SentBody } from '../lib/parse-body.ts';
import { type Rejection, reject } from './errors.ts';

const MIB = 1_048_576;
/** Size limit of a registration, in mebibytes. */
export const LARGEST_REGISTRATION = 1;
/** Size limit of a Flow review, in mebibytes. */
export const LARGEST_REVIEW = 2;
/** Size limit of a webhook or a batch of run events, in mebibytes. */
export const LARGEST_WEBHOOK = 8;
/** Size limit of all bodies that are being read or wait for their answer, in mebibytes. */
const MAX_TOTAL = 32;
/** In bytes. A body of this size is read whatever large ones are being read: a run waits for it. */
export const SMALL_BODY = 64 * 1_024;
/** In seconds. */
const RETRY_AFTER = 5;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** Each chunk takes a turn of the event loop: with the default of 16 KiB, 8 MiB would take 512 turns. */
const LARGE_CHUNKS = { chunkSize: 512 * 1_024 };
const DECODERS = new Map<string, () => Transform>([
  ['gzip', () => createGunzip(LARGE_CHUNKS)],
  ['deflate', () => createInflate(LARGE_CHUNKS)],
  ['br', () => createBrotliDecompress(LARGE_CHUNKS)],
]);

const UNREADABLE: Rejection = { status: 400, error: 'not_json', message: 'The body could not be read.' };
const EMPTY: Rejection = { status: 400, error: 'not_json', message: 'The body is empty.' };
const NOT_JSON_TYPE: Rejection = {
  status: 415,
  error: 'not_json_type',
  message: 'The Content-Type must be application/json.',
};
const UNKNOWN_ENCODING: Rejection = {
  status: 415,
  error: 'not_json_type',
  message: 'The encoding of the body is not supported.',
};
const TOO_MANY: Rejection = {
  status: 503,
  error: 'too_many_bodies',
  message: 'Too many large bodies are being read. Send the request again later.',
};

/**
 * Returns a function that builds a handler for JSON bodies of at most that many MiB; all handlers share `maxTotal` MiB.
 */
export function createBodyHandlers(maxTotal = MAX_TOTAL): (mebibytes: number) => RequestHandler {
  const budget = new ByteBudget(maxTotal * MIB);
  return (mebibytes) => async (request, response, next) => {
    const body = await receiveBody(request, response, mebibytes * MIB, budget);
    if ('error' in body) return rejectUnread(response, body);
    response.locals.body = body;
    next();
  };
}

/** The body that a handler read. */
export function readSentBody(response: Response): SentBody {
  return response.locals.body as SentBody;
}

/** What one body takes of the budget, until its request is answered; a small one takes nothing. */
class BodyShare {
  private taken = 0;
  private readonly budget: ByteBudget;
  private closed = false;

  constructor(budget: ByteBudget, response: Response) {
    this.budget = budget;
    response.once('close', () => {
      this.closed = true;
      budget.give(this.taken);
    });
  }

  /** Takes what a body of this size, in bytes, needs beyond what it has. */
  grow(size: number): Rejection | undefined {
    if (this.closed) return UNREADABLE;
    if (size <= SMALL_BODY || size <= this.taken) return undefined;
    if (!this.budget.take(size - this.taken)) return TOO_MANY;
    this.taken = size;
    return undefined;
  }
}

async function receiveBody(
  request: Request,
  response: Response,
  limit: number,
  budget: ByteBudget,
): Promise<SentBody | Rejection> {
  const type = request.headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) return NOT_JSON_TYPE;
  const charset = readCharset(type);
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const decoder = DECODERS.get(encoding);
  if (charset === undefined || (!decoder && encoding !== 'identity')) return UNKNOWN_ENCODING;
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limit) return describeTooLarge(limit);
  const share = new BodyShare(budget, response);
  // The length of a compressed body says nothing about its size.
  const rejection = share.grow(decoder ? 0 : length);
  if (rejection) return rejection;
  let read = 0;
  const bytes = await collectBytes(request, decoder?.(), (chunk) => {
    read += chunk;
    return read > limit ? describeTooLarge(limit) : share.grow(read);
  });
  if ('error' in bytes) return bytes;
  return bytes.length === 0 ? EMPTY : { bytes, charset };
}

/** Collects a body until `onChunk` rejects it. */
function collectBytes(
  request: Request,
  decoder: Transform | undefined,
  onChunk: (bytes: number) => Rejection | undefined,
): Promise<Buffer<ArrayBuffer> | Rejection> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const body: Readable = decoder ? request.pipe(decoder) : request;
    const end = (collected: Buffer<ArrayBuffer> | Rejection) => {
      body.off('data', onData);
      if (decoder) request.unpipe(decoder);
      decoder?.destroy();
      // The rest is read and dropped, so that a sender that is still writing sees the answer.
      request.resume();
      resolve(collected);
    };
    const onData = (chunk: Buffer) => {
      const rejection = onChunk(chunk.length);
      if (rejection) end(rejection);
      else chunks.push(chunk);
    };
    const onError = () => end(UNREADABLE);
    body.on('data', onData);
    body.once('end', () => end(Buffer.concat(chunks)));
    body.once('error', onError);
    if (decoder) request.once('error', onError);
  });
}

function describeTooLarge(limit: number): Rejection {
  return { status: 413, error: 'too_large', message: `The body is larger than ${limit / MIB} MiB.` };
}

function rejectUnread(response: Response, { status, error, message }: Rejection): void {
  if (status === 503) response.set('Retry-After', String(RETRY_AFTER));
  reject(response, status, error, message);
}

/** The charset of a Content-Type, UTF-8 by default; undefined for one that cannot be decoded. */
function readCharset(type: string): string | undefined {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type) ?? [];
  return /^utf-(?:8|16|16le|16be)$/i.test(charset) ? charset.toLowerCase() : undefined;
}

/** Bytes that all bodies together may take in memory. */
class ByteBudget {
  private left: number;

  constructor(size: number) {
    this.left = size;
  }

  /** False, and nothing is taken, when fewer bytes are left. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.left += bytes;
  }
}
