/**
 * What a browser loads with the first call: all that a call may need under way. When the network has failed nothing more can be
 * loaded, neither what tells of that nor what tries again.
 *
 * @module
 */
export { Story } from "../pipeline/story.ts";
export { validate } from "../response/schema.ts";
export { fetchFailure } from "../transport/fetch-failure.ts";
export { isWhole, ownerOf, Session } from "./eager.ts";
