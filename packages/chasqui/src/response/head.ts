import type { Headers } from "../request/headers.ts";
import type { Head } from "../transport/transport.ts";

/** A head with headers that somebody has made. */
export function headOf(status: number, statusText: string, headers: Headers): Head {
  return { status, statusText, headers, header: (name) => headers.get(name) ?? undefined };
}

/** The same head with headers of its own, made when they are read: one of several callers may write to them. */
export function headAlike(head: Head): Head {
  const { status, statusText } = head;
  let own: Headers | undefined;
  return {
    status,
    statusText,
    header: (name) => (own === undefined ? head.header(name) : (own.get(name) ?? undefined)),
    get headers() {
      own ??= head.headers.clone();
      return own;
    },
  };
}
