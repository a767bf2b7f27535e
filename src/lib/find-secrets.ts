type Range = [start: number, end: number];

/**
 * Where a text repeats one of the secrets: as it is, percent-encoded, JSON-escaped, or in base64, which may be part of a
 * longer text and broken into lines. Ranges as [start, end), in their order, without overlaps.
 */
export function findSecrets(text: string, secrets: readonly string[]): Range[] {
  const places = [...text.matchAll(/[^\r\n]/g)].map(({ index }) => index);
  const unbroken = text.replace(/[\r\n]+/g, '');
  const found = [...new Set(secrets)].flatMap((secret) => [
    ...writeEscaped(secret.toWellFormed()).flatMap((form) => searchText(text, form)),
    ...writeBase64(secret)
      .flatMap((form) => searchText(unbroken, form))
      .map(([start, end]): Range => [places[start] ?? start, (places[end - 1] ?? end - 1) + 1]),
  ]);
  return mergeRanges(found);
}

function searchText(text: string, form: string): Range[] {
  const found: Range[] = [];
  if (form === '') return found;
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length]);
  return found;
}

/** Encoders differ in which characters they leave, and in the case of their digits. */
function writeEscaped(secret: string): string[] {
  const percent = encodeURIComponent(secret);
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const encoded = [
    percent,
    percent.replaceAll('%2F', '/'),
    encodeURI(secret),
    form,
    form.replaceAll('+', '%20'),
  ];
  const lower = encoded.map((one) => one.replace(/%../g, (byte) => byte.toLowerCase()));
  const escaped = [json, ascii].flatMap((one) => [one, one.replaceAll('/', '\\/')]);
  return [...new Set([secret, ...encoded, ...lower, ...escaped])];
}

/** Base64 of a text that has the secret in it: what depends on the secret alone, after 0, 1 or 2 other bytes. */
function writeBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const written = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = written.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const [start, end] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
