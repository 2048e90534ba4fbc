/**
 * The dates of HTTP (RFC 9110 §5.6.7), read by `Retry-After`, `Expires`, `Last-Modified` and `Date`.
 *
 * @module
 */

const MONTHS: readonly string[] = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];

/** No date of HTTP is longer; what is, need not be looked at. */
const LONGEST = 64;

const ZONE = String.raw`(?: (?:gmt|utc?|z|([+-])(\d\d):?(\d\d)))?`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = new RegExp(String.raw`^(?:[a-z]{3}, ?)?(\d\d?) ([a-z]{3}) (\d{4}) ${TIME}${ZONE}$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = new RegExp(String.raw`^[a-z]{6,9}, ?(\d\d?)-([a-z]{3})-(\d\d) ${TIME}${ZONE}$`);
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(String.raw`^[a-z]{3} ([a-z]{3}) ([ \d]\d) ${TIME} (\d{4})$`);

/**
 * The moment that an HTTP date names, in milliseconds since 1970; undefined where the text is none.
 *
 * All three forms of RFC 9110 §5.6.7 are read. A date without a zone is UTC, whatever the zone of the machine. A
 * two-digit year is the latest one that is not more than 50 years ahead.
 *
 * @param text - The header's value.
 * @param now - Milliseconds since 1970; only a two-digit year needs it.
 * @example
 * ```ts
 * parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", Date.now()); // 784111777000
 * parseHttpDate("tomorrow", Date.now()); // undefined
 * ```
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  if (text.length > LONGEST) return undefined;
  const date = text.trim().toLowerCase();

  const imf = IMF_FIXDATE.exec(date);
  if (imf !== null) {
    const [, day, month, year, hour, minute, second, sign, hours, minutes] = imf;
    const at = moment(Number(year), month, day, hour, minute, second);
    return at === undefined ? undefined : at - offset(sign, hours, minutes);
  }

  const asctime = ASCTIME.exec(date);
  if (asctime !== null) {
    const [, month, day, hour, minute, second, year] = asctime;
    return moment(Number(year), month, day, hour, minute, second);
  }

  const rfc850 = RFC_850.exec(date);
  if (rfc850 === null) return undefined;
  const [, day, month, year, hour, minute, second, sign, hours, minutes] = rfc850;
  const fifty = new Date(now);
  fifty.setUTCFullYear(fifty.getUTCFullYear() + 50);
  const century = Math.floor(fifty.getUTCFullYear() / 100) * 100;
  for (const candidate of [century, century - 100, century - 200]) {
    const at = moment(candidate + Number(year), month, day, hour, minute, second);
    // A 29 February exists in one of the centuries only: go on looking.
    if (at === undefined) continue;
    const utc = at - offset(sign, hours, minutes);
    if (utc <= fifty.getTime()) return utc;
  }
  return undefined;
}

function offset(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? -ms : ms;
}

function moment(
  year: number,
  month: string | undefined,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
): number | undefined {
  const index = MONTHS.indexOf(month ?? "");
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)];
  // A second of 60 is a leap second, which RFC 5322 allows.
  if (index < 0 || h > 23 || m > 59 || s > 60) return undefined;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, index, d);
  if (date.getUTCDate() !== d || date.getUTCMonth() !== index) return undefined;
  return date.setUTCHours(h, m, s);
}
