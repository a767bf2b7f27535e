import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** Public part of a key that signs receipts, as a JWK (RFC 8037). The published key set adds `use` and `alg`. */
export interface PublicReceiptKey {
  kty: 'OKP';
  crv: 'Ed25519';
  /** Thumbprint of the key (RFC 7638). */
  kid: string;
  x: string;
}

export interface ReceiptKey {
  publicKey: PublicReceiptKey;
  privateKey: KeyObject;
}

const ANY_PEM = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
/** Permission bits of a file's group and of all other users. */
const OTHERS = 0o077;

/**
 * Reads an Ed25519 private key in PKCS#8: PEM on one line (`\n` between its lines), or the name of a file. Throws an Error whose
 * message continues the name of the setting.
 */
export function readReceiptKey(value: string): ReceiptKey {
  const text = value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : readKeyFile(value);
  const blocks = [...text.matchAll(ANY_PEM)];
  const [block] = blocks;
  if (!block) throw new Error('has no PEM block: it must be an Ed25519 private key in PKCS#8');
  if (blocks.length > 1) throw new Error('has several PEM blocks: it must be one key');
  const [, label = '', body = ''] = block;
  if (label.includes('PUBLIC')) throw new Error('is a public key: it must be the private one');
  const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? [];
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
  } catch {
    throw new Error('cannot be read: it must be an Ed25519 private key in PKCS#8, without a password');
  }
  if (privateKey.asymmetricKeyType !== 'ed25519' || label !== 'PRIVATE KEY')
    throw new Error(`is a key of the type ${privateKey.asymmetricKeyType}: it must be Ed25519 in PKCS#8`);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { publicKey: { kty: 'OKP', crv: 'Ed25519', kid: computeKeyId(x), x }, privateKey };
}

function readKeyFile(path: string): string {
  try {
    const { mode } = statSync(path);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new Error(`can be read or written by other users of this machine: chmod 600 ${path}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // Without the name of the file: the value may be a key without its PEM lines.
    throw new Error(`is neither PEM nor the name of a file that can be read (${error.code})`);
  }
}

function computeKeyId(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}

/** Signs claims as a compact JWS (RFC 7515). */
export function signReceipt(claims: object, { publicKey, privateKey }: ReceiptKey): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = { alg: 'EdDSA', typ: 'approval-receipt+jwt', kid: publicKey.kid };
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign(undefined, Buffer.from(signed), privateKey).toString('base64url')}`;
}
