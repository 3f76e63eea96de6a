import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate of a server, and of the authority that has issued it. In PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** Trusted by programs that are started with it in `NODE_EXTRA_CA_CERTS`, or `DENO_CERT`. */
  readonly authority: string;
}

/** Encodes a value in DER (ITU-T X.690). */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));

const OIDS = {
  ecdsaWithSha256: oid('2a8648ce3d040302'),
  commonName: oid('550403'),
  basicConstraints: oid('551d13'),
  keyUsage: oid('551d0f'),
  alternativeName: oid('551d11'),
};

const nameOf = (text: string) =>
  sequence(der(0x31, sequence(OIDS.commonName, der(0x0c, Buffer.from(text)))));

/** RFC 5280 section 4.1.2.5.1. */
const timeOf = (time: number) =>
  der(0x17, Buffer.from(`${new Date(time).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));

const extension = (id: Uint8Array, value: Uint8Array, isCritical = false) =>
  sequence(id, ...(isCritical ? [TRUE] : []), der(0x04, value));

interface Certified {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Uint8Array[];
}

const DAY_MS = 86_400_000;

function certificateOf({ subject, publicKey, issuer, extensions }: Certified): string {
  const algorithm = sequence(OIDS.ecdsaWithSha256);
  // A positive number: the first bit is 0.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    nameOf(issuer.name),
    sequence(timeOf(Date.now() - DAY_MS), timeOf(Date.now() + DAY_MS)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, issuer.key));
  const base64 = sequence(body, algorithm, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Issues a certificate (RFC 5280) by an authority that nobody trusts. @param addresses IPv4 addresses of the server */
export function issueCertificate(addresses: readonly string[]): TestCertificate {
  const [ca, server] = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ];
  const issuer = { name: 'Latchkey tests', key: ca.privateKey };
  // Signs certificates: bit 5.
  const usage = der(0x03, Buffer.from([2, 0x04]));
  const names = addresses.map((text) => der(0x87, Buffer.from(text.split('.').map(Number))));
  return {
    key: String(server.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    authority: certificateOf({
      subject: issuer.name,
      publicKey: ca.publicKey,
      issuer,
      extensions: [
        extension(OIDS.basicConstraints, sequence(TRUE), true),
        extension(OIDS.keyUsage, usage, true),
      ],
    }),
    cert: certificateOf({
      subject: 'mail.test',
      publicKey: server.publicKey,
      issuer,
      extensions: [
        extension(OIDS.alternativeName, sequence(der(0x82, Buffer.from('localhost')), ...names)),
      ],
    }),
  };
}
