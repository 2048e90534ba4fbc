import { BodyTooLargeError, ConsumedBodyError, HttpError, PaginationError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal } from "./assert.ts";
import type { Topic } from "./suite.ts";

interface Row {
  readonly id: number;
}

export const streams: Topic = {
  "lines come one by one": async ({ peers, client }) => {
    await using session = client();
    const lines: string[] = [];
    for await (const line of session.get(`${peers.own}/lines?n=3`).lines()) lines.push(line);
    equal(lines, ['{"n":0}', '{"n":1}', '{"n":2}']);
  },
  "JSON Lines are data": async ({ peers, client }) => {
    await using session = client();
    const rows: unknown[] = [];
    for await (const row of session.get(`${peers.own}/lines?n=3`).ndjson()) rows.push(row);
    equal(rows, [{ n: 0 }, { n: 1 }, { n: 2 }]);
  },
  "server-sent events, over a connection that ends in the middle": async ({ peers, client }) => {
    await using session = client();
    const ids: string[] = [];
    for await (const { id } of session.get(`${peers.api}/stream/events?n=4&drop=2&retry=1`).events()) {
      ids.push(id);
      if (ids.length === 4) break;
    }
    equal(ids, ["1", "2", "3", "4"]);
  },
  "a loop may be left early": async ({ peers, client }) => {
    await using session = client();
    // More often than a browser has connections to one server.
    for (let n = 0; n < 8; n++) {
      for await (const line of session.get(`${peers.own}/lines?n=1&open`).lines()) {
        equal(line, '{"n":0}');
        break;
      }
    }
  },
  "pieces of a body": async ({ peers, client }) => {
    await using session = client();
    let size = 0;
    for await (const piece of session.get(`${peers.own}/bytes?n=300000`).stream()) size += piece.length;
    equal(size, 300_000);
  },
  "stream: true resolves at the headers, and the body is taken once": async ({ peers, client }) => {
    await using session = client();
    const response = await session.get(`${peers.own}/bytes?n=5`, { stream: true });
    equal(await response.text(), "xxxxx");
    await using other = await session.get(`${peers.own}/bytes?n=5`, { stream: true });
    for await (const _piece of other.stream());
    await caught(other.text(), ConsumedBodyError);
  },
  "the body as a web stream": async ({ peers, client }) => {
    await using session = client();
    const { body } = await session.get(`${peers.own}/bytes?n=5`, { stream: true });
    equal(await new Response(body).text(), "xxxxx");
  },
  "a bad status of a stream has its body": async ({ peers, client }) => {
    await using session = client();
    const call = session.get(`${peers.own}/status?is=400&body={"why":1}`).lines();
    equal((await caught(call.next(), HttpError)).json(), { why: 1 });
  },
  "a line beyond maxRecord is refused": async ({ peers, client }) => {
    await using session = client({ maxRecord: 100 });
    await caught(session.get(`${peers.own}/bytes?n=5000`).lines().next(), BodyTooLargeError);
  },
  "every row of every style of pages": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.api });
    for (const by of ["link", "next", "page", "cursor", "offset"] as const) {
      const rows = await session.paginate<Row>(`/paging/${by}/posts`, { by }).all();
      equal([rows.length, new Set(rows.map(({ id }) => id)).size], [100, 100], by);
    }
  },
  "pages by a Link header, and a part of them": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.api });
    const rows = await session.paginate<Row>("/posts", { params: { _page: 1, _limit: 30 } }).all();
    equal(rows.length, 100);
    equal((await session.paginate<Row>("/posts", { params: { _page: 1, _limit: 30 } }).take(40)).length, 40);
    let pages = 0;
    for await (const page of session.paginate<Row>("/posts", { params: { _page: 1, _limit: 30 } }).pages()) {
      pages++;
      if (page.number === 2) break;
    }
    equal(pages, 2);
  },
  "pages that go in a circle are an error": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.api });
    await caught(session.paginate("/paging/faulty/aba/next/posts").all(), PaginationError);
  },
};
