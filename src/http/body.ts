import { isUtf8 } from 'node:buffer';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import { type Rejection, reject } from './errors.ts';

const MIB = 1_048_576;
/** Size limit of a registration, in mebibytes. */
export const LARGEST_REGISTRATION = 1;
/** Size limit of a Flow review, in mebibytes. */
export const LARGEST_REVIEW = 2;
/** Size limit of a webhook or a batch of run events, in mebibytes. */
export const LARGEST_WEBHOOK = 8;
/** Size limit of all bodies that are being read or wait for their response, in mebibytes. */
const MAX_TOTAL = 32;
/** In bytes. A body up to this size is read even while many large ones are being read: a run waits for it. */
export const SMALL_BODY = 64 * 1_024;
/** In seconds. */
export const RETRY_AFTER = '5';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** Each chunk takes a turn of the event loop: with the default of 16 KiB, 8 MiB would take 512 turns. */
const LARGE_CHUNKS = { chunkSize: 512 * 1_024 };
const DECODERS = new Map<string, () => Transform>([
  ['gzip', () => createGunzip(LARGE_CHUNKS)],
  ['deflate', () => createInflate(LARGE_CHUNKS)],
  ['br', () => createBrotliDecompress(LARGE_CHUNKS)],
]);

const UNREADABLE: Rejection = { status: 400, error: 'not_json', message: 'The body could not be read.' };
const NOT_UTF8: Rejection = { status: 400, error: 'not_json', message: 'The body is not UTF-8.' };
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
  let remainingBytes = maxTotal * MIB;
  return (mebibytes) => async (request, response, next) => {
    let reservedBytes = 0;
    let isClosed = false;
    response.once('close', () => {
      isClosed = true;
      remainingBytes += reservedBytes;
    });
    /** Reserves the bytes of a body of this size until its request is answered. */
    const reserve = (size: number): Rejection | undefined => {
      if (isClosed) return UNREADABLE;
      if (size <= SMALL_BODY || size <= reservedBytes) return undefined;
      if (size - reservedBytes > remainingBytes) return TOO_MANY;
      remainingBytes -= size - reservedBytes;
      reservedBytes = size;
      return undefined;
    };
    const body = await receiveBody(request, mebibytes * MIB, reserve);
    if ('error' in body) {
      if (body.status === 503) response.set('Retry-After', RETRY_AFTER);
      return reject(response, body.status, body.error, body.message);
    }
    response.locals.body = body;
    next();
  };
}

/** `reserve`: called with the size received so far; returns a rejection if the bot has no room for it. */
async function receiveBody(
  request: Request,
  limit: number,
  reserve: (size: number) => Rejection | undefined,
): Promise<Buffer<ArrayBuffer> | Rejection> {
  const type = request.headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) return NOT_JSON_TYPE;
  // JSON is exchanged in UTF-8 (RFC 8259, 8.1).
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type) ?? [];
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const createDecoder = DECODERS.get(encoding);
  if (charset.toLowerCase() !== 'utf-8' || (!createDecoder && encoding !== 'identity'))
    return UNKNOWN_ENCODING;
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limit) return describeTooLarge(limit);
  // The length of a compressed body says nothing about its size.
  const rejection = reserve(createDecoder ? 0 : length);
  if (rejection) return rejection;
  const decoder = createDecoder?.();
  const chunks: Buffer[] = [];
  let size = 0;
  // A sender that gives up ends neither the decoder nor, after a rejection, the process.
  request.once('error', (error) => decoder?.destroy(error));
  const body = decoder ? request.pipe(decoder) : request;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      const rejection = size > limit ? describeTooLarge(limit) : reserve(size);
      if (rejection) return rejection;
      chunks.push(chunk);
    }
  } catch {
    return UNREADABLE;
  } finally {
    if (decoder) request.unpipe(decoder);
    decoder?.destroy();
    // The rest is read and dropped, so that a sender that is still writing sees the response.
    request.resume();
  }
  if (size === 0) return EMPTY;
  const bytes = Buffer.concat(chunks);
  return isUtf8(bytes) ? bytes : NOT_UTF8;
}

function describeTooLarge(limit: number): Rejection {
  return { status: 413, error: 'too_large', message: `The body is larger than ${limit / MIB} MiB.` };
}
