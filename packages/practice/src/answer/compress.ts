import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** A coding that can be asked for. */
export type Coding = "br" | "gzip";

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);
/** Brotli's best takes a hundred times as long as its fourth, for a tenth fewer bytes. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** The coding that an `Accept-Encoding` prefers (RFC 9110, 12.5.3): the greatest weight, br before gzip where they tie. */
export function chooseCoding(accepted: string | null): Coding | undefined {
  const weights = new Map<string, number>();
  for (const item of (accepted ?? "").toLowerCase().split(",")) {
    const [name = "", ...params] = item.split(";").map((part) => part.trim());
    const quality = params.find((param) => param.startsWith("q="));
    if (name !== "") weights.set(name, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  const weight = (coding: Coding) => weights.get(coding) ?? weights.get("*") ?? 0;
  const best: Coding = weight("br") >= weight("gzip") ? "br" : "gzip";
  // Whoever would rather have it as it is gets it so.
  return weight(best) > 0 && weight(best) >= (weights.get("identity") ?? 0) ? best : undefined;
}

/** Compresses a body. */
export async function compress(body: Uint8Array, coding: Coding): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (coding === "br" ? brotlied(body, BROTLI) : gzipped(body)));
}
