import { describe, expect, test } from "vitest";
import { Client, HttpError, NetworkError, OptionsError, TimeoutError } from "../../src/index.ts";
import { type Fault, type FaultEvent, faults } from "../../src/testing/index.ts";
import { caught } from "../peers/caught.ts";
import { until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";

async function faultsOf(seed: number, calls: number): Promise<string[]> {
  const told: string[] = [];
  await using server = await serve(json({}));
  const onFault = ({ fault, exchange }: FaultEvent): void => void told.push(`${exchange} ${fault}`);
  await using client = new Client({
    baseUrl: server.origin,
    retry: false,
    transport: faults({ seed, share: 0.3, onFault }),
  });
  for (let call = 0; call < calls; call++) await client.get("/").result();
  return told;
}

describe("faults", () => {
  test("are the same for the same seed, and others for another", async () => {
    const first = await faultsOf(7, 60);
    expect(await faultsOf(7, 60)).toEqual(first);
    expect(await faultsOf(8, 60)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(8);
    expect(first.length).toBeLessThan(30);
    expect(new Set(first.map((line) => line.split(" ")[1])).size).toBeGreaterThan(3);
  });

  test.each<[Fault, new (...args: never[]) => Error, Record<string, unknown>, number]>([
    ["refused", NetworkError, { kind: "refused" }, 0],
    ["dns", NetworkError, { kind: "dns" }, 0],
    ["unreachable", NetworkError, { kind: "unreachable" }, 0],
    ["reset", NetworkError, { kind: "reset" }, 0],
    ["closed", NetworkError, { kind: "closed" }, 1],
    ["timeout", TimeoutError, { phase: "headers" }, 0],
    [503, HttpError, { status: 503 }, 0],
  ])("%s ends a call as the real one does, after so many requests", async (fault, kind, facts, requests) => {
    await using server = await serve(json({}));
    const transport = faults({ share: 1, kinds: [fault] });
    await using client = new Client({ baseUrl: server.origin, retry: false, transport });
    const error = await caught<Error>(client.get("/").json(), kind);
    expect(error).toMatchObject(facts);
    const { host, port } = new URL(server.origin);
    if (error instanceof NetworkError) expect(error).toMatchObject({ host, port: Number(port) });
    expect(server.seen).toHaveLength(requests);
  });

  test.each<[Fault, number]>([
    ["refused", 3],
    ["reset", 1],
    ["closed", 1],
  ])("a POST that meets %s is tried as often as it may be", async (fault, attempts) => {
    await using server = await serve(json({}));
    const transport = faults({ share: 1, kinds: [fault] });
    await using client = new Client({ baseUrl: server.origin, retry: { backoff: { base: 0 } }, transport });
    expect(await caught(client.post("/", { json: 1 }), NetworkError)).toMatchObject({ attempts });
  });

  test("a body that is streamed breaks off after its beginning, and its connection is not held", async () => {
    await using server = await serve((response) => {
      response.write("beginning");
    });
    await using client = new Client({ retry: false, transport: faults({ share: 1, kinds: ["closed"] }) });
    const read: string[] = [];
    const loop = async (): Promise<void> => {
      for await (const piece of client.get(server.origin).stream())
        read.push(new TextDecoder().decode(piece));
    };
    await caught(loop(), NetworkError);
    expect(read).toEqual(["beginning"]);
    await until(() => server.open() === 0);
  });

  test("retries come to an answer in spite of them", async () => {
    await using server = await serve(json({ a: 1 }));
    const transport = faults({ seed: 3, share: 0.5, kinds: ["reset", "closed", 503] });
    await using client = new Client({
      baseUrl: server.origin,
      transport,
      retry: { attempts: 20, backoff: { base: 0 }, budget: false },
    });
    for (let call = 0; call < 50; call++) expect(await client.get("/").json()).toEqual({ a: 1 });
  });

  test.each([
    [{ seed: 0.5 }, "seed"],
    [{ share: 2 }, "share"],
    [{ kinds: [] }, "kinds"],
    [{ kinds: ["flood"] }, "kinds"],
    [{ rate: 1 }, "rate"],
  ])("%o is refused, and named", (options, option) => {
    expect(() => faults(JSON.parse(JSON.stringify(options)))).toThrow(expect.objectContaining({ option }));
    expect(() => faults(JSON.parse(JSON.stringify(options)))).toThrow(OptionsError);
  });
});
