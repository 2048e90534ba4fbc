import { createHash, X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

/** A certificate and its key, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What the tests of TLS need: one authority, and leaves of it for each thing that may be wrong. */
export interface Certificates {
  readonly ca: Pair;
  /** An authority that nobody trusts, which vouches for nothing here. */
  readonly otherCa: Pair;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly localhost: Pair;
  /** The same names, another key. */
  readonly renewed: Pair;
  readonly expired: Pair;
  readonly notYet: Pair;
  /** For elsewhere.example alone. */
  readonly wrongHost: Pair;
  /** For localhost, and signed by itself. */
  readonly selfSigned: Pair;
  /** A client's. */
  readonly client: Pair;
  readonly otherClient: Pair;
  /** A client's whose key is encrypted with "open sesame". */
  readonly locked: Pair;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>["extensions"]>;

const YEAR = 365 * 24 * 3600 * 1000;
const AUTHORITY: Extensions = [
  { name: "basicConstraints", cA: true, critical: true },
  { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
];

function leafFor(...names: string[]): Extensions {
  return [
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, critical: true },
    { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    {
      name: "subjectAltName",
      altNames: names.map((name) => (/[:\d]$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })),
    },
  ];
}

async function pair(
  commonName: string,
  extensions: Extensions,
  signer: Pair | undefined,
  more: { readonly from?: Date; readonly to?: Date; readonly passphrase?: string } = {},
): Promise<Pair> {
  const made = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: more.from ?? new Date(Date.now() - YEAR),
    notAfterDate: more.to ?? new Date(Date.now() + YEAR),
    extensions,
    ...(signer === undefined ? {} : { ca: signer }),
    ...(more.passphrase === undefined ? {} : { passphrase: more.passphrase }),
  });
  return { cert: made.cert, key: made.private };
}

const LOCAL = leafFor("localhost", "127.0.0.1", "::1");

async function make(): Promise<Certificates> {
  const [ca, otherCa] = await Promise.all([
    pair("Test Authority", AUTHORITY, undefined),
    pair("Other Authority", AUTHORITY, undefined),
  ]);
  const now = Date.now();
  const [localhost, renewed, expired, notYet, wrongHost, selfSigned, client, otherClient, locked] =
    await Promise.all([
      pair("localhost", LOCAL, ca),
      pair("localhost", LOCAL, ca),
      pair("localhost", LOCAL, ca, { from: new Date(now - 2 * YEAR), to: new Date(now - YEAR) }),
      pair("localhost", LOCAL, ca, { from: new Date(now + YEAR), to: new Date(now + 2 * YEAR) }),
      pair("elsewhere.example", leafFor("elsewhere.example"), ca),
      pair("localhost", LOCAL, undefined),
      pair("alice", leafFor("alice.example"), ca),
      pair("bob", leafFor("bob.example"), ca),
      pair("carol", leafFor("carol.example"), ca, { passphrase: "open sesame" }),
    ]);
  return {
    ca,
    otherCa,
    localhost,
    renewed,
    expired,
    notYet,
    wrongHost,
    selfSigned,
    client,
    otherClient,
    locked,
  };
}

let made: Promise<Certificates> | undefined;

/** The certificates, made once a process. */
export function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

/** The pin of a certificate's key, as curl writes it. */
export function pinOf({ cert }: Pair): string {
  const key = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return `sha256//${createHash("sha256").update(key).digest("base64")}`;
}
