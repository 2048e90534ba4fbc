import { createHash, createHmac } from "node:crypto";
import type { Seen } from "./http-server.ts";

/**
 * Checks a signature of AWS as a server does: of what came over the wire, by the rules of AWS's documentation ("Create a signed
 * AWS API request"), with `node:crypto`. It shares nothing with what signs.
 *
 * @returns what is wrong, undefined where nothing is.
 */
export function signatureFault(
  seen: Seen,
  secret: string,
  rules: "s3" | "other" = "other",
): string | undefined {
  const { authorization = "" } = seen.headers;
  const [, credential = "", signedHeaders = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const [, date = "", region = "", service = "", end = ""] = credential.split("/");
  if (end !== "aws4_request") return "no signature";
  const time = seen.headers["x-amz-date"] ?? "";
  if (!time.startsWith(date)) return "another day";
  const names = signedHeaders.split(";");
  if (!names.includes("host")) return "host is not signed";
  const loose = Object.keys(seen.headers).find((name) => name.startsWith("x-amz-") && !names.includes(name));
  if (loose !== undefined) return `${loose} is not signed`;
  const digest = createHash("sha256").update(seen.body).digest("hex");
  const said = seen.headers["x-amz-content-sha256"];
  if (rules === "s3" && said === undefined) return "x-amz-content-sha256 is missing";
  if (said !== undefined && said !== "UNSIGNED-PAYLOAD" && said !== digest) return "the body is another";
  const [path = "", query = ""] = seen.target.split("?");
  const canonical = [
    seen.method,
    // S3 takes the name of an object, which "/" is part of, out of the path; others take the path as it came.
    encoded(rules === "s3" ? decoded(path) : path).replaceAll("%2F", "/"),
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => {
        const [name = "", value = ""] = pair.split("=", 2).map((text) => encoded(decoded(text)));
        return `${name}=${value}`;
      })
      .sort()
      .join("&"),
    ...names.map((name) => `${name}:${(seen.headers[name] ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signedHeaders,
    said ?? digest,
  ].join("\n");
  const scope = [date, region, service, end];
  const key = scope.reduce<Buffer | string>(
    (made, part) => createHmac("sha256", made).update(part).digest(),
    `AWS4${secret}`,
  );
  const text = [
    "AWS4-HMAC-SHA256",
    time,
    scope.join("/"),
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  return createHmac("sha256", key).update(text).digest("hex") === signature
    ? undefined
    : "the signature is another";
}

/** As servers read what a form may have written: a plus is a space. */
function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

/** All but the unreserved characters of RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
