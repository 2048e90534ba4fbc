/** What works behind the faces of the library. Node, Bun and Deno have it at once; `lazy.ts` is its twin for browsers. */
export { SESSIONLESS } from "#platform";
export { isWhole, ownerOf } from "../response/response.ts";
export { Session } from "../session.ts";
