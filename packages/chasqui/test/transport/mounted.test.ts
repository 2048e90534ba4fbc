import { expect, test } from "vitest";
import { Client, type ClientOptions, memory, OptionsError, type Transport } from "../../src/index.ts";
import { serve } from "../peers/http-server.ts";

/** A transport that answers its own name. */
function named(name: string): Transport {
  return memory(() => new Response(name));
}

test.each<[string, string]>([
  ["http://a.test/", "a"],
  ["http://A.TEST/anything?x=1", "a"],
  ["http://a.test:80/v1", "v1"],
  ["http://a.test/v1/x", "v1"],
  ["http://a.test/v1?x", "v1"],
  ["http://a.test/v10", "a"],
  ["http://a.test/V1/x", "v1"],
  ["http://a.test/mixed_CASE/x", "mixed"],
  ["http://a.test.evil.test/", "any http"],
  ["http://a.test:8080/", "any http"],
  ["https://a.test/", "any https"],
])(
  "#133 transports are mounted by the longest prefix of the URL, whatever its case: %s goes to %s",
  async (url, name) => {
    await using client = new Client({
      transport: {
        "HTTP://": named("any http"),
        "https://": named("any https"),
        "HTTP://A.test": named("a"),
        "http://a.test/v1/": named("v1"),
        "hTTp://A.test/MixEd_CAse": named("mixed"),
      },
    });
    expect(await client.get(url).text()).toBe(name);
  },
);

test("#133 what no prefix fits goes the default way", async () => {
  await using server = await serve((response) => void response.end("by a socket"));
  await using client = new Client({ transport: { "http://a.test": named("a") } });
  expect(await client.get(server.origin).text()).toBe("by a socket");
  expect(await client.get("http://a.test/").text()).toBe("a");
});

test("#133 a redirect from one to another goes to the other", async () => {
  const first = memory(() => new Response(null, { status: 302, headers: { location: "http://b.test/x" } }));
  await using client = new Client({ transport: { "http://a.test": first, "http://b.test": named("b") } });
  expect(await client.get("http://a.test/").text()).toBe("b");
});

test("each is closed once, with the client", async () => {
  let closed = 0;
  const transport: Transport = {
    send: () => Promise.reject(new Error("not asked")),
    close: async () => {
      closed++;
    },
  };
  await new Client({ transport: { "http://a.test": transport, "http://b.test": transport } }).close();
  expect(closed).toBe(1);
});

test.each<[string, unknown]>([
  ["a prefix that is no URL", { "ftp://a.test": named("a") }],
  ["a prefix without a scheme", { "a.test": named("a") }],
  ["an entry that is no transport", { "http://a.test": () => new Response("a") }],
  ["a list", [named("a")]],
])("%s is refused", (_, transport) => {
  expect(() => new Client({ transport } as ClientOptions)).toThrow(OptionsError);
});
