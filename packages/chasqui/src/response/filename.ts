/**
 * The name of a file that a server proposes, made safe to use. A server may be anybody: what it says names a file in the
 * folder that the caller chose, and never a folder, a hidden file or a device (RFC 6266 4.3).
 *
 * @module
 */

/** No file system takes a longer name, in bytes; what Chasqui adds to it has room beside it. */
const LONGEST = 200;
/** What Windows takes for devices, whatever the ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Controls, and letters that turn the text around, so that `exe.txt` is read where `txt.exe` stands. */
const DECEIVING = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * The name that a `Content-Disposition` proposes (RFC 6266), undefined where it proposes none that can be used. `filename*`
 * (RFC 8187) goes before `filename`.
 */
export function proposedName(disposition: string | undefined): string | undefined {
  if (disposition === undefined) return undefined;
  let plain: string | undefined;
  for (const [, name = "", quoted, bare] of disposition.matchAll(PARAMETER)) {
    const value = quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(.)/g, "$1");
    if (name.toLowerCase() === "filename*") {
      const extended = safeName(extendedValue(value));
      if (extended !== undefined) return extended;
    } else if (name.toLowerCase() === "filename") plain ??= value;
  }
  return plain === undefined ? undefined : safeName(asUtf8(plain));
}

const PARAMETER = /;[ \t]*([\w!#$&+\-^`.|~*]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"\s][^;\s]*))/g;

/** The last part of a URL's path, as a name. */
export function nameInUrl(url: string): string | undefined {
  const last = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  try {
    return safeName(decodeURIComponent(last));
  } catch {
    return safeName(last);
  }
}

/** A name that names a file in a folder and nothing else; undefined where nothing is left of it. */
function safeName(name: string | undefined): string | undefined {
  const last = name?.replaceAll(DECEIVING, "").split(/[/\\]/).at(-1) ?? "";
  const safe = cut(
    last
      .replaceAll(/[<>:"|?*]/g, "_")
      // Hidden, or `.` and `..`; and Windows leaves out what a name ends in.
      .replace(/^[.\s]+/, "")
      .replace(/[.\s]+$/, ""),
  );
  if (safe === "") return undefined;
  return DEVICE.test(safe) ? `_${safe}` : safe;
}

/** RFC 8187: a charset, perhaps a language, and bytes in percent signs. */
function extendedValue(value: string): string | undefined {
  const [, charset = "", coded = ""] = /^([\w-]+)'[\w-]*'(.*)$/.exec(value) ?? [];
  try {
    if (charset.toLowerCase() === "utf-8") return decodeURIComponent(coded);
    if (charset.toLowerCase() !== "iso-8859-1") return undefined;
    return coded.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  } catch {
    return undefined;
  }
}

/** Headers are read byte by byte; most servers that write more than ASCII write UTF-8. */
function asUtf8(text: string): string {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0);
  if (!codes.some((code) => code > 0x7f) || codes.some((code) => code > 0xff)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(codes));
  } catch {
    return text;
  }
}

/** Shortened before its ending, which says what the file is. */
function cut(name: string): string {
  const size = (text: string): number => new TextEncoder().encode(text).length;
  if (size(name) <= LONGEST) return name;
  const ending = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? "";
  let stem = "";
  let bytes = size(ending);
  for (const letter of name.slice(0, name.length - ending.length)) {
    bytes += size(letter);
    if (bytes > LONGEST) break;
    stem += letter;
  }
  return stem + ending;
}
