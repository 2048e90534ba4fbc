/** What a file's ending says about it. Unknown endings are `application/octet-stream`: a guess that claims nothing. */
const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ["7z", "application/x-7z-compressed"],
  ["aac", "audio/aac"],
  ["avif", "image/avif"],
  ["bmp", "image/bmp"],
  ["bz2", "application/x-bzip2"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["doc", "application/msword"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["epub", "application/epub+zip"],
  ["flac", "audio/flac"],
  ["gif", "image/gif"],
  ["gz", "application/gzip"],
  ["heic", "image/heic"],
  ["htm", "text/html"],
  ["html", "text/html"],
  ["ico", "image/vnd.microsoft.icon"],
  ["ics", "text/calendar"],
  ["jpeg", "image/jpeg"],
  ["jpg", "image/jpeg"],
  ["js", "text/javascript"],
  ["json", "application/json"],
  ["jsonl", "application/jsonl"],
  ["jsonld", "application/ld+json"],
  ["m4a", "audio/mp4"],
  ["md", "text/markdown"],
  ["mjs", "text/javascript"],
  ["mov", "video/quicktime"],
  ["mp3", "audio/mpeg"],
  ["mp4", "video/mp4"],
  ["mpeg", "video/mpeg"],
  ["ndjson", "application/x-ndjson"],
  ["odt", "application/vnd.oasis.opendocument.text"],
  ["ogg", "audio/ogg"],
  ["otf", "font/otf"],
  ["parquet", "application/vnd.apache.parquet"],
  ["pdf", "application/pdf"],
  ["png", "image/png"],
  ["pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  ["rtf", "application/rtf"],
  ["sqlite", "application/vnd.sqlite3"],
  ["svg", "image/svg+xml"],
  ["tar", "application/x-tar"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["tsv", "text/tab-separated-values"],
  ["ttf", "font/ttf"],
  ["txt", "text/plain"],
  ["wasm", "application/wasm"],
  ["wav", "audio/wav"],
  ["webm", "video/webm"],
  ["webp", "image/webp"],
  ["woff", "font/woff"],
  ["woff2", "font/woff2"],
  ["xls", "application/vnd.ms-excel"],
  ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["xml", "application/xml"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["zip", "application/zip"],
  ["zst", "application/zstd"],
]);

/** The type of bytes of which nothing is known. */
const UNKNOWN_TYPE = "application/octet-stream";

/**
 * Guesses a file's content type from its ending, as browsers do.
 *
 * @param filename - A name or path.
 * @returns The type, `application/octet-stream` where the ending is unknown or there is none.
 * @example
 * ```ts
 * guessContentType("photo.PNG"); // "image/png"
 * ```
 */
export function guessContentType(filename: string): string {
  const dot = filename.lastIndexOf(".");
  return dot === -1 ? UNKNOWN_TYPE : (BY_ENDING.get(filename.slice(dot + 1).toLowerCase()) ?? UNKNOWN_TYPE);
}

/** A Content-Type taken apart. */
export interface ContentType {
  /** Type and subtype in lower case, such as `text/html`; empty where the header does not start with one. */
  readonly type: string;
  /** The parameters by their name in lower case; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Takes a Content-Type apart (RFC 9110 §8.3.1): parameters in any order, quoted or not, and as leniently as servers
 * write them.
 *
 * @param value - The header's value; null and undefined have no type and no parameters.
 * @example
 * ```ts
 * parseContentType('text/html; Charset="utf-8"').parameters.get("charset"); // "utf-8"
 * ```
 */
export function parseContentType(value: string | null | undefined): ContentType {
  const parameters = new Map<string, string>();
  if (value === null || value === undefined) return { type: "", parameters };
  let at = endOf(value, 0, ";");
  const type = value.slice(0, at).trim().toLowerCase();
  while (at < value.length) {
    const start = at + 1;
    const equals = endOf(value, start, "=;");
    if (value[equals] !== "=") {
      at = equals;
      continue;
    }
    const name = value.slice(start, equals).trim().toLowerCase();
    let from = equals + 1;
    while (value[from] === " " || value[from] === "\t") from++;
    let text: string;
    if (value[from] === '"') {
      [text, at] = quoted(value, from + 1);
      at = endOf(value, at, ";");
    } else {
      at = endOf(value, from, ";");
      text = value.slice(from, at).trim();
    }
    if (name !== "" && !parameters.has(name)) parameters.set(name, text);
  }
  return { type: /^[^\s/;]+\/[^\s/;]+$/.test(type) ? type : "", parameters };
}

function endOf(value: string, from: number, delimiters: string): number {
  let at = from;
  while (at < value.length && !delimiters.includes(value[at] ?? "")) at++;
  return at;
}

/** Reads a quoted-string (RFC 9110 §5.6.4) from behind its first quote. */
function quoted(value: string, from: number): [text: string, end: number] {
  let text = "";
  let at = from;
  while (at < value.length && value[at] !== '"') {
    if (value[at] === "\\" && at + 1 < value.length) at++;
    text += value[at];
    at++;
  }
  return [text, at + 1];
}
