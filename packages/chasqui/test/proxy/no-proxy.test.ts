import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/index.ts";
import { canonicalHost, isLoopback } from "../../src/transport/proxy/address.ts";
import { NoProxy } from "../../src/transport/proxy/no-proxy.ts";
import { destinationOf } from "../../src/transport/proxy/proxies.ts";

function isListed(list: string, url: string): boolean {
  return NoProxy.fromVariable(list).find(destinationOf(new URL(url).origin)) !== undefined;
}

describe("#106 no_proxy: whom it names", () => {
  test.each([
    ["an exact host", "example.com", "http://example.com/", true],
    ["another host", "example.com", "http://example.org/", false],
    ["a domain and all below it", "example.com", "https://api.example.com/", true],
    ["two levels below", "example.com", "https://v1.api.example.com/", true],
    ["no host that only ends alike", "ample.com", "http://example.com/", false],
    ["no host that only ends in localhost", "localhost", "http://prelocalhost/", false],
    ["nor one with the name in front", "example.com", "http://example.com.evil.test/", false],
    ["a host is not its domain", "api.example.com", "http://example.com/", false],
    ["a dot in front: below it", ".example.com", "http://api.example.com/", true],
    ["a dot in front: the domain too, as for curl", ".example.com", "http://example.com/", true],
    ["a dot in front keeps the boundary", ".ample.com", "http://example.com/", false],
    ["a star and a dot in front", "*.example.com", "http://api.example.com/", true],
    ["any case", "EXAMPLE.Com", "http://example.COM/", true],
    ["a star is all", "*", "http://example.com/", true],
    ["a star among others is all", "x.test, *", "https://[2001:db8::1]/", true],
    ["an empty list is none", "", "http://example.com/", false],
    ["commas alone are none", " , ,", "http://example.com/", false],
    ["spaces around entries", "  x.test ,   example.com  ", "http://example.com/", true],
    ["spaces between entries", "x.test example.com", "http://example.com/", true],
    ["a port that is meant", "example.com:8080", "http://example.com:8080/", true],
    ["another port", "example.com:8080", "http://example.com/", false],
    ["the scheme's own port", "example.com:443", "https://example.com/", true],
    ["the scheme's own port of the other scheme", "example.com:443", "http://example.com/", false],
    ["a port of all below", ".example.com:8080", "http://api.example.com:8080/", true],
    ["a scheme", "https://example.com", "https://example.com/", true],
    ["another scheme", "https://example.com", "http://example.com/", false],
    ["an IPv4 address", "192.0.2.7", "http://192.0.2.7/", true],
    ["an address is no suffix", "2.7", "http://192.0.2.7/", false],
    ["an address with a port", "192.0.2.7:81", "http://192.0.2.7:81/", true],
    ["an address with another port", "192.0.2.7:81", "http://192.0.2.7/", false],
    ["an IPv6 address", "2001:db8::1", "http://[2001:db8::1]/", true],
    ["an IPv6 address in brackets", "[2001:db8::1]", "http://[2001:db8::1]/", true],
    ["an IPv6 address written at length", "2001:0DB8:0:0:0:0:0:1", "http://[2001:db8::1]/", true],
    ["an IPv6 address with a port", "[2001:db8::1]:8080", "http://[2001:db8::1]:8080/", true],
    ["an IPv6 address with another port", "[2001:db8::1]:8080", "http://[2001:db8::1]/", false],
    ["a block of IPv4", "10.0.0.0/8", "http://10.200.3.4/", true],
    ["not beyond the block", "10.0.0.0/8", "http://11.0.0.1/", false],
    ["a block that ends within a byte", "192.0.2.128/25", "http://192.0.2.129/", true],
    ["its other half", "192.0.2.128/25", "http://192.0.2.127/", false],
    ["a block of one", "192.0.2.1/32", "http://192.0.2.1/", true],
    ["a block of all", "0.0.0.0/0", "http://203.0.113.9/", true],
    ["a block of all IPv4 has no IPv6", "0.0.0.0/0", "http://[2001:db8::1]/", false],
    ["a block with more bits than there are", "10.0.0.0/33", "http://10.0.0.0/", false],
    ["a block of IPv6", "2001:db8::/32", "http://[2001:db8:1::5]/", true],
    ["not beyond it", "2001:db8::/32", "http://[2001:db9::5]/", false],
    ["a block of IPv4 as IPv6", "::ffff:10.0.0.0/104", "http://10.1.2.3/", true],
    ["a name is in no block", "10.0.0.0/8", "http://ten.test/", false],
    ["what is no host is nobody", "<local>", "http://local/", false],
    ["what is no host spoils no other", "<local>,a/b,example.com", "http://example.com/", true],
    ["international names", "bücher.example", "http://xn--bcher-kva.example/", true],
  ])("%s: %s, %s", (_what, list, url, expected) => {
    expect(isListed(list, url)).toBe(expected);
  });
});

describe("S53 both sides are canonical before they are compared", () => {
  test.each([
    ["a dot at the end of the host", "example.com", "http://example.com./"],
    ["a dot at the end of the entry", "example.com.", "http://example.com/"],
    ["an octal address", "127.0.0.1", "http://0177.0.0.1/"],
    ["a hexadecimal address", "127.0.0.1", "http://0x7f.1/"],
    ["an address of one number", "127.0.0.1", "http://2130706433/"],
    ["an octal entry", "0177.0.0.1", "http://127.0.0.1/"],
    ["IPv4 in IPv6", "127.0.0.1", "http://[::ffff:127.0.0.1]/"],
    ["IPv4 in IPv6, in hexadecimal", "127.0.0.1", "http://[::ffff:7f00:1]/"],
    ["an entry of IPv4 in IPv6", "::ffff:10.1.2.3", "http://10.1.2.3/"],
    ["a block that has the address of another spelling", "127.0.0.0/8", "http://[::ffff:7f00:1]/"],
    ["the loopback of IPv6 at length", "::1", "http://[0:0:0:0:0:0:0:1]/"],
    ["a percent sign in the host", "example.com", "http://ex%61mple.com/"],
    ["full-width letters", "example.com", "http://ｅxample.com/"],
  ])("%s: %s, %s", (_what, list, url) => {
    expect(isListed(list, url)).toBe(true);
  });

  test.each([
    ["localhost", true],
    ["LOCALHOST.", true],
    ["api.localhost", true],
    ["prelocalhost", false],
    ["localhost.evil.test", false],
    ["127.0.0.1", true],
    ["127.255.3.4", true],
    ["0x7f.1", true],
    ["0", true],
    ["[::1]", true],
    ["[::]", true],
    ["[::ffff:127.0.0.1]", true],
    ["[::2]", false],
    ["128.0.0.1", false],
    ["example.com", false],
  ])("this machine is known by every name of it: %s is %s", (host, expected) => {
    expect(isLoopback(canonicalHost(host) ?? "")).toBe(expected);
  });

  test("every spelling of an IPv4 address is the address, and no other one is", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const spell = fc.constantFrom(10, 8, 16);
    fc.assert(
      fc.property(
        fc.tuple(byte, byte, byte, byte),
        fc.array(spell, { minLength: 4, maxLength: 4 }),
        (bytes, bases) => {
          const written = bytes.map((value, at) => {
            const base = bases[at] ?? 10;
            return (base === 16 ? "0x" : base === 8 ? "0" : "") + value.toString(base);
          });
          const address = bytes.join(".");
          const [a, b, c, d] = bytes;
          const other = [a, b, c, d ^ 1].join(".");
          expect(isListed(address, `http://${written.join(".")}/`)).toBe(true);
          expect(isListed(other, `http://${written.join(".")}/`)).toBe(false);
          expect(isListed(`${other}/31`, `http://${written.join(".")}/`)).toBe(true);
          expect(isListed(address, `http://[::ffff:${address}]/`)).toBe(true);
        },
      ),
      { seed: 106 },
    );
  });
});

describe("a list in an option is read strictly", () => {
  test("a text and a list say the same", () => {
    const to = destinationOf("http://10.0.0.1");
    expect(NoProxy.fromOption("x.test, 10.0.0.0/8", "proxy.noProxy").find(to)).toBe("10.0.0.0/8");
    expect(NoProxy.fromOption(["x.test", "10.0.0.0/8"], "proxy.noProxy").find(to)).toBe("10.0.0.0/8");
  });

  test.each([
    ["an entry that is no host", ["a/b"], '`proxy.noProxy` has the entry "a/b", which is no host'],
    ["a number", 5, "`proxy.noProxy` is the number 5; it takes hosts, in a list or with commas"],
    ["a list with a number", ["a", 5], "it takes hosts"],
  ])("%s", (_what, value, message) => {
    expect(() => NoProxy.fromOption(value, "proxy.noProxy")).toThrow(OptionsError);
    expect(() => NoProxy.fromOption(value, "proxy.noProxy")).toThrow(message);
  });
});
