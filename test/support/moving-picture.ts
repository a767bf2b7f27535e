/** Writes screenshots as one animated PNG with 256 colours. Each frame holds only the rectangle that differs from the one before. */
import zlib from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Bytes per pixel of Chromium's screenshots: 8-bit RGB. */
const RGB = 3;
const PALETTE = 256;
/** The squared distance from which two colours get places of their own. */
const VISIBLE = 200;

/** `pixels`: colours as 0xRRGGBB. */
interface Picture {
  width: number;
  height: number;
  pixels: Uint32Array;
}

/** Joins PNG files of the same size. `seconds`: how long the frame is shown. The animation repeats for ever. */
export function joinScreenshots(frames: readonly { png: Buffer; seconds: number }[]): Buffer {
  const pictures = frames.map(({ png }) => decode(png));
  const [first] = pictures;
  if (!first) throw new Error('An animation needs a frame.');
  const header = Buffer.alloc(13);
  header.writeUInt32BE(first.width, 0);
  header.writeUInt32BE(first.height, 4);
  // 8 bits, with a palette.
  header.set([8, 3, 0, 0, 0], 8);
  const { palette, indexOf } = choosePalette(pictures);
  let sequence = 0;
  const chunks = pictures.flatMap((picture, index) => {
    const before = pictures[index - 1];
    const area = before ? findChange(before, picture) : { x: 0, y: 0, ...picture };
    const control = Buffer.alloc(26);
    for (const [at, value] of [sequence++, area.width, area.height, area.x, area.y].entries())
      control.writeUInt32BE(value, at * 4);
    control.writeUInt16BE(Math.round((frames[index]?.seconds ?? 0) * 1_000), 20);
    control.writeUInt16BE(1_000, 22);
    const data = compress(picture, area, indexOf);
    if (index === 0) return [chunk('fcTL', control), chunk('IDAT', data)];
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence++);
    return [chunk('fcTL', control), chunk('fdAT', Buffer.concat([number, data]))];
  });
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('acTL', animation),
    ...chunks,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Source of the filters: PNG specification, section 9. */
function decode(png: Buffer): Picture {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png[24] !== 8 || png[25] !== 2) throw new Error('The screenshot is no 8-bit RGB.');
  const raw = zlib.inflateSync(Buffer.concat(parts));
  const row = width * RGB;
  const bytes = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const at = y * row + x;
      const left = x < RGB ? 0 : (bytes[at - RGB] ?? 0);
      const above = y === 0 ? 0 : (bytes[at - row] ?? 0);
      const corner = x < RGB || y === 0 ? 0 : (bytes[at - row - RGB] ?? 0);
      const predicted = [0, left, above, (left + above) >> 1, predict(left, above, corner)][filter ?? 0] ?? 0;
      bytes[at] = (raw[y * (row + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  const pixels = Uint32Array.from({ length: width * height }, (_, index) =>
    bytes.readUIntBE(index * RGB, RGB),
  );
  return { width, height, pixels };
}

/** Chooses the most frequent colours that differ visibly from each other. `indexOf`: the place of the nearest one. */
function choosePalette(pictures: readonly Picture[]) {
  const counts = new Map<number, number>();
  for (const { pixels } of pictures)
    for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const chosen: number[] = [];
  for (const colour of colours) {
    if (chosen.length === PALETTE) break;
    if (chosen.every((other) => measureDistance(colour, other) >= VISIBLE)) chosen.push(colour);
  }
  const indices = new Map(colours.map((colour) => [colour, chosen.indexOf(findNearest(chosen, colour))]));
  const palette = Buffer.alloc(chosen.length * RGB);
  for (const [index, colour] of chosen.entries()) palette.writeUIntBE(colour, index * RGB, RGB);
  return { palette, indexOf: (colour: number) => indices.get(colour) ?? 0 };
}

function findNearest(colours: readonly number[], wanted: number): number {
  const nearer = (one: number, other: number) =>
    measureDistance(other, wanted) < measureDistance(one, wanted) ? other : one;
  return colours.reduce(nearer);
}

/** Measures the squared distance of two colours. */
function measureDistance(one: number, other: number): number {
  return [0, 8, 16].reduce((sum, bits) => sum + (((one >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0);
}

function predict(left: number, above: number, corner: number): number {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

function findChange(before: Picture, { width, height, pixels }: Picture) {
  let [left, top, right, bottom] = [width - 1, height - 1, 0, 0];
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] === before.pixels[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x),
      Math.max(bottom, y),
    ];
  }
  // A frame has at least one pixel.
  return { x: left, y: top, width: Math.max(1, right - left + 1), height: Math.max(1, bottom - top + 1) };
}

/** Compresses the rows of a rectangle. Without a filter, flat colours and text become smallest. */
function compress(
  { width, pixels }: Picture,
  area: { x: number; y: number; width: number; height: number },
  indexOf: (colour: number) => number,
): Buffer {
  const rows = Array.from({ length: area.height }, (_, line) => {
    const start = (area.y + line) * width + area.x;
    return Buffer.from([0, ...Array.from(pixels.subarray(start, start + area.width), indexOf)]);
  });
  return zlib.deflateSync(Buffer.concat(rows), { level: zlib.constants.Z_BEST_COMPRESSION, memLevel: 9 });
}
