import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLinks } from "../../src/response/links.ts";

const BASE = "https://api.example.com/v1/posts?page=1";

/** Relation → URL, of an ordinary object, to compare with. */
function urls(header: string | readonly string[], base: string = BASE): Record<string, string> {
  return Object.fromEntries(Object.entries(parseLinks(header, base)).map(([rel, link]) => [rel, link.url]));
}

describe("#126 the Link header", () => {
  test.each<[string, string | readonly string[], Record<string, string>]>([
    ["no link", "", {}],
    ["no line", [], {}],
    [
      "GitHub",
      '<https://api.github.com/repositories/1/issues?page=2>; rel="next", <https://api.github.com/repositories/1/issues?page=7>; rel="last"',
      {
        next: "https://api.github.com/repositories/1/issues?page=2",
        last: "https://api.github.com/repositories/1/issues?page=7",
      },
    ],
    [
      "GitLab",
      '<https://gitlab.example.com/api/v4/projects?id_after=42&order_by=id&per_page=2>; rel="next", <https://gitlab.example.com/api/v4/projects?per_page=2>; rel="first"',
      {
        next: "https://gitlab.example.com/api/v4/projects?id_after=42&order_by=id&per_page=2",
        first: "https://gitlab.example.com/api/v4/projects?per_page=2",
      },
    ],
    [
      "GitHub, by a cursor",
      '<https://api.github.com/repositories/1/issues?per_page=2&after=Y3Vyc29yOnYy&page=2>; rel="next"',
      { next: "https://api.github.com/repositories/1/issues?per_page=2&after=Y3Vyc29yOnYy&page=2" },
    ],
    [
      "Shopify, with page_info",
      '<https://s.myshopify.com/admin/api/2026-10/products.json?limit=50&page_info=aGVsbG8>; rel="previous", <https://s.myshopify.com/admin/api/2026-10/products.json?limit=50&page_info=d29ybGQ=>; rel="next"',
      {
        previous: "https://s.myshopify.com/admin/api/2026-10/products.json?limit=50&page_info=aGVsbG8",
        next: "https://s.myshopify.com/admin/api/2026-10/products.json?limit=50&page_info=d29ybGQ=",
      },
    ],
    [
      "Canvas, in one line without spaces",
      '<https://school.instructure.com/api/v1/courses?page=1&per_page=10>; rel="current",<https://school.instructure.com/api/v1/courses?page=2&per_page=10>; rel="next",<https://school.instructure.com/api/v1/courses?page=1&per_page=10>; rel="first",<https://school.instructure.com/api/v1/courses?page=8&per_page=10>; rel="last"',
      {
        current: "https://school.instructure.com/api/v1/courses?page=1&per_page=10",
        next: "https://school.instructure.com/api/v1/courses?page=2&per_page=10",
        first: "https://school.instructure.com/api/v1/courses?page=1&per_page=10",
        last: "https://school.instructure.com/api/v1/courses?page=8&per_page=10",
      },
    ],
    [
      "Sentry, with results and a cursor",
      '<https://sentry.io/api/0/projects/1/releases/?&cursor=1:0:1>; rel="previous"; results="false"; cursor="1:0:1", <https://sentry.io/api/0/projects/1/releases/?&cursor=1:100:0>; rel="next"; results="true"; cursor="1:100:0"',
      {
        previous: "https://sentry.io/api/0/projects/1/releases/?&cursor=1:0:1",
        next: "https://sentry.io/api/0/projects/1/releases/?&cursor=1:100:0",
      },
    ],
    [
      "RFC 8288 3.5, several relations and extended titles",
      "</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, </TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
      {
        previous: "https://api.example.com/TheBook/chapter2",
        next: "https://api.example.com/TheBook/chapter4",
      },
    ],
    [
      "RFC 8288 3.5, a relation that is a URI",
      '<http://example.org/>; rel="start http://example.net/relation/other"',
      { start: "http://example.org/", "http://example.net/relation/other": "http://example.org/" },
    ],
    [
      "Okta, one line each",
      [
        '<https://x.okta.test/users?limit=2>; rel="self"',
        '<https://x.okta.test/users?after=abc&limit=2>; rel="next"',
      ],
      { self: "https://x.okta.test/users?limit=2", next: "https://x.okta.test/users?after=abc&limit=2" },
    ],
    ["unquoted", "</a>; rel=next", { next: "https://api.example.com/a" }],
    [
      "no spaces",
      '</a>;rel="next",</b>;rel=prev',
      { next: "https://api.example.com/a", prev: "https://api.example.com/b" },
    ],
    [
      "odd spaces",
      ' \t</a> \t; \trel \t= \t"next" \t, ,, </b> ; rel = prev ',
      {
        next: "https://api.example.com/a",
        prev: "https://api.example.com/b",
      },
    ],
    [
      "commas and semicolons in the URL",
      "<https://a.test/x;y=1,2;z?q=a,b;c>; rel=next",
      { next: "https://a.test/x;y=1,2;z?q=a,b;c" },
    ],
    [
      "commas, semicolons and quotes in quotes",
      '</a>; title="a, <b>; rel=\\"prev\\""; rel=next',
      { next: "https://api.example.com/a" },
    ],
    ["relative to the response", "<?page=2>; rel=next", { next: "https://api.example.com/v1/posts?page=2" }],
    ["scheme-relative", "<//b.test/x>; rel=next", { next: "https://b.test/x" }],
    ["empty is the response itself", "<>; rel=self", { self: BASE }],
    [
      "several relations",
      '</a>; rel="next  last https://rel.test/Custom"',
      {
        next: "https://api.example.com/a",
        last: "https://api.example.com/a",
        "https://rel.test/custom": "https://api.example.com/a",
      },
    ],
    ["relations in any case", '</a>; REL="Next"', { next: "https://api.example.com/a" }],
    ["the first of two counts", "</a>; rel=next, </b>; rel=next", { next: "https://api.example.com/a" }],
    ["the first of two rels counts", "</a>; rel=next; rel=prev", { next: "https://api.example.com/a" }],
    ["no relation", '</a>; title="x", </b>', {}],
    ["an empty relation", '</a>; rel="", </b>; rel, </c>; rel=', {}],
    ["flags and empty parts", "</a>; ; crossorigin; rel=next;", { next: "https://api.example.com/a" }],
  ])("%s", (_, header, expected) => {
    expect(urls(header)).toEqual(expected);
  });

  test.each<[string, string, Record<string, string>]>([
    ["no brackets", "/a; rel=prev, </b>; rel=next", { next: "https://api.example.com/b" }],
    ["never closed", "</b>; rel=next, </a; rel=prev", { next: "https://api.example.com/b" }],
    [
      "never closed, before a good one",
      "</a; rel=prev, </b>; rel=next",
      { next: "https://api.example.com/b" },
    ],
    ["text after the target", "</a> rel=prev, </b>; rel=next", { next: "https://api.example.com/b" }],
    ["text after a quoted value", '</a>; rel="prev"x, </b>; rel=next', { next: "https://api.example.com/b" }],
    [
      "a quote that is not closed",
      '</b>; rel=next, </a>; title="x, </c>; rel=prev',
      { next: "https://api.example.com/b" },
    ],
    ["no URL", "<http://[>; rel=prev, </b>; rel=next", { next: "https://api.example.com/b" }],
    ["no comma between", "</a>; rel=prev </b>; rel=next", { prev: "https://api.example.com/a" }],
    ["only signs", '<>,;="', {}],
  ])("malformed: %s", (_, header, expected) => {
    const found = urls(header);
    for (const [rel, url] of Object.entries(expected)) expect(found[rel] ?? `no ${rel}`).toBe(url);
  });

  test("a malformed line does not reach into the next one", () => {
    expect(urls(['</a>; rel="prev', "</b>; rel=next"])).toMatchObject({ next: "https://api.example.com/b" });
  });

  test.each<[string, Record<string, string>]>([
    ['</a>; rel=next; anchor="https://other.test/"', {}],
    ['</a>; rel=next; anchor="#part"', {}],
    ['</a>; rel=next; anchor="/v1/other"', {}],
    ['</a>; rel=next; anchor="http://["', {}],
    ['</a>; rel=next; anchor=""', { next: "https://api.example.com/a" }],
    [`</a>; rel=next; anchor="${BASE}"`, { next: "https://api.example.com/a" }],
    ['</a>; rel=prev; anchor="/x", </b>; rel=next', { next: "https://api.example.com/b" }],
  ])("RFC 8288 3.2 a link of another context is not ours: %s", (header, expected) => {
    expect(urls(header, `${BASE}#fragment`)).toEqual(expected);
  });

  test("attributes: lower-case names, the first of each, escapes undone", () => {
    const header = String.raw`</a>; rel=next; TITLE="say \"hi\" \\"; title=second; type=text/html; hreflang=en`;
    expect({ ...parseLinks(header, BASE).next?.params }).toEqual({
      title: String.raw`say "hi" \ `.trim(),
      type: "text/html",
      hreflang: "en",
    });
  });

  test("RFC 8187 title* beats title, and one that cannot be read does not", () => {
    const title = (attributes: string): string | undefined =>
      parseLinks(`</a>; rel=next; ${attributes}`, BASE).next?.params.title;
    expect(title("title*=UTF-8'de'n%c3%a4chstes%20Kapitel; title=plain")).toBe("nächstes Kapitel");
    expect(title("title=plain; title*=utf-8''%e2%82%ac")).toBe("€");
    expect(title("title=plain; title*=iso-8859-1''%e9")).toBe("plain");
    expect(title("title=plain; title*=utf-8''%ff")).toBe("plain");
    expect(title("title=plain; title*=nonsense")).toBe("plain");
  });

  test("names of Object.prototype are names like others", () => {
    const links = parseLinks("</a>; rel=__proto__; __proto__=x; constructor=y", BASE);
    expect(Object.getPrototypeOf(links)).toBeNull();
    expect(Object.keys(links)).toEqual(["__proto__"]);
    expect(links.toString).toBeUndefined();
    expect(parseLinks("", BASE).constructor).toBeUndefined();
    expect(Object.keys(Object.values(links)[0]?.params ?? {})).toEqual(["__proto__", "constructor"]);
  });
});

test.each([
  ["<", "<"],
  ["<>", "<>"],
  ["<>;", ";"],
  ["<>; a", "="],
  ['<>; a="', "\\"],
  ['<>; a="', '"'],
  ["<a>;rel=n", ", "],
  ["<a>; rel=", "a "],
  ["<a> ", '"<'],
  ["", "<a>;"],
  ["", "<,"],
])("hostile input costs its length: %j and many %j", (start, repeated) => {
  // Its square would be minutes, and the runner's limit ends that.
  const links = parseLinks(start + repeated.repeat(200_000), BASE);
  expect(Object.keys(links).length).toBeLessThanOrEqual(1);
});

test("what is written is read", () => {
  const rel = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
  const value = fc.string({ maxLength: 12 }).filter((text) => /^[\x20-\x7e]*$/.test(text));
  const link = fc.record({
    path: fc.stringMatching(/^[a-z0-9,;=?&/]{0,10}$/),
    rels: fc.uniqueArray(rel, { minLength: 1, maxLength: 3 }),
    title: fc.option(value, { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(link, { maxLength: 5 }), fc.boolean(), (given, joined) => {
      const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
      const written = given.map(({ path, rels, title }) => {
        const attribute = title === undefined ? "" : `; title=${quoted(title)}`;
        return `<https://a.test/${path}>${attribute}; rel="${rels.join(" ")}"`;
      });
      const links = parseLinks(joined ? written.join(", ") : written, BASE);
      const expected = new Map<string, { url: string; title: string | undefined }>();
      for (const { path, rels, title } of given) {
        const url = new URL(`https://a.test/${path}`).href;
        for (const name of rels) if (!expected.has(name)) expected.set(name, { url, title });
      }
      expect(new Set(Object.keys(links))).toEqual(new Set(expected.keys()));
      for (const [name, { url, title }] of expected) {
        expect(links[name]).toMatchObject({ url, rel: name });
        expect(links[name]?.params.title).toBe(title);
      }
    }),
    { seed: 126 },
  );
});

test("whatever comes, it is read without an error", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."<>;,=\"\\ ab*'%/:#".split(""), "rel=next"),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, (header) => {
      for (const link of Object.values(parseLinks(header, BASE))) expect(URL.canParse(link.url)).toBe(true);
    }),
    { seed: 8288, numRuns: 2000 },
  );
});

test("plain links are read as if they were not: a space before the relation makes no difference", () => {
  const target = fc.stringMatching(/^[/?<>;,"a-z:.[ ]{0,12}$/);
  const relation = fc.constantFrom("next", "last", "prev", "up", "next last", "Next", "");
  const after = fc.constantFrom("", ", ", ",", " ,", "; title=x, ", " x", '"', ";");
  const link = fc.tuple(target, relation, after);
  fc.assert(
    fc.property(fc.array(link, { maxLength: 4 }), (parts) => {
      const written = (gap: string): string =>
        parts.map(([url, rel, end]) => `<${url}>;${gap}rel="${rel}"${end}`).join("");
      expect(parseLinks(written(" "), BASE)).toEqual(parseLinks(written("  "), BASE));
    }),
    { seed: 20_260_103, numRuns: 5000 },
  );
});
