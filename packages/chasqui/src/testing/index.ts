/**
 * For the tests of programs that use Chasqui: answers that were recorded and are played back, a server that says what it expects,
 * and faults on demand.
 *
 * @module
 */
export type { CassetteMode, CassetteOptions } from "./cassette.ts";
export { cassette } from "./cassette.ts";
export type { Recorded, RecordedBody } from "./cassette-file.ts";
export type {
  Expectation,
  FakeReply,
  FakeReplyFunction,
  FakeRequest,
  FakeRule,
  FakeServerOptions,
} from "./fake-server.ts";
export { FakeServer } from "./fake-server.ts";
export type { Fault, FaultEvent, FaultOptions } from "./faults.ts";
export { faults } from "./faults.ts";
export type { ReplayHAROptions } from "./replay-har.ts";
export { replayHAR } from "./replay-har.ts";
