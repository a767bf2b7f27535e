const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const HEADER_END = 24;

/** In pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** The size of a PNG, from its header (https://www.w3.org/TR/png-3/#11IHDR); undefined for anything else. */
export function pngSize(content: Buffer | undefined): PictureSize | undefined {
  if (!content || content.length < HEADER_END || !content.subarray(0, 8).equals(SIGNATURE)) return undefined;
  return { width: content.readUInt32BE(16), height: content.readUInt32BE(20) };
}
